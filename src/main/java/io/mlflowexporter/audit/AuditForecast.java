package io.mlflowexporter.audit;

import java.math.BigDecimal;
import java.time.DayOfWeek;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a calendar period is expected to cost, by the formula of {@code docs/cost-model.md}. */
final class AuditForecast {
    private static final int DAYS_BACK = 28;
    private static final long HOUR = 3_600_000;

    /** Spent at a rate, as far as it is paid. */
    private record Spent(MachineTime machine, long from, long until, BigDecimal perHour) {}

    /** Spent by a run of now, that is thought to run until then. */
    private record Running(long until, BigDecimal perHour) {}

    private final AuditPricing book;
    private final long nowMillis;
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
    AuditForecast(AuditPricing book, long nowMillis, LocalDate first, LocalDate next) {
        this.nowMillis = nowMillis;
        this.book = book;
        this.today = book.day(nowMillis);
        this.first = first;
        this.next = next;
    }

    void spent(MachineTime machine, long from, long until, BigDecimal perHour) {
        spent.add(new Spent(machine, from, until, perHour));
    }

    /** @param millis for how long it has run */
    void running(long millis, BigDecimal perHour) {
        running.add(new Running(nowMillis + millis, perHour));
    }

    private BigDecimal cost(long from, long until) {
        return spent.stream()
                .map(it -> AuditPricing.cost(
                        it.perHour(), it.machine().millis(Math.max(from, it.from()), Math.min(until, it.until()))))
                .reduce(BigDecimal.ZERO, BigDecimal::add);
    }

    BigDecimal toDate() {
        return cost(book.start(first), nowMillis);
    }

    BigDecimal expected() {
        long began = began();
        Map<LocalDate, BigDecimal> restsOfDays = past(began, nowMillis - book.start(today));
        Map<LocalDate, BigDecimal> wholeDays = past(began, 0);
        BigDecimal expected = toDate();
        for (LocalDate day = today; day.isBefore(next); day = day.plusDays(1)) {
            long from = day.equals(today) ? nowMillis : book.start(day);
            long until = book.start(day.plusDays(1));
            if (book.start(day) < until) {
                Map<LocalDate, BigDecimal> alike = day.equals(today) ? restsOfDays : wholeDays;
                BigDecimal usual = alike.isEmpty() ? asToday(began, until - from) : usual(day.getDayOfWeek(), alike);
                expected = expected.add(usual.max(committed(from, until)));
            }
        }
        return expected;
    }

    private long began() {
        return spent.stream()
                .filter(it -> it.from() < it.until())
                .mapToLong(Spent::from)
                .min()
                .orElse(nowMillis);
    }

    private BigDecimal committed(long from, long until) {
        return running.stream()
                .map(run -> AuditPricing.cost(run.perHour(), from, Math.min(until, run.until())))
                .reduce(BigDecimal.ZERO, BigDecimal::add);
    }

    private static BigDecimal usual(DayOfWeek weekday, Map<LocalDate, BigDecimal> past) {
        List<BigDecimal> sameWeekday = past.entrySet().stream()
                .filter(it -> it.getKey().getDayOfWeek() == weekday)
                .map(Map.Entry::getValue)
                .toList();
        return mean(sameWeekday.isEmpty() ? past.values() : sameWeekday);
    }

    /** What so much time costs if it goes on as today has gone so far. */
    private BigDecimal asToday(long began, long millis) {
        long since = Math.max(began, book.start(today));
        return nowMillis - since < HOUR
                ? BigDecimal.ZERO
                : cost(book.start(today), nowMillis)
                        .multiply(new BigDecimal(millis))
                        .divide(new BigDecimal(nowMillis - since), AuditPricing.EXACT);
    }

    /**
     * What the whole days before today cost.
     *
     * @param without not counting so many milliseconds from their beginning
     */
    private Map<LocalDate, BigDecimal> past(long began, long without) {
        Map<LocalDate, BigDecimal> costs = new LinkedHashMap<>();
        for (int back = DAYS_BACK; back > 0; back--) {
            LocalDate day = today.minusDays(back);
            if (book.start(day) >= began) {
                costs.put(day, cost(book.start(day) + without, book.start(day.plusDays(1))));
            }
        }
        return costs;
    }

    private static BigDecimal mean(Collection<BigDecimal> costs) {
        return costs.stream()
                .reduce(BigDecimal.ZERO, BigDecimal::add)
                .divide(new BigDecimal(costs.size()), AuditPricing.EXACT);
    }
}
