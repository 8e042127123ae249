package io.mlflowexporter.config;

/** A number of bytes, written as {@code 64KiB}, {@code 256MiB}, {@code 1GiB} or a plain number of bytes. */
public record ByteSize(long bytes) {
    @Override
    public String toString() {
        String[] units = {"GiB", "MiB", "KiB"};
        for (int i = 0; i < units.length; i++) {
            long unit = 1L << (30 - 10 * i);
            if (bytes >= unit && bytes % unit == 0) {
                return bytes / unit + units[i];
            }
        }
        return Long.toString(bytes);
    }
}
