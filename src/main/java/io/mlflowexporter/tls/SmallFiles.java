package io.mlflowexporter.tls;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads files that somebody else writes, which may be anything. */
public final class SmallFiles {
    private SmallFiles() {}

    /**
     * The file's content.
     *
     * @param most bytes
     * @throws IOException if it cannot be read, is larger, or is a pipe or a device, which would be waited for
     */
    public static byte[] read(Path file, int most) throws IOException {
        if (Files.exists(file) && !Files.isRegularFile(file)) {
            throw new IOException("not a regular file");
        }
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(most + 1);
            if (bytes.length > most) {
                throw new IOException("larger than " + (most >> 10) + " KiB");
            }
            return bytes;
        }
    }
}
