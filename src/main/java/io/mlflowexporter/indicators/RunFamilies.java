package io.mlflowexporter.indicators;

import io.mlflowexporter.catalog.Catalog;
import io.mlflowexporter.catalog.RunState;
import io.mlflowexporter.catalog.RunTable;
import io.mlflowexporter.indicators.Family.Distribution;
import io.mlflowexporter.indicators.FamilyDeclaration.Fold;
import io.mlflowexporter.indicators.FamilyDeclaration.Stability;
import io.mlflowexporter.mlflow.Experiment;
import io.mlflowexporter.mlflow.Times;
import java.util.List;

/** What is said of runs. */
public final class RunFamilies {
    static final FamilyDeclaration RUNS = new FamilyDeclaration(
            "mlflow_runs",
            FamilyDeclaration.Type.GAUGE,
            "Runs that are not deleted, as of the snapshot.",
            List.of("experiment", "phase", "status"),
            Stability.STABLE,
            Fold.sum("experiment"));
    static final FamilyDeclaration STARTED = new FamilyDeclaration(
            "mlflow_runs_started_total",
            FamilyDeclaration.Type.COUNTER,
            "Runs ever seen, deleted ones included, as of the snapshot.",
            List.of("experiment", "phase"),
            Stability.STABLE,
            Fold.sum("experiment"));
    static final FamilyDeclaration ENDED = new FamilyDeclaration(
            "mlflow_runs_ended_total",
            FamilyDeclaration.Type.COUNTER,
            "Runs seen to have ended, deleted ones included, as of the snapshot; each counts once.",
            List.of("experiment", "phase", "status"),
            Stability.STABLE,
            Fold.sum("experiment"));
    static final FamilyDeclaration DURATION = new FamilyDeclaration(
            "mlflow_run_duration_seconds",
            FamilyDeclaration.Type.HISTOGRAM,
            "Time from start to end of the runs seen to have ended, each once, deleted ones included, as of the snapshot.",
            List.of("experiment", "phase", "status"),
            Stability.STABLE,
            Fold.sum("experiment"));
    static final FamilyDeclaration STALE = new FamilyDeclaration(
            "mlflow_runs_stale",
            FamilyDeclaration.Type.GAUGE,
            "Active runs without a sign of life for longer than refresh.stale_after, as of the snapshot.",
            List.of("experiment", "phase"),
            Stability.STABLE,
            Fold.sum("experiment"));
    static final FamilyDeclaration OLDEST = new FamilyDeclaration(
            "mlflow_oldest_active_run_age_seconds",
            FamilyDeclaration.Type.GAUGE,
            "Time since the start of the oldest active run, stale ones included, as of the snapshot.",
            List.of("experiment", "phase"),
            Stability.STABLE,
            Fold.max("experiment"));
    static final FamilyDeclaration ESTIMATORS = new FamilyDeclaration(
            "mlflow_estimator_runs",
            FamilyDeclaration.Type.GAUGE,
            "Runs that are not deleted and tell their estimator's class, as of the snapshot.",
            List.of("experiment", "estimator_class"),
            Stability.STABLE,
            Fold.sum("estimator_class"));

    private RunFamilies() {}

    /** All families of this subject. */
    public static List<FamilyDeclaration> declarations() {
        return List.of(RUNS, STARTED, ENDED, DURATION, STALE, OLDEST, ESTIMATORS);
    }

    static List<Family> of(Catalog catalog, long nowMillis, long staleAfterMillis) {
        RunTable runs = catalog.runs();
        Samples now = new Samples();
        Samples started = new Samples();
        Samples ended = new Samples();
        Samples stale = new Samples();
        Samples oldest = new Samples();
        Samples estimators = new Samples();
        ByLabels<DurationHistogram> durations = new ByLabels<>();
        for (int row = 0; row < runs.size(); row++) {
            if (!runs.counted(row)) {
                continue;
            }
            Experiment experiment = catalog.experiment(runs.experimentId(row));
            String workspace = experiment.workspace();
            String name = experiment.name();
            started.add(workspace, 1, name, runs.countedPhase(row));
            if (runs.countedEnd(row)) {
                String status = runs.countedStatus(row).label();
                ended.add(workspace, 1, name, runs.countedPhase(row), status);
                if (runs.countedMillis(row) != Times.ABSENT) {
                    durations
                            .get(DurationHistogram::new, workspace, name, runs.countedPhase(row), status)
                            .observe(runs.countedMillis(row) / 1000.0, runs.id(row), runs.endMillis(row));
                }
            }
            if (runs.state(row) != RunState.ACTIVE) {
                continue;
            }
            String phase = runs.phase(row);
            now.add(workspace, 1, name, phase, runs.status(row).label());
            stale.add(workspace, runs.stale(row, nowMillis, staleAfterMillis) ? 1 : 0, name, phase);
            if (runs.status(row).active() && runs.startMillis(row) != Times.ABSENT) {
                oldest.max(workspace, Math.max(0, nowMillis - runs.startMillis(row)) / 1000.0, name, phase);
            }
            if (!runs.estimatorClass(row).isEmpty()) {
                estimators.add(workspace, 1, name, runs.estimatorClass(row));
            }
        }
        List<Family.Sample> distributions = durations.map(Distribution::new);
        return List.of(
                now.family(RUNS),
                started.family(STARTED),
                ended.family(ENDED),
                new Family(DURATION, distributions),
                stale.family(STALE),
                oldest.family(OLDEST),
                estimators.family(ESTIMATORS));
    }
}
