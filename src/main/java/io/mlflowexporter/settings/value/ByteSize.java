package io.mlflowexporter.settings.value;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A number of bytes, written as {@code 64KiB}, {@code 256MiB}, {@code 1GiB} or a plain number of bytes. */
@SettingType(
        value = "size",
        json = {"string", "integer"},
        pattern = "^[0-9]+(KiB|MiB|GiB)?$")
public record ByteSize(long bytes) implements Comparable<ByteSize> {
    private static final Pattern TEXT = Pattern.compile("([0-9]{1,18})(KiB|MiB|GiB)?");

    /**
     * Reads a size as it stands in the configuration.
     *
     * @throws IllegalArgumentException if the text is none; says what is allowed
     */
    public static ByteSize of(String text) {
        Matcher matcher = TEXT.matcher(text);
        if (!matcher.matches()) {
            throw new BadValueException(Quoted.shown(text) + (text.startsWith("-") ? " is negative" : " is not a size")
                    + "; allowed: a number of bytes, or one with a unit KiB, MiB or GiB, such as 64KiB or 256MiB");
        }
        long number = Long.parseLong(matcher.group(1));
        String unit = matcher.group(2) == null ? "" : matcher.group(2);
        int shift = switch (unit) {
            case "KiB" -> 10;
            case "MiB" -> 20;
            case "GiB" -> 30;
            default -> 0;
        };
        if (number > Long.MAX_VALUE >> shift) {
            throw new BadValueException(Quoted.shown(text) + " is too large a size");
        }
        return new ByteSize(number << shift);
    }

    @Override
    public int compareTo(ByteSize other) {
        return Long.compare(bytes, other.bytes);
    }

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
