package io.mlflowexporter.cost.budget;

import io.mlflowexporter.cost.pricing.CalendarDays;
import io.mlflowexporter.cost.usage.CostClock;
import io.mlflowexporter.cost.usage.CostSink;
import io.mlflowexporter.cost.usage.MachineShare;
import io.mlflowexporter.metric.ExactSum;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

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
public final class Forecast {

    private final ZoneId zone;
    private final long periodFrom;
    private final long periodUntil;
    private CostClock now;
    private final Daily dayCosts = new Daily();
    /** Of {@link #dayCosts} what was spent after this time of day. */
    private final Daily restCosts = new Daily();

    private final ExactSum toDate = new ExactSum();
    /** Of runs that run, all of which are told anew at each refresh. */
    private final List<Running> running = new ArrayList<>();

    private long firstMillis = Long.MAX_VALUE;
    /** What was spent first was taken back, and it is not known what was next. */
    private boolean firstLost;

    private record Running(long untilMillis, double perHour) {}

    /** A sum for each day looked back on; most experiments spend on few. */
    private static final class Daily {
        private final @Nullable ExactSum[] sums = new ExactSum[CostClock.DAYS_BACK + 1];

        void add(int day, double cost, int times) {
            ExactSum sum = sums[day];
            if (sum == null) {
                sum = new ExactSum();
                sums[day] = sum;
            }
            sum.add(cost, times);
        }

        double of(int day) {
            ExactSum sum = sums[day];
            return sum == null ? 0 : sum.value();
        }
    }

    /**
     * Begins with nothing spent.
     *
     * @param first the period's first day, not after today
     * @param next the first day after it
     */
    public Forecast(CostClock now, ZoneId zone, LocalDate first, LocalDate next) {
        this.now = now;
        this.zone = zone;
        this.periodFrom = CalendarDays.start(first, zone);
        this.periodUntil = CalendarDays.start(next, zone);
    }

    /** From now on this is the time, of the same day. */
    void at(CostClock later) {
        now = later;
        running.clear();
    }

    /**
     * Takes what was spent at a rate per hour, or takes it back; what is after now does not count.
     *
     * @param machine which part of it is to be paid
     * @param times 1, or -1 for what was taken before
     */
    public void spent(MachineShare machine, long fromMillis, long untilMillis, double perHour, int times) {
        long until = Math.min(untilMillis, now.nowMillis);
        // Nothing yet, but something that is spent on.
        toDate.add(perHour * hours(machine, Math.max(fromMillis, periodFrom), until), times);
        if (fromMillis >= until) {
            return;
        }
        if (times > 0) {
            firstLost &= fromMillis > firstMillis;
            firstMillis = Math.min(firstMillis, fromMillis);
        } else {
            firstLost |= fromMillis == firstMillis;
        }
        long[] dayStarts = now.dayStarts;
        if (until <= dayStarts[0]) {
            return;
        }
        int found = Arrays.binarySearch(dayStarts, Math.max(fromMillis, dayStarts[0]));
        for (int day = found >= 0 ? found : -found - 2; day <= CostClock.DAYS_BACK && dayStarts[day] < until; day++) {
            long dayUntil = Math.min(until, dayStarts[day + 1]);
            dayCosts.add(day, perHour * hours(machine, Math.max(fromMillis, dayStarts[day]), dayUntil), times);
            long sameTime = dayStarts[day] + now.sinceMidnight;
            restCosts.add(day, perHour * hours(machine, Math.max(fromMillis, sameTime), dayUntil), times);
        }
    }

    /** Takes that a run that has run for so long spends at a rate now. */
    public void running(long millis, double perHour) {
        running.add(new Running(now.nowMillis + millis, perHour));
    }

    /** Whether all that was taken is taken back. */
    boolean isEmpty() {
        return toDate.isEmpty();
    }

    /** False where it is no longer known what was spent first. */
    boolean whole() {
        return !firstLost || isEmpty();
    }

    private static double hours(MachineShare machine, long fromMillis, long untilMillis) {
        return fromMillis < untilMillis ? machine.millis(fromMillis, untilMillis) / CostSink.MILLIS_PER_HOUR : 0;
    }

    private static double hours(long fromMillis, long untilMillis) {
        return Math.max(0, untilMillis - fromMillis) / CostSink.MILLIS_PER_HOUR;
    }

    /** Spent in the period so far. */
    public double toDate() {
        return toDate.value();
    }

    /** Expected for the whole period. */
    public double expected() {
        double rest = 0;
        for (LocalDate day = now.today; CalendarDays.start(day, zone) < periodUntil; day = day.plusDays(1)) {
            long start = CalendarDays.start(day, zone);
            long next = CalendarDays.start(day.plusDays(1), zone);
            // A zone that changes sides of the date line skips a day.
            if (start < next) {
                rest += day.equals(now.today)
                        ? Math.max(usual(day, restCosts, now.nowMillis), committed(now.nowMillis, next))
                        : Math.max(usual(day, dayCosts, start), committed(start, next));
            }
        }
        return toDate.value() + rest;
    }

    private double committed(long fromMillis, long untilMillis) {
        double sum = 0;
        for (Running run : running) {
            sum += run.perHour * hours(fromMillis, Math.min(untilMillis, run.untilMillis));
        }
        return sum;
    }

    /** What a day such as this one usually costs from some time on. */
    private double usual(LocalDate day, Daily costs, long fromMillis) {
        double sum = 0;
        int days = 0;
        double allSum = 0;
        int allDays = 0;
        for (int i = 0; i < CostClock.DAYS_BACK; i++) {
            if (now.dayStarts[i] >= firstMillis) {
                allSum += costs.of(i);
                allDays++;
                if (now.today.plusDays(i - CostClock.DAYS_BACK).getDayOfWeek() == day.getDayOfWeek()) {
                    sum += costs.of(i);
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
        double soFar = hours(Math.max(firstMillis, now.dayStarts[CostClock.DAYS_BACK]), now.nowMillis);
        // Less than an hour says nothing of a day.
        return soFar < 1
                ? 0
                : dayCosts.of(CostClock.DAYS_BACK)
                        / soFar
                        * hours(fromMillis, CalendarDays.start(day.plusDays(1), zone));
    }
}
