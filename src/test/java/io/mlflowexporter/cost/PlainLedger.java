package io.mlflowexporter.cost;

import io.mlflowexporter.metric.Times;
import io.mlflowexporter.mlflow.RunStatus;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What runs cost, computed run by run in decimals and as plainly as can be: the oracle of the property tests. It shares
 * no code with what it judges.
 */
final class PlainLedger {
    private static final BigDecimal MILLIS_PER_HOUR = new BigDecimal(3_600_000);

    /** A price for some time. */
    record Price(String resource, long fromMillis, long untilMillis, BigDecimal perHour, String currency) {}

    /** So many of a resource. */
    record Amount(String resource, int count) {}

    /** What runs of one kind use. */
    record Rule(String kind, boolean distributedChildren, List<Amount> uses) {}

    /** Prices and rules. */
    record Book(List<Price> prices, List<Rule> rules) {
        Optional<Rule> rule(FakeRun run) {
            return rules.stream()
                    .filter(rule -> rule.kind().equals(run.tags().get("kind")))
                    .findFirst();
        }
    }

    /** A run as last seen, with the phase it was first seen in. */
    record Seen(FakeRun run, String firstPhase, boolean gone, List<Look> looks) {
        Seen looked(long millis) {
            List<Look> more = new ArrayList<>(looks);
            more.add(new Look(millis, run));
            return new Seen(run, firstPhase, gone, more);
        }
    }

    /** How a run looked when the exporter read it. */
    record Look(long millis, FakeRun run) {}

    /** @param until exclusive */
    record Stretch(long from, long until) {}

    /** A sum's labels. */
    record Labels(List<String> values) {
        static Labels of(String... values) {
            return new Labels(List.of(values));
        }
    }

    private final Book book;
    private final Map<String, Seen> runs;
    private final long now;
    private final long staleAfter;

    PlainLedger(Book book, Map<String, Seen> runs, long now, long staleAfter) {
        this.book = book;
        this.runs = runs;
        this.now = now;
        this.staleAfter = staleAfter;
    }

    private boolean hasClock(Seen seen) {
        boolean waits =
                seen.run().status() == RunStatus.SCHEDULED && new SeenToWait(seen.looks()).waitsSince() == Times.ABSENT;
        return !waits && seen.run().startMillis() != Times.ABSENT;
    }

    private boolean costs(FakeRun run) {
        Seen parent = runs.get(run.tags().getOrDefault("mlflow.parentRunId", ""));
        if (parent == null
                || book.rule(parent.run()).map(Rule::distributedChildren).orElse(false)) {
            return true;
        }
        return !hasClock(parent) && costs(parent.run());
    }

    String outcome(Seen seen) {
        FakeRun run = seen.run();
        if (run.status() == RunStatus.SCHEDULED) {
            return "running";
        }
        if (run.status() != RunStatus.RUNNING) {
            return run.status().label();
        }
        boolean silent = seen.gone() || run.deleted() || now - lastActivity(seen) > staleAfter;
        return silent ? "stale" : "running";
    }

    private long lastActivity(Seen seen) {
        FakeRun run = seen.run();
        long last = run.startMillis();
        for (Stretch gap : new SeenToWait(seen.looks()).gaps()) {
            last = Math.max(run.startMillis(), Math.min(gap.until(), now));
        }
        long end = run.status().ended() && run.endMillis() != Times.ABSENT ? Math.min(run.endMillis(), now) : now;
        boolean logged = run.heartbeatMillis() != Times.ABSENT
                && run.heartbeatMillis() >= run.startMillis()
                && run.heartbeatMillis() <= end + Times.GREATEST_SKEW_MILLIS;
        return logged ? Math.max(last, run.heartbeatMillis()) : last;
    }

    private long until(Seen seen) {
        FakeRun run = seen.run();
        boolean cleanedUp = (run.status() == RunStatus.FAILED || run.status() == RunStatus.KILLED)
                && run.endMillis() != Times.ABSENT
                && run.endMillis() - lastActivity(seen) > staleAfter;
        long until = run.status() == RunStatus.SCHEDULED
                ? new SeenToWait(seen.looks()).waitsSince()
                : switch (outcome(seen)) {
                    case "running" -> now;
                    case "stale" -> lastActivity(seen);
                    default -> run.endMillis() == Times.ABSENT || cleanedUp ? lastActivity(seen) : run.endMillis();
                };
        return Math.min(until, now);
    }

