package io.mlflowexporter.cost.pricing;

import java.time.LocalDate;
import java.time.ZoneId;

/** Calendar days in a time zone: 23, 24 or 25 hours long, as daylight saving time has it. */
public final class CalendarDays {
    private CalendarDays() {}

    /** The day's first instant, Unix milliseconds; not always midnight. */
    public static long start(LocalDate day, ZoneId zone) {
        return day.atStartOfDay(zone).toInstant().toEpochMilli();
    }
}
