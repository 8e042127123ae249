package io.mlflowexporter.cost;

import java.time.LocalDate;
import java.time.ZoneId;

/** Calendar days in a time zone: 23, 24 or 25 hours long, as daylight saving time has it. */
final class Days {
    private Days() {}

    /** The day's first instant, Unix milliseconds; not always midnight. */
    static long start(LocalDate day, ZoneId zone) {
        return day.atStartOfDay(zone).toInstant().toEpochMilli();
    }
}