    /** When it is billed. */
    private List<Stretch> stretches(Seen seen) {
        List<Stretch> left = new ArrayList<>(List.of(new Stretch(seen.run().startMillis(), until(seen))));
        for (Stretch gap : new SeenToWait(seen.looks()).gaps()) {
            left = left.stream()
                    .flatMap(it -> Stream.of(
                            new Stretch(it.from(), Math.min(it.until(), gap.from())),
                            new Stretch(Math.max(it.from(), gap.until()), it.until())))
                    .filter(it -> it.from() < it.until())
                    .toList();
        }
        return left;
    }

    /** Cost of what ran after some time, by experiment, phase now, outcome and currency. */
    Map<Labels, BigDecimal> window(long from) {
        Map<Labels, BigDecimal> sums = new HashMap<>();
        each(
                (seen, amount, price, cost, seconds) -> sums.merge(
                        Labels.of(seen.run().experimentId(), seen.run().name(), outcome(seen), price.currency()),
                        cost,
                        BigDecimal::add),
                from);
        return sums;
    }

    /** Cost of all time, by experiment, first phase, resource and currency. */
    Map<Labels, BigDecimal> total() {
        Map<Labels, BigDecimal> sums = new HashMap<>();
        each(
                (seen, amount, price, cost, seconds) -> sums.merge(
                        Labels.of(seen.run().experimentId(), seen.firstPhase(), amount.resource(), price.currency()),
                        cost,
                        BigDecimal::add),
                Long.MIN_VALUE);
        return sums;
    }

    /** Seconds times count that a price covers. */
    BigDecimal pricedSeconds() {
        BigDecimal[] sum = {BigDecimal.ZERO};
        each((seen, amount, price, cost, seconds) -> sum[0] = sum[0].add(seconds), Long.MIN_VALUE);
        return sum[0];
    }

    /** Seconds of runs in which something they used has no price, millisecond borders looked at one by one. */
    BigDecimal unpricedSeconds() {
        long millis = 0;
        for (Seen seen : runs.values()) {
            FakeRun run = seen.run();
            if (!hasClock(seen) || !costs(run)) {
                continue;
            }
            for (Stretch stretch : stretches(seen)) {
                millis += unpriced(run, stretch);
            }
        }
        return seconds(millis);
    }

    private long unpriced(FakeRun run, Stretch stretch) {
        long millis = 0;
        long[] borders = java.util.stream.LongStream.concat(
                        java.util.stream.LongStream.of(stretch.from(), stretch.until()),
                        book.prices().stream()
                                .flatMapToLong(price ->
                                        java.util.stream.LongStream.of(price.fromMillis(), price.untilMillis())))
                .filter(at -> at >= stretch.from() && at <= stretch.until())
                .sorted()
                .toArray();
        for (int i = 1; i < borders.length; i++) {
            long at = borders[i - 1];
            boolean priced = book.rule(run)
                    .map(rule -> rule.uses().stream()
                            .allMatch(amount -> book.prices().stream()
                                    .anyMatch(price -> price.resource().equals(amount.resource())
                                            && price.fromMillis() <= at
                                            && at < price.untilMillis())))
                    .orElse(false);
            millis += priced ? 0 : borders[i] - borders[i - 1];
        }
        return millis;
    }

    private interface Each {
        void take(Seen seen, Amount amount, Price price, BigDecimal cost, BigDecimal seconds);
    }

    private void each(Each action, long from) {
        for (Seen seen : runs.values()) {
            FakeRun run = seen.run();
            if (!hasClock(seen) || !costs(run) || book.rule(run).isEmpty()) {
                continue;
            }
            for (Amount amount : book.rule(run).get().uses()) {
                for (Price price : book.prices()) {
                    stretches(seen).forEach(stretch -> each(action, seen, amount, price, stretch, from));
                }
            }
        }
    }

    private static void each(Each action, Seen seen, Amount amount, Price price, Stretch stretch, long from) {
        long begin = Math.max(from, Math.max(stretch.from(), price.fromMillis()));
        long end = Math.min(stretch.until(), price.untilMillis());
        if (price.resource().equals(amount.resource()) && begin < end) {
            BigDecimal count = new BigDecimal(amount.count());
            BigDecimal millis = new BigDecimal(end - begin);
            BigDecimal cost =
                    millis.multiply(price.perHour()).multiply(count).divide(MILLIS_PER_HOUR, MathContext.DECIMAL128);
            action.take(seen, amount, price, cost, seconds(end - begin).multiply(count));
        }
    }

    private static BigDecimal seconds(long millis) {
        return BigDecimal.valueOf(millis, 3);
    }
}
