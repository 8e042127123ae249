package io.mlflowexporter.cost;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Expected spend of a calendar period:
 *
 * <p>spent to date + Σ over the rest of the period's days of max(usual, committed), where
 *
 * <ul>
 *   <li>usual is the mean cost of that weekday over the last four weeks, of today only what was spent after this time
 *       of day; of weekdays not known yet, the mean of all known days; with no whole day known, today's cost per hour so
 *       far;
 *   <li>committed is what the runs of now spend that day if each runs on for as long again as it has run. That is the
 *       median of what is left by J. R. Gott, Nature 363 (1993), for a thing met at no special time of its life.
 * </ul>
 *
 * <p>The greater of the two and not their sum, since usual days have such runs too.
 */
final class Forecast {
    static final int WEEKS = 4;
    private static final int DAYS_BACK = 7 * WEEKS;
    private static final double MILLIS_PER_HOUR = 3_600_000;

    private final ZoneId zone;
    private final long nowMillis;
    private final LocalDate today;
    private final long periodFrom;
    private final long periodUntil;
    /** Beginning of each day looked at: 28 days ago up to and including tomorrow. */
    private final long[] dayStarts = new long[DAYS_BACK + 2];

    private final double[] dayCosts = new double[DAYS_BACK + 1];
    /** Of {@link #dayCosts} what was spent after this time of day. */
    private final double[] restCosts = new double[DAYS_BACK + 1];

    private final long sinceMidnight;
    private final List<Running> running = new ArrayList<>();
    private double toDate;
    private long firstMillis = Long.MAX_VALUE;

    private record Running(long untilMillis, double perHour) {}

    /**
     * Begins with nothing spent.
     *
     * @param first the period's first day, not after today
     * @param next the first day after it
     */
    Forecast(long nowMillis, ZoneId zone, LocalDate first, LocalDate next) {
        this.zone = zone;
        this.nowMillis = nowMillis;
        this.today = Instant.ofEpochMilli(nowMillis).atZone(zone).toLocalDate();
        this.periodFrom = Days.start(first, zone);
        this.periodUntil = Days.start(next, zone);
        for (int i = 0; i < dayStarts.length; i++) {
            dayStarts[i] = Days.start(today.plusDays(i - DAYS_BACK), zone);
        }
        this.sinceMidnight = nowMillis - dayStarts[DAYS_BACK];
    }

    /** Takes what was spent evenly at a rate per hour; what is after now does not count. */
    void spent(long fromMillis, long untilMillis, double perHour) {
        long until = Math.min(untilMillis, nowMillis);
        if (fromMillis >= until) {
            return;
        }
        firstMillis = Math.min(firstMillis, fromMillis);
        toDate += perHour * hours(Math.max(fromMillis, periodFrom), until);
        if (until <= dayStarts[0]) {
            return;
        }
        int found = Arrays.binarySearch(dayStarts, Math.max(fromMillis, dayStarts[0]));
        for (int day = found >= 0 ? found : -found - 2; day < dayCosts.length && dayStarts[day] < until; day++) {
            long dayUntil = Math.min(until, dayStarts[day + 1]);
            dayCosts[day] += perHour * hours(Math.max(fromMillis, dayStarts[day]), dayUntil);
            restCosts[day] += perHour * hours(Math.max(fromMillis, dayStarts[day] + sinceMidnight), dayUntil);
        }
    }

    /** Takes that a run, started then, spends at a rate now. */
    void running(long startMillis, double perHour) {
        running.add(new Running(nowMillis + Math.max(0, nowMillis - startMillis), perHour));
    }

    private static double hours(long fromMillis, long untilMillis) {
        return Math.max(0, untilMillis - fromMillis) / MILLIS_PER_HOUR;
    }

    /** Spent in the period so far. */
    double toDate() {
        return toDate;
    }

    /** Expected for the whole period. */
    double expected() {
        double rest = 0;
        for (LocalDate day = today; Days.start(day, zone) < periodUntil; day = day.plusDays(1)) {
            long start = Days.start(day, zone);
            long next = Days.start(day.plusDays(1), zone);
            // A zone that changes sides of the date line skips a day.
            if (start < next) {
                rest += day.equals(today)
                        ? Math.max(usual(day, restCosts, nowMillis), committed(nowMillis, next))
                        : Math.max(usual(day, dayCosts, start), committed(start, next));
            }
        }
        return toDate + rest;
    }

    private double committed(long fromMillis, long untilMillis) {
        double sum = 0;
        for (Running run : running) {
            sum += run.perHour * hours(fromMillis, Math.min(untilMillis, run.untilMillis));
        }
        return sum;
    }

    /** What a day such as this one usually costs from some time on. */
    private double usual(LocalDate day, double[] costs, long fromMillis) {
        double sum = 0;
        int days = 0;
        double allSum = 0;
        int allDays = 0;
        for (int i = 0; i < DAYS_BACK; i++) {
            if (dayStarts[i] >= firstMillis) {
                allSum += costs[i];
                allDays++;
                if (today.plusDays(i - DAYS_BACK).getDayOfWeek() == day.getDayOfWeek()) {
                    sum += costs[i];
                    days++;
                }
            }
        }
        if (days > 0) {
            return sum / days;
        }
        if (allDays > 0) {
            return allSum / allDays;
        }
        double soFar = hours(Math.max(firstMillis, dayStarts[DAYS_BACK]), nowMillis);
        // Less than an hour says nothing of a day.
        return soFar < 1 ? 0 : dayCosts[DAYS_BACK] / soFar * hours(fromMillis, Days.start(day.plusDays(1), zone));
    }
}
