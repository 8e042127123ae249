package io.mlflowexporter.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.mlflowexporter.conformance.PlainRest.Reply;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** How MLflow 3 answers for traces, as docs/mlflow-facts.md lists it: the real server and the simulated one alike. */
@ParameterizedClass
@EnumSource(
        value = ConformanceTarget.class,
        names = {"SIMULATED_3", "REAL_3"})
final class TraceFactsIT {
    private static final String API = "/api/3.0/mlflow/";
    private static final long HOUR = 3_600_000;
    private static final long T0 = 1_764_000_000_000L / HOUR * HOUR;

    @Parameter
    ConformanceTarget target;

    private PlainRest rest;
    private String experiment;
    private final List<String> ids = new ArrayList<>();

    @BeforeEach
    void write() throws Exception {
        rest = new PlainRest(target.uri());
        experiment = rest.post("experiments/create", "{\"name\": \"traces " + UUID.randomUUID() + "\"}")
                .json()
                .path("experiment_id")
                .asText();
        trace(T0, "1s", "OK");
        trace(T0 + HOUR - 1, "0s", "OK");
        trace(T0 + HOUR, "0.005s", "ERROR");
        trace(T0 + HOUR, "", "IN_PROGRESS");
    }

    private void trace(long start, String duration, String state) throws Exception {
        String id = "tr-" + UUID.randomUUID().toString().replace("-", "");
        ids.add(id);
        String info = "{\"trace_id\": \"" + id + "\", \"trace_location\": {\"type\": \"MLFLOW_EXPERIMENT\","
                + " \"mlflow_experiment\": {\"experiment_id\": \"" + experiment + "\"}}, \"request_time\": \""
                + Instant.ofEpochMilli(start) + "\","
                + (duration.isEmpty() ? "" : " \"execution_duration\": \"" + duration + "\",") + " \"state\": \""
                + state
                + "\", \"trace_metadata\": {\"mlflow.trace.user\": \"ana\"},"
                + " \"tags\": {\"mlflow.traceName\": \"n\", \"team\": \"red\"}, \"request_preview\": \"hello\"}";
        rest.post(API + "traces", "{\"trace\": {\"trace_info\": " + info + "}}").ok();
    }

    private Reply search(String fields) throws Exception {
        return rest.post(
                API + "traces/search",
                "{\"locations\": [{\"type\": \"MLFLOW_EXPERIMENT\", \"mlflow_experiment\": {\"experiment_id\": \""
                        + experiment + "\"}}]" + fields + "}");
    }

    /** The numbers of the traces found. */
    private List<Integer> found(String filter, String order) throws Exception {
        List<Integer> numbers = new ArrayList<>();
        search(", \"filter\": \"" + filter + "\", \"max_results\": 500, \"order_by\": [\"" + order + "\"]")
                .ok()
                .json()
                .path("traces")
                .forEach(trace -> numbers.add(ids.indexOf(trace.path("trace_id").asText())));
        return numbers;
    }

    @Test
    void tracesAreFilteredByStartEndAndStatus() throws Exception {
        assertThat(found(
                        "trace.timestamp_ms >= " + T0 + " AND trace.timestamp_ms < " + (T0 + HOUR), "timestamp_ms ASC"))
                .containsExactly(0, 1);
        assertThat(found(
                        "trace.end_time_ms >= " + (T0 + 1000) + " AND trace.end_time_ms < " + (T0 + 1001),
                        "timestamp_ms ASC"))
                .containsExactly(0);
        assertThat(found("trace.end_time_ms >= " + (T0 + HOUR), "timestamp_ms ASC"))
                .as("one in progress ends when it starts")
                .containsExactlyInAnyOrder(2, 3);
        assertThat(found(
                        "trace.end_time_ms >= " + (T0 + HOUR) + " AND trace.status != 'IN_PROGRESS'",
                        "timestamp_ms ASC"))
                .containsExactly(2);
        assertThat(found("trace.status = 'IN_PROGRESS'", "timestamp_ms ASC")).containsExactly(3);
        assertThat(found("trace.execution_time_ms >= 1000", "timestamp_ms ASC")).containsExactly(0);
        assertThat(found("tag.team = 'red' AND metadata.mlflow.trace.user = 'bob'", "timestamp_ms ASC"))
                .isEmpty();
    }

    @Test
    void tracesAreNotSortedByEndAndPagesAreOffsets() throws Exception {
        assertThat(search(", \"order_by\": [\"end_time_ms ASC\"]").status()).isEqualTo(500);
        assertThat(search(", \"max_results\": 501").error()).isEqualTo("400 INVALID_PARAMETER_VALUE");
        assertThat(search(", \"max_results\": 0").error()).isEqualTo("400 INVALID_PARAMETER_VALUE");
        assertThat(search(", \"filter\": \"trace.foo = 1\"").error()).isEqualTo("400 INVALID_PARAMETER_VALUE");
        JsonNode page = search(", \"max_results\": 2, \"order_by\": [\"timestamp_ms ASC\"]")
                .ok()
                .json();
        assertThat(page.path("traces")).hasSize(2);
        assertThat(page.path("next_page_token").asText()).isEqualTo("eyJvZmZzZXQiOiAyfQ==");
        JsonNode last = search(", \"max_results\": 2, \"order_by\": [\"timestamp_ms ASC\"], \"page_token\": \""
                        + page.path("next_page_token").asText() + "\"")
                .ok()
                .json();
        assertThat(last.path("traces")).hasSize(2);
        assertThat(last.has("next_page_token")).as("after the last full page").isTrue();
    }

