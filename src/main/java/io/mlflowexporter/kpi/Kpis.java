package io.mlflowexporter.kpi;

import io.mlflowexporter.catalog.Catalog;
import io.mlflowexporter.catalog.KeptRows;
import io.mlflowexporter.catalog.RunTable;
import io.mlflowexporter.catalog.reading.RunNeeds;
import io.mlflowexporter.cost.WindowCost;
import io.mlflowexporter.kpi.Findings.Finding;
import io.mlflowexporter.kpi.KpiOverview.KpiValue;
import io.mlflowexporter.metric.Family;
import io.mlflowexporter.metric.FamilyDeclaration;
import io.mlflowexporter.metric.FamilyDeclaration.Fold;
import io.mlflowexporter.metric.FamilyDeclaration.Stability;
import io.mlflowexporter.metric.Samples;
import io.mlflowexporter.settings.value.Glob;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** What the runs achieve of what was to be achieved. Belongs to the refresh thread. */
public final class Kpis {
    private static final List<String> LABELS = List.of("kpi", "experiment", "model", "selector");
    static final FamilyDeclaration VALUE = new FamilyDeclaration(
            "mlflow_kpi",
            FamilyDeclaration.Type.GAUGE,
            "Value of the KPI, as of the snapshot.",
            LABELS,
            Stability.STABLE,
            Fold.drop("experiment"));
    static final FamilyDeclaration MET = new FamilyDeclaration(
            "mlflow_kpi_target_met",
            FamilyDeclaration.Type.GAUGE,
            "1 where the KPI meets its target, 0 where it misses it, as of the snapshot.",
            LABELS,
            Stability.STABLE,
            Fold.drop("experiment"));
    static final FamilyDeclaration OBSERVED = new FamilyDeclaration(
            "mlflow_kpi_observed_timestamp_seconds",
            FamilyDeclaration.Type.GAUGE,
            "When the run that tells the KPI ended, Unix time, as of the snapshot.",
            LABELS,
            Stability.STABLE,
            Fold.drop("experiment"));
    static final FamilyDeclaration UNUSABLE = new FamilyDeclaration(
            "mlflow_kpi_unusable_runs",
            FamilyDeclaration.Type.GAUGE,
            "Finished runs that logged the KPI's metrics and give no value, by reason, as of the snapshot.",
            List.of("kpi", "reason"),
            Stability.STABLE,
            Fold.NEVER);
    static final FamilyDeclaration TARGET = new FamilyDeclaration(
            "mlflow_kpi_target",
            FamilyDeclaration.Type.GAUGE,
            "What the KPI is to reach: at least, or at most where lower is better.",
            List.of("kpi"),
            Stability.STABLE,
            Fold.NEVER);

    static final FamilyDeclaration INFO = new FamilyDeclaration(
            "mlflow_kpi_definition_info",
            FamilyDeclaration.Type.INFO,
            "What the KPI is about, in which unit it is and which way is better, of your own KPIs and of built-in ones"
                    + " that a run tells.",
            List.of("kpi", "subject", "unit", "direction"),
            Stability.STABLE,
            Fold.NEVER);

    private static final List<Expression.Problem> PROBLEMS =
            List.of(Expression.Problem.DIVISION_BY_ZERO, Expression.Problem.NOT_FINITE);

    private final Supplier<KpiFile> files;
    private final boolean builtIn;
    private KpiFile file;
    private List<Goal> goals;
    private final KeptRows<KpiSums> kept = new KeptRows<>();

    /** What a refresh found. */
    public record Report(List<Family> families, KpiOverview overview) {}

    /**
     * Sets out to measure.
     *
     * @param files asked at the start of each reading, so that it may change while the exporter runs
     * @param builtIn whether well-known metrics are KPIs too
     */
    public Kpis(Supplier<KpiFile> files, boolean builtIn) {
        this.files = files;
        this.builtIn = builtIn;
        this.file = files.get();
        this.goals = goals(file, builtIn);
    }

    /** As the constructor, of a file that does not change. */
    public static Kpis of(KpiFile book, boolean builtIn) {
        return new Kpis(() -> book, builtIn);
    }

    private static List<Goal> goals(KpiFile book, boolean builtIn) {
        List<Goal> goals = new ArrayList<>();
        book.kpis().forEach(kpi -> goals.add(new Goal(kpi, List.of(kpi.value()), true)));
        Set<String> names = book.kpis().stream().map(KpiFile.Kpi::name).collect(Collectors.toSet());
        if (builtIn) {
            BuiltIns.ALL.stream()
                    .filter(goal -> !names.contains(goal.kpi().name()))
                    .forEach(goals::add);
        }
        return List.copyOf(goals);
    }

    /** All families that tell what runs achieve. */
    public static List<FamilyDeclaration> declarations() {
        return List.of(VALUE, MET, OBSERVED, UNUSABLE, CostPerPoint.FAMILY);
    }

    /** All families that tell what was to be achieved: no workspace's. */
    public static List<FamilyDeclaration> bookDeclarations() {
        return List.of(TARGET, INFO);
    }

