package io.mlflowexporter.llm;

import io.mlflowexporter.cost.pricing.CalendarDays;
import io.mlflowexporter.llm.sums.Hours;
import io.mlflowexporter.metric.SlidingWindow;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;

/**
 * A stretch of time up to now, in whole hours: a trace is in it if the hour in which it started is.
 *
 * @param label value of the {@code window} label
 * @param fromHour its first hour, counted from the epoch
 */
record LlmWindow(String label, int fromHour) {
    static final String DAY = SlidingWindow.DAY.label();
    static final String MONTH = "month";

    /** The windows at one reading of the clock: 24, 168 and 720 hours, and the calendar month to date. */
    static List<LlmWindow> at(long nowMillis, ZoneId zone) {
        LocalDate today = LocalDate.ofInstant(Instant.ofEpochMilli(nowMillis), zone);
        long month = CalendarDays.start(today.withDayOfMonth(1), zone);
        return List.of(
                of(SlidingWindow.DAY, nowMillis),
                of(SlidingWindow.WEEK, nowMillis),
                of(SlidingWindow.THIRTY_DAYS, nowMillis),
                new LlmWindow(MONTH, Hours.of(month)));
    }

    private static LlmWindow of(SlidingWindow window, long nowMillis) {
        return new LlmWindow(window.label(), Hours.of(nowMillis - window.millis()));
    }
}
