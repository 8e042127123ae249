package io.mlflowexporter.kpi;

import io.mlflowexporter.catalog.Catalog;
import io.mlflowexporter.catalog.RunState;
import io.mlflowexporter.catalog.RunTable;
import io.mlflowexporter.config.Expression;
import io.mlflowexporter.config.KpiBook.Selector;
import io.mlflowexporter.mlflow.Experiment;
import io.mlflowexporter.mlflow.ModelVersion;
import io.mlflowexporter.mlflow.RegisteredModel;
import io.mlflowexporter.mlflow.RunStatus;
import io.mlflowexporter.mlflow.Times;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.stream.Collectors;

/** What the runs say of one goal at one reading of the clock. */
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
        private double latest;
        private long latestMillis = Times.ABSENT;
        private int latestRow = NO_ROW;
        private double best;
        private long bestMillis;
        private int bestRow = NO_ROW;
        private double mean;
        private long count;
        private long newestMillis = Times.ABSENT;
        private final Gains gains;

        Sum(Gains gains) {
            this.gains = gains;
        }
    }

    private final Goal goal;
    private final Catalog catalog;
    private final long sinceMillis;
    private final long nowMillis;
    private final Map<String, Sum> sums = new LinkedHashMap<>();
    /** By workspace. */
    private final Map<String, Map<Expression.Problem, Long>> unusable = new LinkedHashMap<>();

    private boolean logged;

    Findings(Goal goal, Catalog catalog, long nowMillis) {
        this.goal = goal;
        this.catalog = catalog;
        this.nowMillis = nowMillis;
        this.sinceMillis = nowMillis - goal.kpi().window().toMillis();
    }

    /** Whether any run logged what it needs. */
    boolean logged() {
        return logged;
    }

    Map<String, Map<Expression.Problem, Long>> unusable() {
        return unusable;
    }

    /** Takes a run; nothing but finished ones count. */
    void run(int row) {
        RunTable runs = catalog.runs();
        Optional<Expression.Result> result = goal.value(catalog.logged().of(row));
        if (result.isEmpty()) {
            return;
        }
        Experiment experiment = catalog.experiment(runs.experimentId(row));
        if (!goal.covers(experiment.name(), runs.phase(row))) {
            return;
        }
        logged = true;
        Map<Expression.Problem, Long> problems =
                unusable.computeIfAbsent(experiment.workspace(), workspace -> new LinkedHashMap<>());
        if (result.get().problem() != Expression.Problem.NONE) {
            problems.merge(result.get().problem(), 1L, Long::sum);
        } else if (runs.endMillis(row) != Times.ABSENT) {
            add(
                    sums.computeIfAbsent(experiment.id(), id -> new Sum(new Gains(goal::better, nowMillis))),
                    row,
                    result.get().value());
        }
    }

    private void add(Sum sum, int row, double value) {
        long ended = catalog.runs().endMillis(row);
        sum.gains.add(value, ended);
        if (ended > sum.latestMillis) {
            sum.latest = value;
            sum.latestMillis = ended;
            sum.latestRow = row;
        }
        if (ended < sinceMillis) {
            return;
        }
        if (sum.bestRow == NO_ROW || goal.better(value, sum.best)) {
            sum.best = value;
            sum.bestMillis = ended;
            sum.bestRow = row;
        }
        sum.count++;
        // A running mean cannot overflow where the values themselves do not.
        sum.mean += value / sum.count - sum.mean / sum.count;
        sum.newestMillis = Math.max(sum.newestMillis, ended);
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

    List<Finding> all() {
        List<Finding> all = new ArrayList<>();
        sums.forEach((id, sum) -> {
            Experiment experiment = catalog.experiment(id);
            for (Selector selector : goal.kpi().select()) {
                find(experiment, selector, sum).ifPresent(all::add);
            }
        });
        aliases(all);
        return all;
    }

    private static Optional<Finding> find(Experiment experiment, Selector selector, Sum sum) {
        String name = selector.name().toLowerCase(Locale.ROOT);
        return switch (selector) {
            case LATEST -> Optional.of(new Finding(experiment, "", name, sum.latest, sum.latestMillis, sum.latestRow));
            case BEST ->
                sum.bestRow == NO_ROW
                        ? Optional.empty()
                        : Optional.of(new Finding(experiment, "", name, sum.best, sum.bestMillis, sum.bestRow));
            case MEAN ->
                sum.count == 0
                        ? Optional.empty()
                        : Optional.of(new Finding(experiment, "", name, sum.mean, sum.newestMillis, NO_ROW));
        };
    }

    private void aliases(List<Finding> all) {
        for (RegisteredModel model : catalog.models()) {
            if (goal.coversModel(model.name())) {
                Map<String, String> runs = runs(model);
                model.aliases().forEach((alias, version) -> {
                    if (goal.followsAlias(alias)) {
                        alias(model, alias, runs.getOrDefault(version, "")).ifPresent(all::add);
                    }
                });
            }
        }
    }

    private Map<String, String> runs(RegisteredModel model) {
        return catalog.versions().stream()
                .filter(version -> version.model().equals(model.name())
                        && version.workspace().equals(model.workspace()))
                .collect(Collectors.toMap(ModelVersion::version, ModelVersion::runId, (first, second) -> first));
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
