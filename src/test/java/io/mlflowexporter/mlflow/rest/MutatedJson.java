package io.mlflowexporter.mlflow.rest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Answers of MLflow's endpoints with something wrong here and there: other types, numbers out of all ranges, nesting, lone
 * surrogates, keys and elements that are there twice or not at all, bytes changed or cut off. The same for the same seed.
 */
public final class MutatedJson {
    private static final JsonMapper JSON = new JsonMapper();

    /** Right answers by endpoint. */
    private static final Map<String, JsonNode> RIGHT = Map.of(
            "experiments/search",
            tree("""
                    {"experiments": [
                      {"experiment_id": "0", "name": "Default", "artifact_location": "/a", "lifecycle_stage": "active",
                       "creation_time": 1700000000000, "last_update_time": "1700000000001",
                       "tags": [{"key": "team", "value": "a"}, {"key": "project", "value": "b"}]},
                      {"experiment_id": "1", "name": "other", "lifecycle_stage": "deleted"}]}"""),
            "runs/search",
            tree("""
                    {"runs": [
                      {"info": {"run_id": "00000000000000000000000000000001", "run_uuid": "1", "experiment_id": "0",
                                "run_name": "train", "user_id": "me", "status": "FINISHED", "lifecycle_stage": "active",
                                "start_time": 1700000000000, "end_time": "1700000060000", "artifact_uri": "/a"},
                       "data": {"metrics": [{"key": "accuracy", "value": 0.5, "timestamp": 1700000001000, "step": "0"},
                                            {"key": "system/cpu_utilization_percentage", "value": "NaN",
                                             "timestamp": 1700000001000, "step": 1}],
                                "params": [{"key": "lr", "value": "0.1"}],
                                "tags": [{"key": "mlflow.user", "value": "me"},
                                         {"key": "mlflow.source.name", "value": "train.py"},
                                         {"key": "mlflow.parentRunId", "value": "00000000000000000000000000000002"}]},
                       "inputs": {"dataset_inputs": [{"tags": []}]}},
                      {"info": {"run_id": "00000000000000000000000000000002", "experiment_id": "1", "status": "RUNNING",
                                "start_time": 1700000000001}, "data": {}}]}"""),
            "registered-models/search",
            tree("""
                    {"registered_models": [
                      {"name": "bikes", "creation_timestamp": 1700000000000, "last_updated_timestamp": 1700000000001,
                       "aliases": [{"alias": "champion", "version": "2"}, {"alias": "old", "version": "1"}],
                       "tags": [{"key": "a", "value": "b"}], "latest_versions": [{"name": "bikes", "version": "2"}]},
                      {"name": "cars", "creation_timestamp": 1700000000000}]}"""),
            "model-versions/search",
            tree("""
                    {"model_versions": [
                      {"name": "bikes", "version": "1", "creation_timestamp": 1700000000000, "current_stage": "Production",
                       "status": "READY", "run_id": "00000000000000000000000000000001"},
                      {"name": "bikes", "version": "2", "creation_timestamp": 1700000000500, "current_stage": "None",
                       "status": "READY", "run_id": "00000000000000000000000000000002"}]}"""),
            "metrics/get-history",
            tree("""
                    {"metrics": [{"key": "m", "value": 0.5, "timestamp": 1700000001000, "step": 0},
                                 {"key": "m", "value": "Infinity", "timestamp": "1700000002000", "step": "1"}]}"""));

