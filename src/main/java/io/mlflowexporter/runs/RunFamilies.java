package io.mlflowexporter.runs;

import io.mlflowexporter.catalog.BillableTime;
import io.mlflowexporter.catalog.Catalog;
import io.mlflowexporter.catalog.RunState;
import io.mlflowexporter.catalog.RunTable;
import io.mlflowexporter.catalog.TimeRules;
import io.mlflowexporter.metric.ByLabels;
import io.mlflowexporter.metric.DurationHistogram;
import io.mlflowexporter.metric.Family;
import io.mlflowexporter.metric.Family.Distribution;
import io.mlflowexporter.metric.FamilyDeclaration;
import io.mlflowexporter.metric.FamilyDeclaration.Fold;
import io.mlflowexporter.metric.FamilyDeclaration.Stability;
import io.mlflowexporter.metric.KeptSamples;
import io.mlflowexporter.metric.Samples;
import io.mlflowexporter.metric.Times;
import io.mlflowexporter.mlflow.Experiment;
import java.util.ArrayList;
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
            "How long runs ran that were seen to have ended, each once, deleted ones included, as of the snapshot.",
            List.of("experiment", "phase", "status"),
            Stability.STABLE,
            Fold.sum("experiment"));
    static final FamilyDeclaration STALE = new FamilyDeclaration(
            "mlflow_runs_stale",
            FamilyDeclaration.Type.GAUGE,
            "Active runs without activity for longer than refresh.stale_after, as of the snapshot.",
            List.of("experiment", "phase"),
            Stability.STABLE,
            Fold.sum("experiment"));
    static final FamilyDeclaration OLDEST = new FamilyDeclaration(
            "mlflow_oldest_active_run_age_seconds",
            FamilyDeclaration.Type.GAUGE,
            "Time since the oldest active run was started or, where that was seen, began to run or was resumed; stale ones"
                    + " included, as of the snapshot.",
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

    private final KeptSamples now = new KeptSamples();
    private final KeptSamples started = new KeptSamples();
    private final KeptSamples ended = new KeptSamples();
    private final KeptSamples stale = new KeptSamples();
    private final KeptSamples estimators = new KeptSamples();
    private final ByLabels<DurationHistogram> durations = new ByLabels<>();
    /** Only of active runs, all of which are told anew at each refresh. */
    private Samples oldest = new Samples();

    RunFamilies() {}

    /** All families of this subject. */
    public static List<FamilyDeclaration> declarations() {
        return List.of(RUNS, STARTED, ENDED, DURATION, STALE, OLDEST, ESTIMATORS);
    }

    /** A new refresh begins. */
    void begin() {
        oldest = new Samples();
    }

    /**
     * Adds a run, or takes it back.
     *
     * @param times 1, or -1 for one that was added before
     */
    void add(int times, Catalog catalog, int row, long nowMillis, TimeRules rules) {
        RunTable runs = catalog.runs();
        if (!runs.counted(row)) {
            return;
        }
        Experiment experiment = catalog.experiment(runs.experimentId(row));
        String workspace = experiment.workspace();
        String name = experiment.name();
        started.add(times, workspace, 1, name, runs.countedPhase(row));
        if (runs.countedEnd(row)) {
            String status = runs.countedStatus(row).label();
            ended.add(times, workspace, 1, name, runs.countedPhase(row), status);
            if (runs.countedMillis(row) != Times.ABSENT) {
                DurationHistogram histogram =
                        durations.get(DurationHistogram::new, workspace, name, runs.countedPhase(row), status);
                double seconds = runs.countedMillis(row) / 1000.0;
                if (times > 0) {
                    histogram.observe(seconds, runs.id(row), runs.endMillis(row));
                } else {
                    histogram.take(seconds, runs.id(row));
                }
            }
        }
        if (runs.state(row) != RunState.ACTIVE) {
            return;
        }
        String phase = runs.phase(row);
        now.add(times, workspace, 1, name, phase, runs.status(row).label());
        stale.add(
                times,
                workspace,
                BillableTime.stale(runs, row, nowMillis, rules.staleAfterMillis()) ? 1 : 0,
                name,
                phase);
        long activeSince = BillableTime.activeSince(runs, row);
        if (times > 0 && activeSince != Times.ABSENT) {
            oldest.max(workspace, Math.max(0, nowMillis - activeSince) / 1000.0, name, phase);
        }
        if (!runs.estimatorClass(row).isEmpty()) {
            estimators.add(times, workspace, 1, name, runs.estimatorClass(row));
        }
    }

    /** False where something taken back cannot be: see {@link DurationHistogram#whole}. */
    boolean whole() {
        return durations.map((workspace, labels, histogram) -> histogram.whole()).stream()
                .allMatch(whole -> whole);
    }

    List<Family> families() {
        List<Family.Sample> distributions = new ArrayList<>();
        durations.forEach((workspace, labels, histogram) -> {
            if (histogram.count() > 0) {
                // A copy: what is published must not change.
                distributions.add(new Distribution(workspace, labels, histogram.merge(new DurationHistogram())));
            }
        });
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
