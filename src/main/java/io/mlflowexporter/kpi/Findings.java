package io.mlflowexporter.kpi;

import io.mlflowexporter.catalog.Catalog;
import io.mlflowexporter.catalog.KeptRows;
import io.mlflowexporter.catalog.RunState;
import io.mlflowexporter.catalog.RunTable;
import io.mlflowexporter.kpi.KpiFile.Selector;
import io.mlflowexporter.metric.ExactSum;
import io.mlflowexporter.metric.Times;
import io.mlflowexporter.mlflow.Experiment;
import io.mlflowexporter.mlflow.RegisteredModel;
import io.mlflowexporter.mlflow.RunStatus;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;

/** What the runs say of one goal. Kept from one reading of the clock to the next, see {@link KpiSums}. */
final class Findings {
    private static final int NO_ROW = -1;

    /**
     * A value.
     *
     * @param model empty but for aliases
     * @param observedMillis when the run that tells it ended; of a mean the newest one's
     * @param row the run that tells it, negative for none
     */
    record Finding(Experiment experiment, String model, String selector, double value, long observedMillis, int row) {}

    /** What an experiment's finished runs come to. */
    private static final class Sum {
        private long runs;
        private double latest;
        private long latestMillis = Times.ABSENT;
        private int latestRow = NO_ROW;
        private double best;
        private long bestMillis;
        private int bestRow = NO_ROW;
        /** Of those that ended within the window. */
        private final ExactSum within = new ExactSum();

        private final Gains gains;
        /** An extreme was taken back, and it is not known what is next. */
        private boolean lost;

        Sum(Gains gains) {
            this.gains = gains;
        }
    }

    private final Goal goal;
    private final Catalog catalog;
    private long nowMillis;
    private long sinceMillis;
    private final Map<String, Sum> sums = new LinkedHashMap<>();
    /** How many runs gave a value, or why not, by workspace. */
    private final Map<String, Map<Expression.Problem, Long>> problems = new LinkedHashMap<>();

    Findings(Goal goal, Catalog catalog) {
        this.goal = goal;
        this.catalog = catalog;
    }

    void at(long now) {
        nowMillis = now;
        sinceMillis = now - goal.kpi().window().toMillis();
    }

    /** Whether any run logged what it needs. */
    boolean logged() {
        return !problems().isEmpty();
    }

    /** How many runs give no value, by workspace where any run logged what it needs. */
    Map<String, Map<Expression.Problem, Long>> problems() {
        problems.values().forEach(counts -> counts.values().removeIf(count -> count == 0));
        problems.values().removeIf(Map::isEmpty);
        return problems;
    }

    /**
     * Takes a run, or takes it back; for finished ones only.
     *
     * @param times 1, or -1 for one that was taken before
     * @return until when it counts as it does now, as {@link KeptRows.Sums#put} says it
     */
    long run(int row, int times) {
        RunTable runs = catalog.runs();
        Optional<Expression.Result> result = result(row);
        if (result.isEmpty()) {
            return KeptRows.FOREVER;
        }
        Experiment experiment = catalog.experiment(runs.experimentId(row));
        Expression.Problem problem = result.get().problem();
        problems.computeIfAbsent(experiment.workspace(), workspace -> new EnumMap<>(Expression.Problem.class))
                .merge(problem, (long) times, Long::sum);
        long ended = runs.endMillis(row);
        if (problem != Expression.Problem.NONE || ended == Times.ABSENT) {
            return KeptRows.FOREVER;
        }
        Sum sum = sums.computeIfAbsent(experiment.id(), id -> new Sum(new Gains(goal::better)));
        sum.runs += times;
        double value = result.get().value();
        if (ended >= sinceMillis) {
            sum.within.add(value, times);
        }
        if (times > 0) {
            extremes(sum, row, value, ended);
        } else {
            sum.lost |= row == sum.latestRow || row == sum.bestRow || sum.gains.holds(row);
        }
        long until = ended >= sinceMillis ? ended + goal.kpi().window().toMillis() : KeptRows.FOREVER;
        return Math.min(until, Gains.until(ended, nowMillis));
    }

    private Optional<Expression.Result> result(int row) {
        RunTable runs = catalog.runs();
        return goal.value(catalog.logged().of(row))
                .filter(it ->
                        goal.covers(catalog.experiment(runs.experimentId(row)).name(), runs.phase(row)));
    }

