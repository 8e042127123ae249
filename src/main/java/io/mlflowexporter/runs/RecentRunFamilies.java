package io.mlflowexporter.runs;

import io.mlflowexporter.catalog.BillableTime;
import io.mlflowexporter.catalog.Catalog;
import io.mlflowexporter.catalog.NewestRows;
import io.mlflowexporter.catalog.RunState;
import io.mlflowexporter.catalog.RunTable;
import io.mlflowexporter.catalog.TimeRules;
import io.mlflowexporter.metric.Family;
import io.mlflowexporter.metric.FamilyDeclaration;
import io.mlflowexporter.metric.FamilyDeclaration.Fold;
import io.mlflowexporter.metric.FamilyDeclaration.Stability;
import io.mlflowexporter.metric.Samples;
import io.mlflowexporter.metric.Times;
import io.mlflowexporter.mlflow.Experiment;
import java.util.Comparator;
import java.util.List;

/** The newest runs, one by one: the only families with a run's id as a label. */
public final class RecentRunFamilies {
    static final FamilyDeclaration INFO = new FamilyDeclaration(
            "mlflow_recent_run_info",
            FamilyDeclaration.Type.INFO,
            "Always 1: one of the newest runs that are not deleted, as of the snapshot.",
            List.of("experiment", "phase", "run_id", "run_name", "status", "user", "estimator_class"),
            Stability.STABLE,
            Fold.drop("run_id"));
    static final FamilyDeclaration STARTED = new FamilyDeclaration(
            "mlflow_recent_run_started_timestamp_seconds",
            FamilyDeclaration.Type.GAUGE,
            "When the run started, Unix time, as of the snapshot.",
            List.of("experiment", "phase", "run_id"),
            Stability.STABLE,
            Fold.drop("run_id"));
    static final FamilyDeclaration DURATION = new FamilyDeclaration(
            "mlflow_recent_run_duration_seconds",
            FamilyDeclaration.Type.GAUGE,
            "How long the run ran, or has run so far, as of the snapshot; a stale one until its last activity.",
            List.of("experiment", "phase", "run_id"),
            Stability.STABLE,
            Fold.drop("run_id"));

    private RecentRunFamilies() {}

    /** All families of this subject. */
    public static List<FamilyDeclaration> declarations() {
        return List.of(INFO, STARTED, DURATION);
    }

    public static List<Family> of(Catalog catalog, long nowMillis, TimeRules rules, int newest) {
        RunTable runs = catalog.runs();
        // A run without a start is older than any other: ABSENT is the least long.
        NewestRows rows = new NewestRows(newest, runs::startMillis, Comparator.comparing(runs::id));
        // From the newest row, as rows mostly come in order of start.
        for (int row = newest == 0 ? -1 : runs.size() - 1; row >= 0; row--) {
            if (!rows.tooOld(row) && runs.state(row) == RunState.ACTIVE) {
                rows.offer(row);
            }
        }
        Samples info = new Samples();
        Samples started = new Samples();
        Samples duration = new Samples();
        for (int row : rows.newestFirst()) {
            Experiment experiment = catalog.experiment(runs.experimentId(row));
            String workspace = experiment.workspace();
            String name = experiment.name();
            String phase = runs.phase(row);
            String id = runs.id(row);
            info.max(
                    workspace,
                    1,
                    name,
                    phase,
                    id,
                    runs.name(row),
                    runs.status(row).label(),
                    runs.user(row),
                    runs.estimatorClass(row));
            if (runs.startMillis(row) != Times.ABSENT) {
                started.max(workspace, runs.startMillis(row) / 1000.0, name, phase, id);
            }
            long millis = BillableTime.of(runs, row, nowMillis, rules).millis();
            if (millis != Times.ABSENT) {
                duration.max(workspace, millis / 1000.0, name, phase, id);
            }
        }
        return List.of(info.family(INFO), started.family(STARTED), duration.family(DURATION));
    }
}
