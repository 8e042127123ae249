package io.mlflowexporter.audit;

import io.mlflowexporter.audit.AuditCosts.InWindow;
import io.mlflowexporter.audit.KpiFormula.Result;
import io.mlflowexporter.audit.expected.AuditPhases;
import io.mlflowexporter.audit.expected.AuditWindows;
import io.mlflowexporter.audit.expected.ExpectedSeries;
import io.mlflowexporter.audit.expected.SeriesName;
import io.mlflowexporter.audit.server.MlflowContent;
import io.mlflowexporter.audit.server.MlflowContent.Experiment;
import io.mlflowexporter.audit.server.MlflowContent.Model;
import io.mlflowexporter.audit.server.MlflowContent.Run;
import io.mlflowexporter.audit.server.MlflowContent.Version;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** What runs achieve of the KPIs. */
final class KpiValues {
    static final String COST_PER_POINT = "mlflow_kpi_cost_per_point";

    private static final String VALUE = "mlflow_kpi";
    private static final String MET = "mlflow_kpi_target_met";
    private static final String OBSERVED = "mlflow_kpi_observed_timestamp_seconds";
    private static final String UNUSABLE = "mlflow_kpi_unusable_runs";
    private static final String TARGET = "mlflow_kpi_target";
    private static final String INFO = "mlflow_kpi_definition_info";

    static final Set<String> GAUGES = Set.of(UNUSABLE, TARGET, INFO);
    /** Told of what an alias points to even if that run is gone. */
    static final Set<String> OF_RUNS = Set.of(VALUE, MET, OBSERVED);

    /** What differs by less than this part of itself may be equal. */
    private static final BigDecimal ROUNDING = new BigDecimal("1e-12");
    /** Nothing became better by less than this part of itself. */
    private static final BigDecimal NOTHING = new BigDecimal("1e-9");

    /** Nor by less than this. */
    private static final BigDecimal SMALLEST = new BigDecimal("1e-200");

    private static final BigDecimal THOUSANDTH = new BigDecimal("0.001");

    private static final List<String> COST_WINDOWS = List.of("7d", "30d");

    private record Told(Run run, BigDecimal value) {
        long millis() {
            return run.endMillis();
        }
    }

    /** Of a goal, by the names of a run's metrics, of which there are few. */
    private final Map<Set<String>, Optional<String>> expressions = new HashMap<>();

    private final long nowMillis;
    private final ExpectedSeries sums;
    private final MlflowContent mlflow;
    private final Map<String, Run> runs;
    private final Map<List<String>, String> runOfVersion = new HashMap<>();
    private final Map<List<String>, List<InWindow>> ofExperiment;
    private final Map<InWindow, BigDecimal> costs;

    /** @param costs of windows */
    KpiValues(MlflowContent mlflow, long nowMillis, ExpectedSeries sums, Map<InWindow, BigDecimal> costs) {
        this.mlflow = mlflow;
        this.nowMillis = nowMillis;
        this.sums = sums;
        this.costs = costs;
        this.runs = mlflow.runs().stream().collect(Collectors.toMap(Run::id, run -> run));
        for (Version version : mlflow.versions()) {
            runOfVersion.put(List.of(version.model(), version.version()), version.runId());
        }
        this.ofExperiment =
                costs.keySet().stream().collect(Collectors.groupingBy(it -> List.of(it.window(), it.experiment())));
    }

    /** Empty where the run is none of these, or lacks a metric. */
    private Optional<Result> result(KpiGoal goal, Run run) {
        if (!goal.covers(run)) {
            return Optional.empty();
        }
        return expressions
                .computeIfAbsent(run.metrics().keySet(), goal::expression)
                .map(expression -> KpiFormula.of(expression, run.metrics()));
    }

    void goal(KpiGoal goal) {
        expressions.clear();
        boolean shown = goal.own();
        goal.target().ifPresent(target -> sums.max(SeriesName.of(TARGET, "kpi", goal.name()), target));
        Map<Experiment, List<Told>> byExperiment = new LinkedHashMap<>();
        for (Run run : mlflow.runs()) {
            if (run.active() && run.status().equals("FINISHED")) {
                Optional<Result> result = result(goal, run);
                shown |= result.isPresent();
                result.ifPresent(it -> {
                    unusable(goal, it);
                    if (it.value().isPresent() && run.endMillis() != 0) {
                        byExperiment
                                .computeIfAbsent(run.experiment(), experiment -> new ArrayList<>())
                                .add(new Told(run, it.value().get()));
                    }
                });
            }
        }
        byExperiment.forEach((experiment, told) -> {
            goal.select()
                    .forEach(selector ->
                            selected(goal, experiment, selector.name().toLowerCase(Locale.ROOT), told));
            costPerPoint(goal, experiment, told);
        });
        if (shown) {
            info(goal);
        }
        aliases(goal);
    }

    private void info(KpiGoal goal) {
        sums.max(
                SeriesName.of(
                        INFO,
                        "kpi",
                        goal.name(),
                        "subject",
                        goal.subject(),
                        "unit",
                        goal.unit(),
                        "direction",
                        goal.lower() ? "lower" : "higher"),
                BigDecimal.ONE);
    }

