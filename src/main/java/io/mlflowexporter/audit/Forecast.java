package io.mlflowexporter.audit;

import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/** What a calendar period is expected to cost, by the formula of {@code docs/cost-model.md}. */
final class Forecast {
    private static final int DAYS_BACK = 28;
    private static final long HOUR = 3_600_000;

    /** Spent evenly. */
    private record Spent(long from, long until, BigDecimal perHour) {}

    /** Spent by a run of now, that is thought to run until then. */
    private record Running(long until, BigDecimal perHour) {}

    private final long nowMillis;
    private final ZoneId zone;
    private final LocalDate today;
    private final LocalDate first;
    private final LocalDate next;
    private final List<Spent> spent = new ArrayList<>();
    private final List<Running> running = new ArrayList<>();

    /**
     * Of a period from one day until before another.
     *
     * @param first not after today
     */
    Forecast(long nowMillis, ZoneId zone, LocalDate first, LocalDate next) {
        this.nowMillis = nowMillis;
        this.zone = zone;
        this.today = Instant.ofEpochMilli(nowMillis).atZone(zone).toLocalDate();
        this.first = first;
        this.next = next;
    }

    void spent(long from, long until, BigDecimal perHour) {
        spent.add(new Spent(from, until, perHour));
    }

    void running(long since, BigDecimal perHour) {
        running.add(new Running(nowMillis + (nowMillis - since), perHour));
    }

    private long start(LocalDate day) {
        return day.atStartOfDay(zone).toInstant().toEpochMilli();
    }

    private static BigDecimal cost(BigDecimal perHour, long from, long until) {
        return from < until
                ? perHour.multiply(new BigDecimal(until - from)).divide(Book.MILLIS_PER_HOUR, Book.EXACT)
                : BigDecimal.ZERO;
    }

    private BigDecimal cost(long from, long until) {
        return spent.stream()
                .map(it -> cost(it.perHour(), Math.max(from, it.from()), Math.min(until, it.until())))
                .reduce(BigDecimal.ZERO, BigDecimal::add);
    }

    BigDecimal toDate() {
        return cost(start(first), nowMillis);
    }

    BigDecimal expected() {
        BigDecimal expected = toDate();
        for (LocalDate day = today; day.isBefore(next); day = day.plusDays(1)) {
            long from = day.equals(today) ? nowMillis : start(day);
            long until = start(day.plusDays(1));
            if (start(day) < until) {
                expected = expected.add(usual(day, from, until).max(committed(from, until)));
            }
        }
        return expected;
    }

    private BigDecimal committed(long from, long until) {
        return running.stream()
                .map(run -> cost(run.perHour(), from, Math.min(until, run.until())))
                .reduce(BigDecimal.ZERO, BigDecimal::add);
    }

    /** What a stretch up to the end of a day usually costs. */
    private BigDecimal usual(LocalDate day, long from, long until) {
        OptionalLong began = spent.stream()
                .filter(it -> it.from() < it.until())
                .mapToLong(Spent::from)
                .min();
        if (began.isEmpty()) {
            return BigDecimal.ZERO;
        }
        long intoDay = day.equals(today) ? nowMillis - start(today) : 0;
        List<BigDecimal> all = new ArrayList<>();
        List<BigDecimal> sameWeekday = new ArrayList<>();
        for (int back = DAYS_BACK; back > 0; back--) {
            LocalDate past = today.minusDays(back);
            if (start(past) >= began.getAsLong()) {
                BigDecimal cost = cost(start(past) + intoDay, start(past.plusDays(1)));
                all.add(cost);
                if (past.getDayOfWeek() == day.getDayOfWeek()) {
                    sameWeekday.add(cost);
                }
            }
        }
        if (!all.isEmpty()) {
            return mean(sameWeekday.isEmpty() ? all : sameWeekday);
        }
        long since = Math.max(began.getAsLong(), start(today));
        return nowMillis - since < HOUR
                ? BigDecimal.ZERO
                : cost(start(today), nowMillis)
                        .multiply(new BigDecimal(until - from))
                        .divide(new BigDecimal(nowMillis - since), Book.EXACT);
    }

    private static BigDecimal mean(List<BigDecimal> costs) {
        return costs.stream().reduce(BigDecimal.ZERO, BigDecimal::add).divide(new BigDecimal(costs.size()), Book.EXACT);
    }
}
