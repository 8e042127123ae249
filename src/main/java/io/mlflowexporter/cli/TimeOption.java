package io.mlflowexporter.cli;

import io.mlflowexporter.settings.value.Durations;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.regex.Pattern;

/** Points in time as options write them. */
final class TimeOption {
    private static final String NOW = "now";
    private static final Pattern SECONDS = Pattern.compile("[0-9]{1,11}");

    private TimeOption() {}

    /**
     * Reads {@code now}, {@code now-30d}, {@code 2026-10-01}, {@code 2026-10-01T12:00:00Z} or Unix seconds.
     *
     * @throws IllegalArgumentException if the text is none of these, saying so
     */
    static Instant parse(String text, Instant now) {
        try {
            if (text.equals(NOW)) {
                return now;
            }
            if (text.startsWith(NOW + "-")) {
                return now.minus(Durations.parse(text.substring(NOW.length() + 1)));
            }
            if (SECONDS.matcher(text).matches()) {
                return Instant.ofEpochSecond(Long.parseLong(text));
            }
            return text.indexOf('T') < 0
                    ? LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant()
                    : OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeException | IllegalArgumentException | ArithmeticException e) {
            throw new IllegalArgumentException(
                    "'" + text + "' is not a time; allowed: 2026-10-01 (UTC), 2026-10-01T12:00:00Z, Unix seconds, now"
                            + " or now-30d",
                    e);
        }
    }
}
