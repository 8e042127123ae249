package io.mlflowexporter.audit;

import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

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
    /** What past days cost, and what the rests of them did, once all is told. */
    private final Map<Boolean, Map<LocalDate, BigDecimal>> past = new HashMap<>();

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
        past.clear();
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
        long began = spent.stream()
                .filter(it -> it.from() < it.until())
                .mapToLong(Spent::from)
                .min()
                .orElse(nowMillis);
        Map<LocalDate, BigDecimal> all = past.computeIfAbsent(day.equals(today), ofToday -> past(began, ofToday));
        List<BigDecimal> sameWeekday = all.entrySet().stream()
                .filter(it -> it.getKey().getDayOfWeek() == day.getDayOfWeek())
                .map(Map.Entry::getValue)
                .toList();
        if (!all.isEmpty()) {
            return mean(sameWeekday.isEmpty() ? all.values() : sameWeekday);
        }
        long since = Math.max(began, start(today));
        return nowMillis - since < HOUR
                ? BigDecimal.ZERO
                : cost(start(today), nowMillis)
                        .multiply(new BigDecimal(until - from))
                        .divide(new BigDecimal(nowMillis - since), Book.EXACT);
    }

    /**
     * What the whole days before today cost.
     *
     * @param rest only what was spent after this time of day
     */
    private Map<LocalDate, BigDecimal> past(long began, boolean rest) {
        Map<LocalDate, BigDecimal> costs = new LinkedHashMap<>();
        for (int back = DAYS_BACK; back > 0; back--) {
            LocalDate day = today.minusDays(back);
            if (start(day) >= began) {
                long from = start(day) + (rest ? nowMillis - start(today) : 0);
                costs.put(day, cost(from, start(day.plusDays(1))));
            }
        }
        return costs;
    }

    private static BigDecimal mean(Collection<BigDecimal> costs) {
        return costs.stream().reduce(BigDecimal.ZERO, BigDecimal::add).divide(new BigDecimal(costs.size()), Book.EXACT);
    }
}
