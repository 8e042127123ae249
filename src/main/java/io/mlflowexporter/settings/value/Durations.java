package io.mlflowexporter.settings.value;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as the configuration writes them: {@code 500ms}, {@code 60s}, {@code 1h30m}, {@code 7d}. */
public final class Durations {
    /** What every duration matches, as a regular expression of JSON Schema. */
    public static final String PATTERN = "^([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?$";

    private static final Pattern PARTS = Pattern.compile(
            "(?:([0-9]{1,18})d)?(?:([0-9]{1,18})h)?(?:([0-9]{1,18})m)?(?:([0-9]{1,18})s)?(?:([0-9]{1,18})ms)?");
    private static final long[] MILLIS = {86_400_000, 3_600_000, 60_000, 1000, 1};
    private static final String[] UNITS = {"d", "h", "m", "s", "ms"};
    private static final Pattern NUMBER = Pattern.compile("[0-9]+");
    private static final Pattern FRACTION = Pattern.compile("[0-9]*\\.[0-9]+(ms|[smhd])?");

    private Durations() {}

    /**
     * Reads a duration of whole milliseconds.
     *
     * @throws IllegalArgumentException if the text is none, saying what is allowed
     */
    public static Duration parse(String text) {
        Matcher parts = PARTS.matcher(text);
        if (text.isEmpty() || !parts.matches()) {
            throw new BadValueException(Quoted.shown(text) + hint(text) + "; allowed: a number with a unit ms, s, m, h"
                    + " or d, such as 500ms, 60s, 10m, 24h, 7d or 1h30m");
        }
        try {
            long millis = 0;
            for (int i = 0; i < MILLIS.length; i++) {
                if (parts.group(i + 1) != null) {
                    long part = Math.multiplyExact(Long.parseLong(parts.group(i + 1)), MILLIS[i]);
                    millis = Math.addExact(millis, part);
                }
            }
            return Duration.ofMillis(millis);
        } catch (ArithmeticException overflow) {
            throw new BadValueException(Quoted.shown(text) + " is too long a duration");
        }
    }

    private static String hint(String text) {
        if (NUMBER.matcher(text).matches()) {
            return " has no unit";
        }
        if (text.startsWith("-")) {
            return " is negative";
        }
        return FRACTION.matcher(text).matches() ? " is not whole" : " is not a duration";
    }

    /** Writes a duration, which is 0 or more, in the fewest parts, cut to milliseconds. */
    public static String print(Duration duration) {
        long rest = duration.toMillis();
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < MILLIS.length; i++) {
            if (rest >= MILLIS[i]) {
                out.append(rest / MILLIS[i]).append(UNITS[i]);
                rest %= MILLIS[i];
            }
        }
        return out.isEmpty() ? "0s" : out.toString();
    }
}
