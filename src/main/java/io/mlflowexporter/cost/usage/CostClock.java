package io.mlflowexporter.cost.usage;

import io.mlflowexporter.catalog.KeptRows;
import io.mlflowexporter.cost.pricing.CalendarDays;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.List;

/** A reading of the clock, and where the times lie then that sinks look back to. */
public final class CostClock {
    /** Days before today that are looked back on: four of each weekday. */
    public static final int DAYS_BACK = 28;

    public final long nowMillis;
    public final LocalDate today;
    public final List<CostWindow> windows;
    public final CostWindow last30Days;
    /** Beginning of each day looked at: 28 days ago up to and including tomorrow. */
    public final long[] dayStarts = new long[DAYS_BACK + 2];

    public final long sinceMidnight;
    /** Times that go on with the clock as long as the day lasts, in ascending order. */
    private final long[] sliding;

    public CostClock(long nowMillis, ZoneId zone) {
        this.nowMillis = nowMillis;
        this.today = Instant.ofEpochMilli(nowMillis).atZone(zone).toLocalDate();
        this.windows = CostWindow.at(nowMillis, today, zone);
        this.last30Days = CostWindow.last30Days(nowMillis);
        for (int i = 0; i < dayStarts.length; i++) {
            dayStarts[i] = CalendarDays.start(today.plusDays(i - DAYS_BACK), zone);
        }
        this.sinceMidnight = nowMillis - dayStarts[DAYS_BACK];
        long[] sameTimes = Arrays.stream(dayStarts, 0, DAYS_BACK)
                .map(start -> start + sinceMidnight)
                .toArray();
        long[] slidingWindows = windows.stream()
                .filter(CostWindow::slides)
                .mapToLong(CostWindow::fromMillis)
                .toArray();
        this.sliding = Arrays.copyOf(sameTimes, sameTimes.length + slidingWindows.length);
        System.arraycopy(slidingWindows, 0, sliding, sameTimes.length, slidingWindows.length);
        Arrays.sort(sliding);
    }

    /**
     * Until when a stretch of the past lies to all these times as it lies now, while the day lasts: as
     * {@link KeptRows.Sums#put} says it.
     */
    public long holdsUntil(long fromMillis, long untilMillis) {
        int found = Arrays.binarySearch(sliding, fromMillis);
        int after = found >= 0 ? found + 1 : -found - 1;
        if (after < sliding.length && sliding[after] < untilMillis) {
            return KeptRows.AGAIN;
        }
        return after == 0 ? KeptRows.FOREVER : nowMillis + (fromMillis - sliding[after - 1]);
    }
}