    /**
     * What of the runs it looks at. Another file is in force from here on: what it needs of runs is about to be read.
     */
    public RunNeeds needs() {
        KpiFile fresh = files.get();
        if (!fresh.equals(file)) {
            file = fresh;
            goals = goals(fresh, builtIn);
            kept.forget();
        }
        Set<Glob> metrics = new LinkedHashSet<>();
        goals.forEach(goal -> metrics.addAll(goal.names()));
        return RunNeeds.metrics(metrics);
    }

    /**
     * Computes everything at one reading of the clock; aliases are those of the registry's last reading.
     *
     * @param windowCosts what windows cost
     */
    public Report refresh(Catalog catalog, long nowMillis, List<WindowCost> windowCosts) {
        RunTable runs = catalog.runs();
        List<Findings> findings = kept.refresh(catalog, nowMillis, () -> new KpiSums(goals, catalog))
                .findings();
        Samples values = new Samples();
        Samples met = new Samples();
        Samples observed = new Samples();
        Samples unusable = new Samples();
        Samples targets = new Samples();
        Samples infos = new Samples();
        CostPerPoint points = new CostPerPoint(windowCosts);
        VersionRuns versions = new VersionRuns(catalog);
        List<KpiValue> shown = new ArrayList<>();
        List<String> idle = new ArrayList<>();
        for (int i = 0; i < goals.size(); i++) {
            Goal goal = goals.get(i);
            Findings found = findings.get(i);
            String name = goal.kpi().name();
            goal.kpi().target().ifPresent(target -> targets.max("", target.doubleValue(), name));
            List<Finding> tell = found.all(versions);
            boolean told = found.logged() || !tell.isEmpty();
            if (goal.own() || told) {
                infos.max(
                        "",
                        1,
                        name,
                        word(goal.kpi().subject()),
                        goal.kpi().unit().orElse(""),
                        word(goal.kpi().direction()));
            }
            if (goal.own() && !told && runs.size() > 0) {
                idle.add("kpi " + name + " (" + goal.kpi().place() + "): no finished run in its scope logged "
                        + goal.kpi().value());
            }
            found.problems()
                    .forEach((workspace, problems) -> PROBLEMS.forEach(problem -> unusable.add(
                            workspace, problems.getOrDefault(problem, 0L).doubleValue(), name, word(problem))));
            found.gains().forEach((experiment, gains) -> points.add(goal, experiment, gains));
            for (Finding finding : tell) {
                String workspace = finding.experiment().workspace();
                String[] labels = {name, finding.experiment().name(), finding.model(), finding.selector()};
                values.max(workspace, finding.value(), labels);
                goal.met(finding.value()).ifPresent(yes -> met.max(workspace, yes ? 1 : 0, labels));
                observed.max(workspace, finding.observedMillis() / 1000.0, labels);
                shown.add(shown(goal, finding, runs));
            }
        }
        return new Report(
                List.of(
                        values.family(VALUE),
                        met.family(MET),
                        observed.family(OBSERVED),
                        unusable.family(UNUSABLE),
                        points.family(),
                        targets.family(TARGET),
                        infos.family(INFO)),
                new KpiOverview(shown, idle));
    }

    /**
     * What one finished run achieves.
     *
     * @param unit empty where not given
     * @param lowerIsBetter which way is better
     */
    public record Achieved(String kpi, double value, String unit, boolean lowerIsBetter, Optional<Double> target) {}

    /** What a run achieves by itself; nothing unless it has finished and was not deleted. */
    public List<Achieved> of(Catalog catalog, int row) {
        RunTable runs = catalog.runs();
        if (!Findings.counts(runs, row)) {
            return List.of();
        }
        String experiment = catalog.experiment(runs.experimentId(row)).name();
        List<Achieved> all = new ArrayList<>();
        for (Goal goal : goals) {
            if (goal.covers(experiment, runs.phase(row))) {
                goal.value(catalog.logged().of(row))
                        .filter(result -> result.problem() == Expression.Problem.NONE)
                        .ifPresent(result -> all.add(achieved(goal.kpi(), result.value())));
            }
        }
        return all;
    }

    private static Achieved achieved(KpiFile.Kpi kpi, double value) {
        return new Achieved(
                kpi.name(),
                value,
                kpi.unit().orElse(""),
                kpi.direction() == KpiFile.Direction.LOWER,
                kpi.target().map(BigDecimal::doubleValue));
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    private static KpiValue shown(Goal goal, Finding finding, RunTable runs) {
        return new KpiValue(
                finding.experiment().workspace(),
                goal.kpi().name(),
                word(goal.kpi().subject()).replace('_', ' '),
                goal.kpi().description().orElse(""),
                finding.experiment().name(),
                finding.model(),
                finding.selector(),
                finding.value(),
                goal.kpi().unit().filter(unit -> !unit.equals(Goal.RATIO)).orElse(""),
                goal.met(finding.value()),
                finding.row() < 0 ? "" : runs.name(finding.row()) + " " + runs.id(finding.row()));
    }
}
