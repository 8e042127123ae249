package io.mlflowexporter.audit;

import io.mlflowexporter.audit.expected.SeriesName;
import io.mlflowexporter.audit.server.MlflowContent;
import io.mlflowexporter.audit.server.MlflowContent.Run;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** When a snapshot may have been read: at its time, or after a change that MLflow dates since. */
final class SnapshotMoments {
    private static final String RUNS = "mlflow_runs";
    private static final String RUNNING = "running";

    /** A moment, and by how many runs in all its counts by status differ from those served. */
    private record Moment(long millis, double difference) {}

    private final long since;
    private final long until;
    private final long readAt;
    /** Time to what changes then in the counts of runs that are not deleted, by status. */
    private final SortedMap<Long, Map<String, Integer>> changes = new TreeMap<>();

    private SnapshotMoments(long since, long until, long readAt) {
        this.since = since;
        this.until = until;
        this.readAt = readAt;
        changes.put(since, new HashMap<>());
    }

    /**
     * All of them, the likeliest first.
     *
     * @param until when the scrape was taken
     * @param readAt as {@link MlflowContent#asOf} takes it
     */
    static List<Long> likeliest(
            MlflowContent mlflow, long since, long until, long readAt, Map<SeriesName, Double> scraped) {
        SnapshotMoments moments = new SnapshotMoments(since, until, readAt);
        mlflow.experiments().forEach(it -> moments.change(it.createdMillis()));
        mlflow.models().forEach(it -> moments.change(it.createdMillis()));
        mlflow.versions().forEach(it -> moments.change(it.createdMillis()));
        mlflow.runs().forEach(moments::run);
        Map<String, Double> differences = new HashMap<>();
        mlflow.asOf(since, readAt).runs().stream()
                .filter(Run::active)
                .forEach(run -> differences.merge(run.word(), 1.0, Double::sum));
        scraped.forEach((series, said) -> {
            if (series.name().equals(RUNS)) {
                differences.merge(series.labels().getOrDefault("status", ""), -said, Double::sum);
            }
        });
        List<Moment> all = new ArrayList<>();
        moments.changes.forEach((millis, change) -> {
            change.forEach((status, number) -> differences.merge(status, (double) number, Double::sum));
            all.add(new Moment(
                    millis, differences.values().stream().mapToDouble(Math::abs).sum()));
        });
        all.sort(Comparator.comparingDouble(Moment::difference).thenComparingLong(Moment::millis));
        return all.stream().map(Moment::millis).toList();
    }

    private void run(Run run) {
        boolean began = change(run.startMillis());
        boolean ended = run.ended() && change(run.endMillis());
        if (!run.active()) {
            return;
        }
        boolean runs = run.ended() && MlflowContent.between(run.endMillis(), run.startMillis(), readAt);
        if (began) {
            count(run.startMillis(), runs ? RUNNING : run.word(), 1);
        }
        if (ended && (runs || !began)) {
            count(run.endMillis(), RUNNING, -1);
            count(run.endMillis(), run.word(), 1);
        }
    }

    /** Notes a change, if it is one since. */
    private boolean change(long millis) {
        boolean within = MlflowContent.between(millis, since, until);
        if (within) {
            changes.computeIfAbsent(millis, at -> new HashMap<>());
        }
        return within;
    }

    private void count(long millis, String status, int number) {
        changes.computeIfAbsent(millis, at -> new HashMap<>()).merge(status, number, Integer::sum);
    }
}
