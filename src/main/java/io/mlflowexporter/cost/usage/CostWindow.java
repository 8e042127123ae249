package io.mlflowexporter.cost.usage;

import io.mlflowexporter.cost.pricing.CalendarDays;
import io.mlflowexporter.metric.SlidingWindow;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;

/**
 * A stretch of time up to now that gauges look back on.
 *
 * @param label value of the {@code window} label
 * @param fromMillis its beginning, Unix milliseconds
 */
public record CostWindow(String label, long fromMillis) {
    private static final String MONTH = "month";

    /** The windows at one reading of the clock: 24, 168 and 720 hours, and the calendar month to date. */
    static List<CostWindow> at(long nowMillis, LocalDate today, ZoneId zone) {
        return List.of(
                of(SlidingWindow.DAY, nowMillis),
                of(SlidingWindow.WEEK, nowMillis),
                last30Days(nowMillis),
                new CostWindow(MONTH, CalendarDays.start(today.withDayOfMonth(1), zone)));
    }

    static CostWindow last30Days(long nowMillis) {
        return of(SlidingWindow.THIRTY_DAYS, nowMillis);
    }

    private static CostWindow of(SlidingWindow window, long nowMillis) {
        return new CostWindow(window.label(), nowMillis - window.millis());
    }

    /** Whether its beginning goes on with the clock. */
    boolean slides() {
        return !label.equals(MONTH);
    }
}