    @Test
    void aTraceIsWrittenAsItWasGiven() throws Exception {
        JsonNode traces =
                search(", \"order_by\": [\"timestamp_ms ASC\"]").ok().json().path("traces");
        JsonNode first = traces.get(0);
        assertThat(first.at("/trace_location/mlflow_experiment/experiment_id").asText())
                .isEqualTo(experiment);
        assertThat(Instant.parse(first.path("request_time").asText())).isEqualTo(Instant.ofEpochMilli(T0));
        assertThat(first.path("execution_duration").asText()).isEqualTo("1s");
        assertThat(traces.get(1).path("execution_duration").asText()).isEqualTo("0s");
        assertThat(first.path("state").asText()).isEqualTo("OK");
        assertThat(first.at("/trace_metadata/mlflow.trace.user").asText()).isEqualTo("ana");
        assertThat(first.at("/tags/team").asText()).isEqualTo("red");
        assertThat(found("trace.status = 'IN_PROGRESS'", "timestamp_ms ASC")).containsExactly(3);
        assertThat(traces).filteredOn(trace -> !trace.has("execution_duration")).hasSize(1);
    }

    @Test
    void feedbackComesWithTheTraceWhateverItsValue() throws Exception {
        for (String value : List.of("true", "\"yes\"", "0.5", "[1.5]", "{\"a\": \"b\"}", "null")) {
            rest.post(
                            API + "traces/" + ids.get(0) + "/assessments",
                            "{\"assessment\": {\"assessment_name\": \"a\", \"trace_id\": \"" + ids.get(0)
                                    + "\", \"source\": {\"source_type\": \"HUMAN\", \"source_id\": \"me\"},"
                                    + " \"create_time\": \"2026-01-01T00:00:00Z\","
                                    + " \"last_update_time\": \"2026-01-01T00:00:00Z\", \"feedback\": {\"value\": "
                                    + value
                                    + "}, \"valid\": true}}")
                    .ok();
        }
        JsonNode all = search(", \"filter\": \"trace.timestamp_ms = " + T0 + "\"")
                .ok()
                .json()
                .at("/traces/0/assessments");
        assertThat(all).hasSize(6);
        assertThat(all).allSatisfy(one -> {
            assertThat(one.at("/source/source_type").asText()).isEqualTo("HUMAN");
            assertThat(one.path("valid").asBoolean()).isTrue();
            assertThat(one.path("feedback").isObject()).isTrue();
        });
        assertThat(all)
                .extracting(one -> one.at("/feedback/value").toString())
                .contains("true", "\"yes\"", "0.5", "[1.5]", "{\"a\":\"b\"}");
    }

    private Reply sums(String metric, String aggregation, long from, long to, String more) throws Exception {
        return rest.post(
                API + "traces/metrics",
                "{\"experiment_ids\": [\"" + experiment + "\"], \"view_type\": \"TRACES\", \"metric_name\": \"" + metric
                        + "\", \"aggregations\": [{\"aggregation_type\": \"" + aggregation
                        + "\"}], \"time_interval_seconds\": 3600, \"start_time_ms\": " + from + ", \"end_time_ms\": "
                        + to
                        + more + "}");
    }

    private static List<String> points(Reply reply, String aggregation) {
        List<String> points = new ArrayList<>();
        reply.ok()
                .json()
                .path("data_points")
                .forEach(point -> points.add(point.at("/dimensions/time_bucket").asText() + " "
                        + point.at("/dimensions/trace_status").asText("") + " "
                        + point.at("/values/" + aggregation).asDouble()));
        return points;
    }

    @Test
    void sumsAreByTheHourWithBothBoundsIncludedAndCutWithoutAWord() throws Exception {
        String first = "2025-11-24T16:00:00+00:00 ";
        String second = "2025-11-24T17:00:00+00:00 ";
        assertThat(points(sums("trace_count", "COUNT", T0, T0 + HOUR, ""), "COUNT"))
                .containsExactly(first + " 2.0", second + " 2.0");
        assertThat(points(sums("trace_count", "COUNT", T0 + 1, T0 + HOUR - 1, ""), "COUNT"))
                .containsExactly(first + " 1.0");
        assertThat(points(sums("trace_count", "COUNT", T0, T0 + HOUR, ", \"max_results\": 1"), "COUNT"))
                .containsExactly(first + " 2.0");
        assertThat(points(sums("trace_count", "COUNT", T0, T0 + HOUR, ", \"dimensions\": [\"trace_status\"]"), "COUNT"))
                .containsExactlyInAnyOrder(first + "OK 2.0", second + "ERROR 1.0", second + "IN_PROGRESS 1.0");
        assertThat(points(sums("latency", "AVG", T0, T0 + HOUR, ""), "AVG"))
                .containsExactly(first + " 500.0", second + " 5.0");
        assertThat(sums("latency", "SUM", T0, T0 + HOUR, "").error()).isEqualTo("400 INVALID_PARAMETER_VALUE");
        assertThat(sums("trace_count", "COUNT", 0, 1, "").ok().body().strip()).isEqualTo("{}");
    }
}
