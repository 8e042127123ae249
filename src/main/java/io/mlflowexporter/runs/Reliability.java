package io.mlflowexporter.runs;

import io.mlflowexporter.catalog.Catalog;
import io.mlflowexporter.catalog.KeptRows;
import io.mlflowexporter.catalog.RunState;
import io.mlflowexporter.catalog.RunTable;
import io.mlflowexporter.metric.Family;
import io.mlflowexporter.metric.Family.Value;
import io.mlflowexporter.metric.FamilyDeclaration;
import io.mlflowexporter.metric.FamilyDeclaration.Fold;
import io.mlflowexporter.metric.FamilyDeclaration.Stability;
import io.mlflowexporter.metric.KeyedHash;
import io.mlflowexporter.metric.Samples;
import io.mlflowexporter.metric.SlidingWindow;
import io.mlflowexporter.metric.Times;
import io.mlflowexporter.mlflow.Experiment;
import io.mlflowexporter.mlflow.RunStatus;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;

/** How reliably runs come to a good end. */
public final class Reliability {
    static final FamilyDeclaration ERROR_RATIO = new FamilyDeclaration(
            "mlflow_run_error_ratio",
            FamilyDeclaration.Type.GAUGE,
            "Share of the runs that ended inside the window that failed or were killed, deleted ones included, as of the"
                    + " snapshot.",
            List.of("window", "experiment", "phase"),
            Stability.STABLE,
            Fold.drop("experiment"));
    static final FamilyDeclaration RETRY_STORM = new FamilyDeclaration(
            "mlflow_retry_storm_runs",
            FamilyDeclaration.Type.GAUGE,
            "Longest row of runs of one name with equal params that failed within the last day one after the other, none of"
                    + " them having succeeded since, where there were two or more, as of the snapshot.",
            List.of("experiment", "phase"),
            Stability.STABLE,
            Fold.max("experiment"));
    static final FamilyDeclaration LAST_SUCCESS = new FamilyDeclaration(
            "mlflow_last_success_timestamp_seconds",
            FamilyDeclaration.Type.GAUGE,
            "When the last run that finished ended, Unix time, deleted ones included, as of the snapshot.",
            List.of("experiment", "phase"),
            Stability.STABLE,
            Fold.max("experiment"));

    private static final SlidingWindow[] WINDOWS = SlidingWindow.values();

    private record Key(String workspace, String experiment, String phase) implements Comparable<Key> {
        private static final Comparator<Key> ORDER =
                Comparator.comparing(Key::experiment).thenComparing(Key::phase).thenComparing(Key::workspace);

        @Override
        public int hashCode() {
            return KeyedHash.place(experiment, phase);
        }

        @Override
        public int compareTo(Key other) {
            return ORDER.compare(this, other);
        }
    }

    /** What is tried again and again. */
    private record Attempt(Key key, String name, int params) implements Comparable<Attempt> {
        private static final Comparator<Attempt> ORDER = Comparator.comparing(Attempt::name)
                .thenComparingInt(Attempt::params)
                .thenComparing(Attempt::key);

        @Override
        public int hashCode() {
            return KeyedHash.place(key.experiment(), name) + params;
        }

        @Override
        public int compareTo(Attempt other) {
            return ORDER.compare(this, other);
        }
    }

    private static final class Outcomes {
        private final long[] ended = new long[WINDOWS.length];
        private final long[] bad = new long[WINDOWS.length];
    }

    private record End(long millis, int row) implements Comparable<End> {
        @Override
        public int compareTo(End other) {
            int byTime = Long.compare(millis, other.millis);
            return byTime == 0 ? Integer.compare(row, other.row) : byTime;
        }
    }

    private final Map<Key, Outcomes> outcomes = new LinkedHashMap<>();
    private final Map<Key, Long> successes = new LinkedHashMap<>();
    /** The newest success was taken back, and it is not known which is next. */
    private final Set<Key> lost = new HashSet<>();

    private final Map<Attempt, TreeMap<End, RunStatus>> attempts = new LinkedHashMap<>();