    private void unusable(KpiGoal goal, Result result) {
        for (String reason : List.of(KpiFormula.DIVISION_BY_ZERO, KpiFormula.NOT_FINITE)) {
            sums.add(
                    SeriesName.of(UNUSABLE, "kpi", goal.name(), "reason", reason),
                    result.problem().equals(reason) ? 1 : 0);
        }
    }

    /** Of runs that ended at once, or are equally good, any may be the one that tells it. */
    private void selected(KpiGoal goal, Experiment experiment, String selector, List<Told> told) {
        List<Told> within = told.stream()
                .filter(it -> it.millis() >= nowMillis - goal.window().toMillis())
                .toList();
        long newest = told.stream().mapToLong(Told::millis).max().orElse(0);
        List<Told> those = told.stream().filter(it -> it.millis() == newest).toList();
        if (!selector.equals("latest")) {
            if (within.isEmpty()) {
                return;
            }
            if (selector.equals("best")) {
                BigDecimal best = best(goal, within).orElseThrow();
                those = within.stream().filter(it -> same(it.value(), best)).toList();
            } else {
                BigDecimal sum = within.stream().map(Told::value).reduce(BigDecimal.ZERO, BigDecimal::add);
                BigDecimal mean = sum.divide(new BigDecimal(within.size()), AuditPricing.EXACT);
                those = List.of(new Told(those.get(0).run(), mean));
            }
        }
        tell(goal, experiment, "", selector, those);
    }

    private static boolean same(BigDecimal one, BigDecimal other) {
        return one.subtract(other).abs().compareTo(ROUNDING.multiply(other.abs())) <= 0;
    }

    private static Optional<BigDecimal> best(KpiGoal goal, List<Told> told) {
        return told.stream().map(Told::value).max(goal::compare);
    }

    private void tell(KpiGoal goal, Experiment experiment, String model, String selector, List<Told> any) {
        SeriesName series = SeriesName.of(
                VALUE, "kpi", goal.name(), "experiment", experiment.name(), "model", model, "selector", selector);
        BigDecimal least =
                any.stream().map(Told::value).min(Comparator.naturalOrder()).orElseThrow();
        BigDecimal most =
                any.stream().map(Told::value).max(Comparator.naturalOrder()).orElseThrow();
        sums.between(series, least, most);
        goal.target().ifPresent(target -> {
            boolean close = same(least, target) || same(most, target);
            BigDecimal one = met(goal, least, target);
            BigDecimal other = met(goal, most, target);
            sums.between(
                    new SeriesName(MET, series.labels()),
                    close ? BigDecimal.ZERO : one.min(other),
                    close ? BigDecimal.ONE : one.max(other));
        });
        List<BigDecimal> times = any.stream()
                .map(it -> it.millis() == 0 ? it.run().startMillis() : it.millis())
                .map(millis -> BigDecimal.valueOf(millis, 3))
                .sorted()
                .toList();
        sums.between(new SeriesName(OBSERVED, series.labels()), times.get(0), times.get(times.size() - 1));
    }

    private static BigDecimal met(KpiGoal goal, BigDecimal value, BigDecimal target) {
        return goal.compare(value, target) >= 0 ? BigDecimal.ONE : BigDecimal.ZERO;
    }

    private void aliases(KpiGoal goal) {
        for (Model model : mlflow.models()) {
            if (!AuditPhases.any(goal.model(), model.name())) {
                continue;
            }
            model.aliases().forEach((alias, version) -> {
                Run run = runs.get(runOfVersion.getOrDefault(List.of(model.name(), version), ""));
                if (run != null
                        && goal.aliases().stream().anyMatch(glob -> glob.matches(alias))
                        && (run.endMillis() != 0 || run.startMillis() != 0)) {
                    result(goal, run).flatMap(Result::value).ifPresent(value -> {
                        info(goal);
                        tell(goal, run.experiment(), model.name(), alias, List.of(new Told(run, value)));
                    });
                }
            });
        }
    }

    private void costPerPoint(KpiGoal goal, Experiment experiment, List<Told> told) {
        BigDecimal now = best(goal, told).orElseThrow();
        Map<String, Long> windows = AuditWindows.since(nowMillis);
        for (String window : COST_WINDOWS) {
            long since = windows.getOrDefault(window, nowMillis);
            Optional<BigDecimal> before =
                    best(goal, told.stream().filter(it -> it.millis() <= since).toList());
            BigDecimal gain = now.subtract(before.orElse(now)).abs();
            BigDecimal size = now.abs().max(before.orElse(now).abs());
            BigDecimal nothing = NOTHING.multiply(size);
            BigDecimal least = goal.least().orElse(THOUSANDTH.multiply(size)).subtract(nothing);
            if (gain.compareTo(nothing) <= 0 || gain.compareTo(least.max(SMALLEST)) < 0) {
                continue;
            }
            for (InWindow of : ofExperiment.getOrDefault(List.of(window, experiment.name()), List.of())) {
                BigDecimal cost = costs.getOrDefault(of, BigDecimal.ZERO);
                sums.max(
                        SeriesName.of(
                                COST_PER_POINT,
                                "window",
                                window,
                                "kpi",
                                goal.name(),
                                "experiment",
                                experiment.name(),
                                "currency",
                                of.currency()),
                        cost.divide(gain.multiply(goal.points()), AuditPricing.EXACT));
            }
        }
    }
}
