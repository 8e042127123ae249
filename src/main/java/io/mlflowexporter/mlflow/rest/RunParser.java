package io.mlflowexporter.mlflow.rest;

import com.fasterxml.jackson.core.JsonParser;
import io.mlflowexporter.metric.Times;
import io.mlflowexporter.mlflow.LifecycleStage;
import io.mlflowexporter.mlflow.MetricTimes;
import io.mlflowexporter.mlflow.ParamsHash;
import io.mlflowexporter.mlflow.Run;
import io.mlflowexporter.mlflow.RunProjection;
import io.mlflowexporter.mlflow.RunStatus;
import io.mlflowexporter.mlflow.rest.pages.Json;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalDouble;

/** Reads one run from the token stream. Not safe for use by several threads. */
final class RunParser {
    private static final String RUN_NAME_TAG = "mlflow.runName";
    private static final String USER_TAG = "mlflow.user";

    private final String workspace;
    private final RunProjection projection;
    private final long nowMillis;

    private String id = "";
    private String legacyId = "";
    private String experimentId = "";
    private String name = "";
    private String user = "";
    private RunStatus status = RunStatus.UNKNOWN;
    private LifecycleStage stage = LifecycleStage.ACTIVE;
    private long start;
    private long end;
    private final MetricTimes metricTimes = new MetricTimes();
    private int unreadable;
    private final int[] paramsHash = {0};
    private Map<String, String> tags = Map.of();
    private Map<String, String> params = Map.of();
    private Map<String, Run.Metric> metrics = Map.of();

    /** @param nowMillis when the runs are read */
    RunParser(String workspace, RunProjection projection, long nowMillis) {
        this.workspace = workspace;
        this.nowMillis = nowMillis;
        this.projection = projection;
    }

    /** The run at the parser's position. */
    Run read(JsonParser parser) throws IOException {
        reset();
        Json.object(parser, (field, value) -> {
            if (field.equals("info")) {
                Json.object(value, this::info);
            } else if (field.equals("data")) {
                Json.object(value, this::data);
            }
        });
        String tagName = tags.getOrDefault(RUN_NAME_TAG, "");
        String tagUser = tags.getOrDefault(USER_TAG, "");
        tags.keySet().removeIf(key -> !projection.tags().test(key));
        return new Run(
                workspace,
                id.isEmpty() ? legacyId : id,
                experimentId,
                name.isEmpty() ? tagName : name,
                tagUser.isEmpty() ? user : tagUser,
                status,
                stage,
                start,
                end,
                metricTimes.newest(status, start, end, nowMillis),
                tags,
                params,
                metrics,
                paramsHash[0],
                unreadable,
                metricTimes.inFuture(),
                metricTimes.beforeStart());
    }

    private void reset() {
        id = "";
        legacyId = "";
        experimentId = "";
        name = "";
        user = "";
        status = RunStatus.UNKNOWN;
        stage = LifecycleStage.ACTIVE;
        start = Times.ABSENT;
        end = Times.ABSENT;
        metricTimes.clear();
        unreadable = 0;
        paramsHash[0] = 0;
        tags = new HashMap<>();
        params = Map.of();
        metrics = Map.of();
    }

    private void info(String field, JsonParser value) throws IOException {
        switch (field) {
            case "run_id" -> id = Json.text(value);
            case "run_uuid" -> legacyId = Json.text(value);
            case "experiment_id" -> experimentId = Json.text(value);
            case "run_name" -> name = Json.text(value);
            case "user_id" -> user = Json.text(value);
            case "status" -> status = EntityParsers.status(Json.text(value));
            case "lifecycle_stage" -> stage = EntityParsers.stage(Json.text(value));
            case "start_time" -> start = time(value);
            case "end_time" -> end = time(value);
            default -> {
                // Artifact addresses and what newer servers add.
            }
        }
    }

    private long time(JsonParser value) throws IOException {
        long millis = Json.millis(value);
        if (millis == Times.ABSENT
                && Json.integer(value) == Times.ABSENT
                && !Json.text(value).isEmpty()) {
            unreadable++;
        }
        return millis;
    }

    private void data(String field, JsonParser value) throws IOException {
        switch (field) {
            case "tags" ->
                tags = Json.pairs(
                        value,
                        key -> key.equals(RUN_NAME_TAG)
                                || key.equals(USER_TAG)
                                || projection.tags().test(key));
            case "params" ->
                params = Json.pairs(
                        value, projection.params(), (name, text) -> paramsHash[0] += ParamsHash.of(name, text));
            case "metrics" -> {
                metrics = new HashMap<>();
                Json.array(value, this::metric);
            }
            default -> {
                // What newer servers add.
            }
        }
    }

    private void metric(JsonParser element) throws IOException {
        String[] key = {""};
        double[] number = {0};
        boolean[] readable = {false};
        long[] times = {Times.ABSENT, 0};
        Json.object(element, (field, value) -> {
            switch (field) {
                case "key" -> key[0] = Json.text(value);
                case "value" -> {
                    OptionalDouble read = Json.number(value);
                    readable[0] = read.isPresent();
                    number[0] = read.orElse(0);
                }
                case "timestamp" -> times[0] = Json.millis(value);
                case "step" -> times[1] = Json.step(value);
                default -> {
                    // Dataset links and what newer servers add.
                }
            }
        });
        metricTimes.add(times[0]);
        if (!projection.metrics().test(key[0])) {
            return;
        }
        if (readable[0]) {
            metrics.put(key[0], new Run.Metric(number[0], times[0], times[1]));
        } else {
            unreadable++;
        }
    }
}