    /** Right answers about traces; by their own tests only. */
    private static final Map<String, JsonNode> TRACES = Map.of("traces/search", tree("""
                    {"traces": [
                      {"trace_id": "tr-1", "trace_location": {"type": "MLFLOW_EXPERIMENT",
                       "mlflow_experiment": {"experiment_id": "1"}}, "request_time": "2026-11-27T23:10:35.728Z",
                       "execution_duration": "1.037s", "state": "OK",
                       "trace_metadata": {"mlflow.traceInputs": "confidential", "mlflow.trace.user": "ana",
                         "mlflow.trace.tokenUsage": "{\\"input_tokens\\": 100, \\"output_tokens\\": 10}",
                         "mlflow.trace.cost": "{\\"total_cost\\": 0.25}"},
                       "assessments": [
                         {"assessment_id": "a-1", "assessment_name": "relevance", "source": {"source_type": "LLM_JUDGE"},
                          "create_time": "2026-11-27T23:14:29.140Z", "feedback": {"value": 0.75},
                          "metadata": {"mlflow.assessment.judgeCost": "0.002"}, "valid": true},
                         {"assessment_id": "a-2", "assessment_name": "ok", "feedback": {"value": {"a": ["yes"]}}}],
                       "tags": {"team": "red", "mlflow.traceName": "answer"}, "request_preview": "confidential"},
                      {"trace_id": "tr-2", "request_time": "2026-11-27T23:10:36Z", "state": "IN_PROGRESS"}]}"""), "traces/metrics", tree("""
                    {"data_points": [
                      {"metric_name": "trace_count",
                       "dimensions": {"time_bucket": "2026-11-27T17:00:00+00:00", "trace_status": "OK"},
                       "values": {"COUNT": 25.0}},
                      {"metric_name": "trace_count", "dimensions": {"trace_status": "ERROR",
                       "time_bucket": "2026-11-27T18:00:00+00:00"}, "values": {"COUNT": 1}}]}"""));

    /** All that can be asked for. */
    public static final List<String> ENDPOINTS =
            RIGHT.keySet().stream().sorted().toList();

    private static final List<String> ODD = List.of(
            "null",
            "true",
            "0",
            "-1",
            "1e400",
            "-1e400",
            "NaN",
            "9223372036854775807",
            "-9223372036854775808",
            "9223372036854775808",
            "1" + "0".repeat(300),
            "0.0000000000000000000000000000000000001",
            "1700000000000.5",
            "\"\"",
            "\"\\ud800\"",
            "\"\\udc00\\ud800\"",
            "\"\\u0000\\n\\u2028\"",
            "\"_other\"",
            "\"1e309\"",
            "\"0x1p3\"",
            "\"99999999999999999999\"",
            "\"" + "x".repeat(1_500) + "\"",
            "\"" + "😀".repeat(600) + "\"",
            "[]",
            "{}",
            "[[]]",
            "{\"key\": {}}",
            "[".repeat(60) + "]".repeat(60),
            "[".repeat(150) + "]".repeat(150),
            "{\"a\":".repeat(90) + "1" + "}".repeat(90));

    private final SplittableRandom random;
    private final StringBuilder text = new StringBuilder();
    private int rate;

    private MutatedJson(long seed) {
        random = new SplittableRandom(seed);
    }

    private static JsonNode tree(String json) {
        try {
            return JSON.readTree(json);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** An endpoint's answer. */
    public static byte[] of(String endpoint, long seed) {
        return new MutatedJson(seed).bytes(RIGHT.getOrDefault(endpoint, TRACES.get(endpoint)));
    }

    private byte[] bytes(JsonNode right) {
        // From one mutation in all to one in every fourth place.
        rate = 4 << random.nextInt(6);
        value(right);
        byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
        if (random.nextInt(10) == 0) {
            bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length + 1));
        }
        if (random.nextInt(10) == 0 && bytes.length > 0) {
            for (int i = random.nextInt(3); i >= 0; i--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
        }
        return bytes;
    }

    private boolean now() {
        return random.nextInt(rate) == 0;
    }

    private void value(JsonNode node) {
        if (now()) {
            text.append(ODD.get(random.nextInt(ODD.size())));
        } else if (node.isObject()) {
            text.append('{');
            String[] separator = {""};
            node.properties().forEach(field -> {
                for (int times = now() ? random.nextInt(3) : 1; times > 0; times--) {
                    text.append(separator[0])
                            .append('"')
                            .append(now() ? "other" : field.getKey())
                            .append("\":");
                    value(field.getValue());
                    separator[0] = ",";
                }
            });
            text.append('}');
        } else if (node.isArray()) {
            text.append('[');
            String separator = "";
            for (JsonNode element : node) {
                for (int times = now() ? random.nextInt(4) : 1; times > 0; times--) {
                    text.append(separator);
                    value(element);
                    separator = ",";
                }
            }
            text.append(']');
        } else {
            text.append(node);
        }
    }
}
