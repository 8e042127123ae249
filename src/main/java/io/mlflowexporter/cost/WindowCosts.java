package io.mlflowexporter.cost;

import io.mlflowexporter.catalog.RunTable;
import io.mlflowexporter.catalog.SystemUse;
import io.mlflowexporter.cost.pricing.Tariff;
import io.mlflowexporter.cost.usage.CostClock;
import io.mlflowexporter.cost.usage.CostRun;
import io.mlflowexporter.cost.usage.CostSink;
import io.mlflowexporter.cost.usage.CostWindow;
import io.mlflowexporter.cost.usage.UsagePart;
import io.mlflowexporter.metric.Family;
import io.mlflowexporter.metric.FamilyDeclaration;
import io.mlflowexporter.metric.FamilyDeclaration.Fold;
import io.mlflowexporter.metric.FamilyDeclaration.Stability;
import io.mlflowexporter.metric.KeptSamples;
import io.mlflowexporter.mlflow.Experiment;
import java.util.List;
import java.util.Optional;

/** What the windows cost: of each run the part that ran inside. */
final class WindowCosts implements CostSink {
    static final FamilyDeclaration COST = new FamilyDeclaration(
            "mlflow_compute_cost",
            FamilyDeclaration.Type.GAUGE,
            "Estimated cost of what ran inside the window, deleted runs included, as of the snapshot.",
            List.of("window", "experiment", "phase", "outcome", "currency"),
            Stability.STABLE,
            Fold.sum("experiment"));
    static final FamilyDeclaration PROJECT = group("project");
    static final FamilyDeclaration TEAM = group("team");
    static final FamilyDeclaration IDLE = new FamilyDeclaration(
            "mlflow_compute_idle_cost",
            FamilyDeclaration.Type.GAUGE,
            "Share of the window's cost that paid for an idle GPU or, of runs that logged none, an idle CPU, by logged"
                    + " system metrics, as of the snapshot.",
            List.of("window", "experiment", "phase", "currency"),
            Stability.EXPERIMENTAL,
            Fold.sum("experiment"));

    private static final String NONE = "none";

    private CostClock now;
    private long earliestMillis;
    private final RunTable runs;
    private final Optional<String> projectTag;
    private final Optional<String> teamTag;
    private final KeptSamples costs = new KeptSamples();
    private final KeptSamples projects = new KeptSamples();
    private final KeptSamples teams = new KeptSamples();
    private final KeptSamples idle = new KeptSamples();

    WindowCosts(CostClock now, RunTable runs, Optional<String> projectTag, Optional<String> teamTag) {
        this.now = now;
        this.runs = runs;
        this.projectTag = projectTag;
        this.teamTag = teamTag;
    }

    @Override
    public void at(CostClock later) {
        now = later;
        earliestMillis =
                now.windows.stream().mapToLong(CostWindow::fromMillis).min().orElse(Long.MAX_VALUE);
    }

    private static FamilyDeclaration group(String group) {
        return new FamilyDeclaration(
                "mlflow_" + group + "_compute_cost",
                FamilyDeclaration.Type.GAUGE,
                "Estimated cost of what ran inside the window by the " + group
                        + " that the run's or else its experiment's tag names, as of the snapshot.",
                List.of("window", group, "currency"),
                Stability.STABLE,
                Fold.sum(group));
    }

    @Override
    public void priced(CostRun run, UsagePart part, Tariff.Piece piece, long fromMillis, long untilMillis) {
        long until = Math.min(untilMillis, now.nowMillis);
        if (until <= earliestMillis) {
            return;
        }
        Experiment experiment = run.experiment();
        String project = projectTag.map(tag -> group(run, tag)).orElse("");
        String team = teamTag.map(tag -> group(run, tag)).orElse("");
        double used = used(runs.use(run.row()));
        for (CostWindow window : now.windows) {
            long from = Math.max(fromMillis, window.fromMillis());
            if (from >= until) {
                continue;
            }
            double cost = CostSink.cost(run, part, piece, from, until);
            String currency = piece.currency();
            costs.add(
                    run.times(),
                    experiment.workspace(),
                    cost,
                    window.label(),
                    experiment.name(),
                    run.phase(),
                    run.outcome().label(),
                    currency);
            if (!project.isEmpty()) {
                projects.add(run.times(), experiment.workspace(), cost, window.label(), project, currency);
            }
            if (!team.isEmpty()) {
                teams.add(run.times(), experiment.workspace(), cost, window.label(), team, currency);
            }
            if (!Double.isNaN(used)) {
                idle.add(
                        run.times(),
                        experiment.workspace(),
                        cost * (1 - used),
                        window.label(),
                        experiment.name(),
                        run.phase(),
                        currency);
            }
        }
    }

    private String group(CostRun run, String tag) {
        String ofRun = runs.notes(run.row()).tags().getOrDefault(tag, "");
        String group = ofRun.isEmpty() ? run.experiment().tags().getOrDefault(tag, "") : ofRun;
        return group.isEmpty() ? NONE : group;
    }

    /** The use of what a machine is rented for: its GPUs, else its CPUs. */
    private static double used(SystemUse use) {
        return Double.isNaN(use.gpuRatio()) ? use.cpuRatio() : use.gpuRatio();
    }

    /** What each window cost, in the order of the label values of {@link #COST}. */
    List<WindowCost> values() {
        return costs.map((workspace, labels, amount) -> new WindowCost(
                workspace, labels.get(0), labels.get(1), labels.get(2), labels.get(3), labels.get(4), amount));
    }

    List<Family> families() {
        return List.of(costs.family(COST), projects.family(PROJECT), teams.family(TEAM), idle.family(IDLE));
    }
}
