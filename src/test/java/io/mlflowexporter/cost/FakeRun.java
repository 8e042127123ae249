package io.mlflowexporter.cost;

import io.mlflowexporter.metric.Times;
import io.mlflowexporter.mlflow.LifecycleStage;
import io.mlflowexporter.mlflow.MetricTimes;
import io.mlflowexporter.mlflow.ParamsHash;
import io.mlflowexporter.mlflow.Run;
import io.mlflowexporter.mlflow.RunStatus;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/**
 * A run to put into {@link FakeMlflow}. Each method gives a changed copy.
 *
 * @param startMillis Unix milliseconds, {@link Times#ABSENT} for none; as the two after it
 */
public record FakeRun(
        String id,
        String experimentId,
        String name,
        String user,
        RunStatus status,
        boolean deleted,
        long startMillis,
        long endMillis,
        long heartbeatMillis,
        Map<String, String> tags,
        Map<String, String> params,
        Map<String, Double> metrics) {

    public FakeRun {
        tags = Map.copyOf(tags);
        params = Map.copyOf(params);
        metrics = Map.copyOf(metrics);
    }

    /** A run of experiment 1 that has been running since then. */
    static FakeRun running(String id, Instant start) {
        return new FakeRun(
                id,
                "1",
                "training",
                "ann",
                RunStatus.RUNNING,
                false,
                start.toEpochMilli(),
                Times.ABSENT,
                Times.ABSENT,
                Map.of(),
                Map.of(),
                Map.of());
    }

    /** A run of experiment 1 that finished. */
    public static FakeRun finished(String id, Instant start, Instant end) {
        return running(id, start).ended(RunStatus.FINISHED, end);
    }

    FakeRun ended(RunStatus how, Instant end) {
        return with(how, deleted, startMillis, end.toEpochMilli(), heartbeatMillis);
    }

    FakeRun status(RunStatus changed) {
        return with(changed, deleted, startMillis, endMillis, heartbeatMillis);
    }

    FakeRun times(long start, long end) {
        return with(status, deleted, start, end, heartbeatMillis);
    }

    FakeRun lastMetric(Instant at) {
        return with(status, deleted, startMillis, endMillis, at.toEpochMilli());
    }

    FakeRun deleted(boolean changed) {
        return with(status, changed, startMillis, endMillis, heartbeatMillis);
    }

    private FakeRun with(RunStatus how, boolean gone, long start, long end, long heartbeat) {
        return new FakeRun(id, experimentId, name, user, how, gone, start, end, heartbeat, tags, params, metrics);
    }

    FakeRun experiment(String changed) {
        return new FakeRun(
                id,
                changed,
                name,
                user,
                status,
                deleted,
                startMillis,
                endMillis,
                heartbeatMillis,
                tags,
                params,
                metrics);
    }

    FakeRun name(String changed) {
        return new FakeRun(
                id,
                experimentId,
                changed,
                user,
                status,
                deleted,
                startMillis,
                endMillis,
                heartbeatMillis,
                tags,
                params,
                metrics);
    }

    FakeRun user(String changed) {
        return new FakeRun(
                id,
                experimentId,
                name,
                changed,
                status,
                deleted,
                startMillis,
                endMillis,
                heartbeatMillis,
                tags,
                params,
                metrics);
    }

    public FakeRun tag(String key, String value) {
        return new FakeRun(
                id,
                experimentId,
                name,
                user,
                status,
                deleted,
                startMillis,
                endMillis,
                heartbeatMillis,
                and(tags, key, value),
                params,
                metrics);
    }

    FakeRun parent(String runId) {
        return tag("mlflow.parentRunId", runId);
    }

    FakeRun param(String key, String value) {
        return new FakeRun(
                id,
                experimentId,
                name,
                user,
                status,
                deleted,
                startMillis,
                endMillis,
                heartbeatMillis,
                tags,
                and(params, key, value),
                metrics);
    }

    FakeRun metric(String key, double value) {
        return new FakeRun(
                id,
                experimentId,
                name,
                user,
                status,
                deleted,
                startMillis,
                endMillis,
                heartbeatMillis,
                tags,
                params,
                and(metrics, key, value));
    }

    private static <V> Map<String, V> and(Map<String, V> map, String key, V value) {
        Map<String, V> more = new HashMap<>(map);
        more.put(key, value);
        return more;
    }

    /** As it is read then. */
    Run in(String workspace, long nowMillis) {
        MetricTimes times = new MetricTimes();
        times.add(heartbeatMillis);
        Map<String, Run.Metric> logged = new HashMap<>();
        metrics.forEach((key, value) -> logged.put(key, new Run.Metric(value, heartbeatMillis, 0)));
        return new Run(
                workspace,
                id,
                experimentId,
                name,
                user,
                status,
                deleted ? LifecycleStage.DELETED : LifecycleStage.ACTIVE,
                startMillis,
                endMillis,
                times.newest(status, startMillis, endMillis, nowMillis),
                tags,
                params,
                logged,
                ParamsHash.of(params),
                0,
                times.inFuture(),
                times.beforeStart());
    }
}
