package io.mlflowexporter.cost;

import io.mlflowexporter.catalog.RunState;
import io.mlflowexporter.catalog.RunTable;
import io.mlflowexporter.cost.budget.CostOverview.Unpriced;
import io.mlflowexporter.cost.pricing.PricingFile;
import io.mlflowexporter.cost.pricing.UsageRule;
import io.mlflowexporter.cost.usage.CostClock;
import io.mlflowexporter.cost.usage.CostRun;
import io.mlflowexporter.cost.usage.CostSink;
import io.mlflowexporter.cost.usage.RunUsage;
import io.mlflowexporter.cost.usage.UsagePart;
import io.mlflowexporter.metric.ExactSum;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Gathers for people what no price covered and why, and which rules are idle. */
final class Coverage implements CostSink {
    private static final int SHOWN = 10;

    /** @param resource what no price covers; empty where something else is missing */
    private record Stretch(
            String workspace,
            String experiment,
            String phase,
            int rule,
            boolean unreadable,
            boolean implausible,
            String resource)
            implements Comparable<Stretch> {
        private static final Comparator<Stretch> ORDER = Comparator.comparing(Stretch::experiment)
                .thenComparing(Stretch::phase)
                .thenComparing(Stretch::resource)
                .thenComparingInt(Stretch::rule)
                .thenComparing(Stretch::unreadable)
                .thenComparing(Stretch::implausible)
                .thenComparing(Stretch::workspace);

        @Override
        public int compareTo(Stretch other) {
            return ORDER.compare(this, other);
        }
    }

    private final PricingFile book;
    private final RunTable table;
    private CostClock now;
    private final int[] matched;
    private final Map<Stretch, ExactSum> hours = new LinkedHashMap<>();
    private final ExactSum busyHours = new ExactSum();
    private final ExactSum unpricedHours = new ExactSum();
    private long unreadable;
    private long runs;

    Coverage(PricingFile book, RunTable table, CostClock now) {
        this.book = book;
        this.table = table;
        this.now = now;
        this.matched = new int[book.rules().size()];
    }

    @Override
    public void at(CostClock later) {
        now = later;
    }

    private double hours(long from, long until) {
        long inside = Math.min(until, now.nowMillis) - Math.max(from, now.last30Days.fromMillis());
        return Math.max(0, inside) / MILLIS_PER_HOUR;
    }

    @Override
    public void run(CostRun run) {
        runs += run.times();
        run.time().stretches().forEach(it -> busyHours.add(hours(it.fromMillis(), it.untilMillis()), run.times()));
        unreadable += run.usage().unreadable() && table.state(run.row()) == RunState.ACTIVE ? run.times() : 0;
        if (run.usage().rule() >= 0) {
            matched[run.usage().rule()] += run.times();
        }
    }

    @Override
    public void unpriced(CostRun run, long from, long until) {
        double inWindow = hours(from, until);
        if (inWindow > 0) {
            unpricedHours.add(inWindow, run.times());
            Stretch stretch = new Stretch(
                    run.experiment().workspace(),
                    run.experiment().name(),
                    run.phase(),
                    run.usage().rule(),
                    run.usage().unreadable(),
                    !run.time().plausible(),
                    run.usage().known() && run.time().plausible() ? unpriced(run.usage(), from) : "");
            hours.computeIfAbsent(stretch, s -> new ExactSum()).add(inWindow, run.times());
        }
    }

    private static String unpriced(RunUsage usage, long at) {
        for (UsagePart part : usage.parts()) {
            if (part.quantity() > 0
                    && part.tariff().pieces().stream()
                            .noneMatch(piece -> piece.fromMillis() <= at && at < piece.untilMillis())) {
                return part.tariff().resource();
            }
        }
        throw new IllegalArgumentException("all of it is priced");
    }

    private String why(Stretch stretch) {
        if (stretch.implausible()) {
            return "the run's timestamps cannot be true: see its anomalies";
        }
        if (!stretch.resource().isEmpty()) {
            return stretch.resource() + " has no price then: add one whose valid_from and valid_until cover it";
        }
        if (stretch.rule() >= 0) {
            return "rule " + name(book, stretch.rule()) + " asks for a number or model that the run "
                    + (stretch.unreadable() ? "tells as something else" : "does not tell")
                    + ": add `else NUMBER` to it, or log the number";
        }
        if (stretch.unreadable() || !book.defaultUses().isEmpty()) {
            return "the default or the run's own hint asks for a number that the run does not tell";
        }
        return "no rule matches; this would: {experiment: [" + quoted(stretch.experiment()) + "], phase: ["
                + stretch.phase() + "], uses: [{resource: NAME}]}";
    }

    /** A double-quoted YAML scalar on one line. */
    private static String quoted(String text) {
        return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"").replaceAll("\\p{Cntrl}", "?") + "\"";
    }

    static String name(PricingFile book, int rule) {
        UsageRule it = book.rules().get(rule);
        return it.name().map(name -> name + " ").orElse("") + "(" + it.place() + ")";
    }

    double unpricedRatio() {
        return busyHours.value() == 0 ? 0 : unpricedHours.value() / busyHours.value();
    }

    List<Unpriced> unpriced() {
        return hours.entrySet().stream()
                .filter(entry -> !entry.getValue().isEmpty())
                .map(entry -> new Unpriced(
                        entry.getKey().workspace(),
                        entry.getKey().experiment(),
                        entry.getKey().phase(),
                        entry.getValue().value(),
                        why(entry.getKey())))
                .sorted(Comparator.comparingDouble(Unpriced::hours)
                        .reversed()
                        .thenComparing(Unpriced::workspace)
                        .thenComparing(Unpriced::experiment)
                        .thenComparing(Unpriced::phase)
                        .thenComparing(Unpriced::why))
                .limit(SHOWN)
                .toList();
    }

    /** Runs, not deleted, that tell a quantity which is none. */
    long unreadable() {
        return unreadable;
    }

    /** Runs looked at. */
    long runs() {
        return runs;
    }

    /** How many runs a rule was the first to match. */
    int matched(int rule) {
        return matched[rule];
    }
}
