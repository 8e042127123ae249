package io.mlflowexporter.settings.value;

import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeParseException;

/** A date, which means its first instant in a time zone yet to be said, or a date and time with an offset from UTC. */
@SettingType(value = "date or time", pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}")
public final class DateOrTime {
    private final String text;
    private final Object value;

    private DateOrTime(String text, Object value) {
        this.text = text;
        this.value = value;
    }

    /**
     * Reads {@code 2026-01-31} or {@code 2026-01-31T12:00:00Z}.
     *
     * @throws BadValueException if the text is neither
     */
    public static DateOrTime of(String text) {
        try {
            return new DateOrTime(
                    text,
                    text.length() <= 10
                            ? LocalDate.parse(text)
                            : OffsetDateTime.parse(text).toInstant());
        } catch (DateTimeParseException e) {
            throw new BadValueException(Quoted.shown(text)
                    + " is not a time; allowed: a date such as 2026-01-31, or a date and time with an offset such as"
                    + " 2026-01-31T12:00:00Z or 2026-01-31T12:00:00+01:00");
        }
    }

    /** An instant. */
    public static DateOrTime at(Instant instant) {
        return new DateOrTime(instant.toString(), instant);
    }

    /** The instant in Unix milliseconds. */
    public long millis(ZoneId zone) {
        return value instanceof LocalDate date
                ? date.atStartOfDay(zone).toInstant().toEpochMilli()
                : ((Instant) value).toEpochMilli();
    }

    @Override
    public String toString() {
        return text;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof DateOrTime that && that.value.equals(value);
    }

    @Override
    public int hashCode() {
        return value.hashCode();
    }
}
