package io.mlflowexporter.runs;

import io.mlflowexporter.catalog.Catalog;
import io.mlflowexporter.catalog.ExperimentHistograms;
import io.mlflowexporter.catalog.RunState;
import io.mlflowexporter.catalog.RunTable;
import io.mlflowexporter.checkpoint.fields.FieldReader;
import io.mlflowexporter.checkpoint.fields.FieldWriter;
import io.mlflowexporter.metric.Family;
import io.mlflowexporter.metric.FamilyDeclaration;
import io.mlflowexporter.metric.FamilyDeclaration.Fold;
import io.mlflowexporter.metric.FamilyDeclaration.Stability;
import io.mlflowexporter.metric.Samples;
import io.mlflowexporter.metric.Times;
import io.mlflowexporter.mlflow.Experiment;
import io.mlflowexporter.mlflow.RunStatus;
import java.io.IOException;
import java.util.BitSet;
import java.util.List;

/**
 * How long runs wait as SCHEDULED before they run. MLflow keeps no time of that change: it is the time of the look that
 * found it. A run that began to wait and to run between two looks is not seen to have waited. Belongs to the refresh
 * thread.
 */
public final class QueueTimes {
    static final FamilyDeclaration WAITED = new FamilyDeclaration(
            "mlflow_run_queue_seconds",
            FamilyDeclaration.Type.HISTOGRAM,
            "Time from a run's start as scheduled until it was seen to run, each once, as of the snapshot.",
            List.of("experiment", "phase"),
            Stability.STABLE,
            Fold.sum("experiment"));
    static final FamilyDeclaration OLDEST = new FamilyDeclaration(
            "mlflow_oldest_scheduled_run_age_seconds",
            FamilyDeclaration.Type.GAUGE,
            "Time since the start of the oldest run that is scheduled and does not run yet, as of the snapshot.",
            List.of("experiment", "phase"),
            Stability.STABLE,
            Fold.max("experiment"));

    private BitSet waiting = new BitSet();
    private ExperimentHistograms waited = new ExperimentHistograms();

    /** What was seen until a restart. */
    public static final class Saved {
        private final BitSet waiting;
        private final ExperimentHistograms waited;

        private Saved(BitSet waiting, ExperimentHistograms waited) {
            this.waiting = waiting;
            this.waited = waited;
        }

        /** Nothing. */
        public static Saved nothing() {
            return new Saved(new BitSet(), new ExperimentHistograms());
        }
    }

    /** All families of this subject. */
    public static List<FamilyDeclaration> declarations() {
        return List.of(WAITED, OLDEST);
    }

    /** Looks at what has begun to wait and what has begun to run since the last time. */
    public List<Family> refresh(Catalog catalog, long nowMillis) {
        RunTable runs = catalog.runs();
        for (int row = waiting.nextSetBit(0); row >= 0; row = waiting.nextSetBit(row + 1)) {
            if (runs.status(row) != RunStatus.SCHEDULED) {
                waiting.clear(row);
                observe(runs, row, nowMillis);
            }
        }
        Samples oldest = new Samples();
        for (int row = runs.nextUnfinished(0); row >= 0; row = runs.nextUnfinished(row + 1)) {
            if (runs.status(row) == RunStatus.SCHEDULED && runs.counted(row)) {
                waiting.set(row);
                if (runs.state(row) == RunState.ACTIVE && runs.startMillis(row) != Times.ABSENT) {
                    Experiment experiment = catalog.experiment(runs.experimentId(row));
                    double seconds = Math.max(0, nowMillis - runs.startMillis(row)) / 1000.0;
                    oldest.max(experiment.workspace(), seconds, experiment.name(), runs.phase(row));
                }
            }
        }
        return List.of(waited.family(WAITED, catalog), oldest.family(OLDEST));
    }

    private void observe(RunTable runs, int row, long nowMillis) {
        // One that has ended meanwhile ran before that, nobody knows since when; one that vanished may never have run.
        if (runs.startMillis(row) == Times.ABSENT
                || runs.status(row) != RunStatus.RUNNING
                || runs.state(row) != RunState.ACTIVE) {
            return;
        }
        double seconds = Math.max(0, nowMillis - runs.startMillis(row)) / 1000.0;
        waited.observe(runs.experimentId(row), runs.countedPhase(row), seconds, runs.id(row), nowMillis);
    }

    /** Writes what was seen; the rows are those of the table of runs, which must be written with it. */
    public void write(FieldWriter out) throws IOException {
        int[] rows = waiting.stream().toArray();
        out.ints("waiting", rows, rows.length);
        waited.write(out, "waited");
    }

    /**
     * What {@link #write} wrote.
     *
     * @throws IOException if it is not that
     */
    public static Saved read(FieldReader in) throws IOException {
        BitSet waiting = new BitSet();
        ExperimentHistograms waited = new ExperimentHistograms();
        while (in.next()) {
            switch (in.name()) {
                case "waiting" -> {
                    for (int row : in.ints()) {
                        if (row < 0) {
                            throw new IOException("a row is negative");
                        }
                        waiting.set(row);
                    }
                }
                case "waited" -> waited = ExperimentHistograms.read(in);
                default -> {
                    // Of another version.
                }
            }
        }
        return new Saved(waiting, waited);
    }

    /** Goes on from what was seen of the same table of runs; whatever was seen since the start is forgotten. */
    public void restore(Saved saved) {
        waiting = saved.waiting;
        waited = saved.waited;
    }
}