    Reliability() {}

    /** All families of this subject. */
    public static List<FamilyDeclaration> declarations() {
        return List.of(ERROR_RATIO, RETRY_STORM, LAST_SUCCESS);
    }

    /**
     * Adds a run, or takes it back.
     *
     * @param times 1, or -1 for one that was added before
     * @return until when it counts as it does now, as {@link KeptRows.Sums#put} says it
     */
    long add(int times, Catalog catalog, int row, long nowMillis) {
        RunTable runs = catalog.runs();
        long end = runs.endMillis(row);
        RunStatus status = runs.status(row);
        if (!runs.counted(row) || !status.ended() || end == Times.ABSENT) {
            return KeptRows.FOREVER;
        }
        if (end > nowMillis) {
            return end - 1;
        }
        Experiment experiment = catalog.experiment(runs.experimentId(row));
        Key key = new Key(experiment.workspace(), experiment.name(), runs.phase(row));
        if (status == RunStatus.FINISHED) {
            success(times, key, end);
        }
        long until = KeptRows.FOREVER;
        for (int i = WINDOWS.length - 1; i >= 0 && end > nowMillis - WINDOWS[i].millis(); i--) {
            Outcomes counts = outcomes.computeIfAbsent(key, k -> new Outcomes());
            counts.ended[i] += times;
            counts.bad[i] += status == RunStatus.FINISHED ? 0 : times;
            until = end + WINDOWS[i].millis() - 1;
        }
        // Whoever deletes runs that failed has seen them.
        if (end > nowMillis - SlidingWindow.DAY.millis() && runs.state(row) == RunState.ACTIVE) {
            attempt(times, new Attempt(key, runs.name(row), runs.paramsHash(row)), new End(end, row), status);
        }
        return until;
    }

    private void success(int times, Key key, long end) {
        long newest = successes.getOrDefault(key, Times.ABSENT);
        if (times > 0 && end >= newest) {
            successes.put(key, end);
            lost.remove(key);
        } else if (times < 0 && end == newest) {
            lost.add(key);
        }
    }

    private void attempt(int times, Attempt attempt, End end, RunStatus status) {
        TreeMap<End, RunStatus> ends = attempts.computeIfAbsent(attempt, a -> new TreeMap<>());
        if (times > 0) {
            ends.put(end, status);
        } else {
            ends.remove(end);
        }
        if (ends.isEmpty()) {
            attempts.remove(attempt);
        }
    }

    /** False where something taken back cannot be. Once all runs are put in. */
    boolean whole() {
        return lost.isEmpty();
    }

    List<Family> families() {
        List<Family.Sample> ratios = new ArrayList<>();
        outcomes.forEach((key, counts) -> {
            for (int i = 0; i < WINDOWS.length; i++) {
                if (counts.ended[i] > 0) {
                    ratios.add(new Value(
                            key.workspace(),
                            List.of(WINDOWS[i].label(), key.experiment(), key.phase()),
                            (double) counts.bad[i] / counts.ended[i]));
                }
            }
        });
        Samples storms = new Samples();
        attempts.forEach((attempt, ends) -> {
            int failed = failedSinceSuccess(ends);
            if (failed > 1) {
                Key key = attempt.key();
                storms.max(key.workspace(), failed, key.experiment(), key.phase());
            }
        });
        Samples last = new Samples();
        successes.forEach((key, millis) -> last.max(key.workspace(), millis / 1000.0, key.experiment(), key.phase()));
        return List.of(new Family(ERROR_RATIO, ratios), storms.family(RETRY_STORM), last.family(LAST_SUCCESS));
    }

    /** A run that was killed says nothing of whether it would have failed again. */
    private static int failedSinceSuccess(NavigableMap<End, RunStatus> ends) {
        int failed = 0;
        for (RunStatus status : ends.descendingMap().values()) {
            if (status == RunStatus.FINISHED) {
                break;
            }
            failed += status == RunStatus.FAILED ? 1 : 0;
        }
        return failed;
    }
}
