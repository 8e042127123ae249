package io.mlflowexporter.cost;

import io.mlflowexporter.catalog.RunState;
import io.mlflowexporter.catalog.RunTable;
import io.mlflowexporter.config.CostBook;
import io.mlflowexporter.config.UsageRule;
import io.mlflowexporter.cost.CostOverview.ExperimentSpend;
import io.mlflowexporter.cost.CostOverview.Spend;
import io.mlflowexporter.cost.CostOverview.Unpriced;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Gathers for people what was spent, what no price covered and why, and which rules are idle. */
final class Coverage implements CostSink {
    private static final int SHOWN = 10;

    /** @param resource what no price covers; empty where something else is missing */
    private record Stretch(
            String workspace, String experiment, String phase, int rule, boolean unreadable, String resource) {}

    private record ExperimentKey(String workspace, String experiment, String currency) {}

    private final CostBook book;
    private final RunTable table;
    private final List<Window> windows;
    private final long fromMillis;
    private final long nowMillis;
    private final int[] matched;
    /** By currency, one for each window. */
    private final Map<String, double[]> spend = new LinkedHashMap<>();

    private final Map<ExperimentKey, Double> experiments = new LinkedHashMap<>();
    private final Map<Stretch, Double> hours = new LinkedHashMap<>();
    private double busyHours;
    private double unpricedHours;
    private long unreadable;
    private long runs;

    /**
     * Begins with nothing gathered.
     *
     * @param window the one that unpriced time and experiments are looked at in
     */
    Coverage(CostBook book, RunTable table, List<Window> windows, Window window, long nowMillis) {
        this.book = book;
        this.table = table;
        this.windows = windows;
        this.fromMillis = window.fromMillis();
        this.nowMillis = nowMillis;
        this.matched = new int[book.rules().size()];
    }

    private double hours(long from, long until) {
        return Math.max(0, Math.min(until, nowMillis) - Math.max(from, fromMillis)) / MILLIS_PER_HOUR;
    }

    @Override
    public void run(CostRun run) {
        runs++;
        busyHours += hours(run.span().fromMillis(), run.span().untilMillis());
        unreadable += run.usage().unreadable() && table.state(run.row()) == RunState.ACTIVE ? 1 : 0;
        if (run.usage().rule() >= 0) {
            matched[run.usage().rule()]++;
        }
    }

    @Override
    public void priced(CostRun run, Part part, Tariff.Piece piece, long from, long until) {
        double[] spent = spend.computeIfAbsent(piece.currency(), currency -> new double[windows.size()]);
        for (int i = 0; i < spent.length; i++) {
            long begin = Math.max(from, windows.get(i).fromMillis());
            spent[i] += CostSink.cost(part, piece, begin, Math.min(until, nowMillis));
        }
        double cost = CostSink.cost(part, piece, Math.max(from, fromMillis), Math.min(until, nowMillis));
        if (cost > 0) {
            experiments.merge(
                    new ExperimentKey(
                            run.experiment().workspace(), run.experiment().name(), piece.currency()),
                    cost,
                    Double::sum);
        }
    }

    @Override
    public void unpriced(CostRun run, long from, long until) {
        double inWindow = hours(from, until);
        if (inWindow > 0) {
            unpricedHours += inWindow;
            hours.merge(
                    new Stretch(
                            run.experiment().workspace(),
                            run.experiment().name(),
                            run.phase(),
                            run.usage().rule(),
                            run.usage().unreadable(),
                            run.usage().known() ? unpriced(run.usage(), from) : ""),
                    inWindow,
                    Double::sum);
        }
    }

    private static String unpriced(RunUsage usage, long at) {
        for (Part part : usage.parts()) {
            if (part.quantity() > 0
                    && part.tariff().pieces().stream()
                            .noneMatch(piece -> piece.fromMillis() <= at && at < piece.untilMillis())) {
                return part.tariff().resource();
            }
        }
        throw new IllegalArgumentException("all of it is priced");
    }

    private String why(Stretch stretch) {
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

    static String name(CostBook book, int rule) {
        UsageRule it = book.rules().get(rule);
        return it.name().map(name -> name + " ").orElse("") + "(" + it.place() + ")";
    }

    /** What each window cost, those that cost nothing left out. */
    List<Spend> spend() {
        List<Spend> all = new ArrayList<>();
        for (int i = 0; i < windows.size(); i++) {
            int window = i;
            spend.forEach((currency, spent) -> {
                if (spent[window] > 0) {
                    all.add(new Spend(windows.get(window).label(), currency, spent[window]));
                }
            });
        }
        return all;
    }

    List<ExperimentSpend> experiments() {
        return experiments.entrySet().stream()
                .map(entry -> new ExperimentSpend(
                        entry.getKey().workspace(),
                        entry.getKey().experiment(),
                        entry.getKey().currency(),
                        entry.getValue()))
                .sorted(Comparator.comparingDouble(ExperimentSpend::amount).reversed())
                .limit(SHOWN)
                .toList();
    }

    double unpricedRatio() {
        return busyHours == 0 ? 0 : unpricedHours / busyHours;
    }

    List<Unpriced> unpriced() {
        return hours.entrySet().stream()
                .map(entry -> new Unpriced(
                        entry.getKey().workspace(),
                        entry.getKey().experiment(),
                        entry.getKey().phase(),
                        entry.getValue(),
                        why(entry.getKey())))
                .sorted(Comparator.comparingDouble(Unpriced::hours).reversed())
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