    /** Of equal ones the first counts, in whatever order they come. */
    private void extremes(Sum sum, int row, double value, long ended) {
        sum.gains.add(row, value, ended, nowMillis);
        if (sum.latestRow == NO_ROW
                || ended > sum.latestMillis
                || (ended == sum.latestMillis && row <= sum.latestRow)) {
            sum.latest = value;
            sum.latestMillis = ended;
            sum.latestRow = row;
        }
        if (ended >= sinceMillis
                && (sum.bestRow == NO_ROW
                        || goal.better(value, sum.best)
                        || (value == sum.best && row <= sum.bestRow))) {
            sum.best = value;
            sum.bestMillis = ended;
            sum.bestRow = row;
        }
    }

    /** Whether it is not known what is the latest or best of some experiment; then {@link #seek} is to see all runs. */
    boolean beginSeeking() {
        sums.values().removeIf(sum -> sum.runs == 0);
        boolean any = false;
        for (Sum sum : sums.values()) {
            if (sum.lost) {
                sum.latestRow = NO_ROW;
                sum.bestRow = NO_ROW;
                sum.gains.clear();
                any = true;
            }
        }
        return any;
    }

    /** Takes a finished run that was taken before, to see whether it is an extreme that was lost. */
    void seek(int row) {
        Sum sum = sums.get(catalog.runs().experimentId(row));
        long ended = catalog.runs().endMillis(row);
        if (sum != null && sum.lost && ended != Times.ABSENT) {
            result(row)
                    .filter(it -> it.problem() == Expression.Problem.NONE)
                    .ifPresent(it -> extremes(sum, row, it.value(), ended));
        }
    }

    /** All runs were seen. */
    void endSeeking() {
        sums.values().forEach(sum -> sum.lost = false);
    }

    /** Whether runs in this state tell anything. */
    static boolean counts(RunTable runs, int row) {
        return runs.state(row) == RunState.ACTIVE && runs.status(row) == RunStatus.FINISHED;
    }

    /** By experiment, how much better its best run has become. */
    Map<Experiment, Gains> gains() {
        Map<Experiment, Gains> gains = new LinkedHashMap<>();
        sums.forEach((id, sum) -> gains.put(catalog.experiment(id), sum.gains));
        return gains;
    }

    /**
     * All there are.
     *
     * @param versions of the registry's last reading
     */
    List<Finding> all(VersionRuns versions) {
        List<Finding> all = new ArrayList<>();
        sums.forEach((id, sum) -> {
            Experiment experiment = catalog.experiment(id);
            for (Selector selector : goal.kpi().select()) {
                find(experiment, selector, sum).ifPresent(all::add);
            }
        });
        aliases(versions, all);
        return all;
    }

    private static Optional<Finding> find(Experiment experiment, Selector selector, Sum sum) {
        String name = selector.name().toLowerCase(Locale.ROOT);
        if (selector == Selector.LATEST) {
            return Optional.of(new Finding(experiment, "", name, sum.latest, sum.latestMillis, sum.latestRow));
        }
        if (sum.within.isEmpty()) {
            return Optional.empty();
        }
        // The newest within the window is the newest of all.
        return Optional.of(
                selector == Selector.BEST
                        ? new Finding(experiment, "", name, sum.best, sum.bestMillis, sum.bestRow)
                        : new Finding(experiment, "", name, sum.within.mean(), sum.latestMillis, NO_ROW));
    }

    private void aliases(VersionRuns versions, List<Finding> all) {
        for (RegisteredModel model : catalog.models()) {
            if (goal.coversModel(model.name())) {
                model.aliases().forEach((alias, version) -> {
                    if (goal.followsAlias(alias)) {
                        alias(model, alias, versions.runOf(model, version)).ifPresent(all::add);
                    }
                });
            }
        }
    }

    /** The run of a version tells it whatever became of the run. */
    private Optional<Finding> alias(RegisteredModel model, String alias, String runId) {
        RunTable runs = catalog.runs();
        OptionalInt known = runs.row(runId);
        if (known.isEmpty()) {
            return Optional.empty();
        }
        int row = known.getAsInt();
        Experiment experiment = catalog.experiment(runs.experimentId(row));
        if (!goal.covers(experiment.name(), runs.phase(row))) {
            return Optional.empty();
        }
        long observed = runs.endMillis(row) == Times.ABSENT ? runs.startMillis(row) : runs.endMillis(row);
        Function<Expression.Result, Finding> finding =
                result -> new Finding(experiment, model.name(), alias, result.value(), observed, row);
        return goal.value(catalog.logged().of(row))
                .filter(result -> result.problem() == Expression.Problem.NONE && observed != Times.ABSENT)
                .map(finding);
    }
}
