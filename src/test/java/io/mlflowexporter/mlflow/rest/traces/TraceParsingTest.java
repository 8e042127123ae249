package io.mlflowexporter.mlflow.rest.traces;

import static io.mlflowexporter.testing.ScriptedServer.json;
import static org.assertj.core.api.Assertions.assertThat;

import io.mlflowexporter.metric.Times;
import io.mlflowexporter.mlflow.rest.Client;
import io.mlflowexporter.mlflow.traces.Assessment;
import io.mlflowexporter.mlflow.traces.Trace;
import io.mlflowexporter.mlflow.traces.TraceProjection;
import io.mlflowexporter.mlflow.traces.TraceQuery;
import io.mlflowexporter.mlflow.traces.TraceTokens;
import io.mlflowexporter.testing.ScriptedServer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is made of a trace as servers write it. */
final class TraceParsingTest {
    private static final TraceProjection NOTES =
            new TraceProjection(Set.of("team"), Set.of("mlflow.trace.user", "mlflow.sourceRun"));

    private final ScriptedServer server = ScriptedServer.start();

    @AfterEach
    void stop() {
        server.close();
    }

    private Trace trace(String fields) throws Exception {
        server.then(json("{\"traces\":[{\"trace_id\":\"t\"," + fields + "}]}"));
        List<Trace> read = new ArrayList<>();
        TraceQuery query = new TraceQuery("", List.of("1"), TraceQuery.By.START, 0, Long.MAX_VALUE, NOTES);
        Client.of(server.uri()).source.traces().orElseThrow().search(query, 10, read::add);
        assertThat(read).hasSize(1);
        return read.get(0);
    }

    private Trace metadata(String key, String text) throws Exception {
        return trace("\"trace_metadata\":{\"" + key + "\":\"" + text.replace("\"", "\\\"") + "\"}");
    }

    @Test
    void aTraceInFull() throws Exception {
        Trace trace = trace("""
                "trace_location": {"type": "MLFLOW_EXPERIMENT", "mlflow_experiment": {"experiment_id": "1"}},
                "request_time": "2026-11-27T23:10:35.728Z", "execution_duration": "1.037s", "state": "ERROR",
                "trace_metadata": {
                  "mlflow.traceInputs": "MARKER", "mlflow.trace.user": "ana", "mlflow.user": "root",
                  "mlflow.trace.tokenUsage": "{\\"input_tokens\\": 100, \\"output_tokens\\": 10, \\"total_tokens\\": 110,\
                 \\"cache_read_input_tokens\\": 5, \\"cache_creation_input_tokens\\": 6}",
                  "mlflow.trace.cost": "{\\"input_cost\\": 1.4625e-05, \\"output_cost\\": 6e-06, \\"total_cost\\": 2.0625e-05}"},
                "assessments": [
                  {"assessment_id": "a", "assessment_name": "relevance", "trace_id": "t",
                   "source": {"source_type": "LLM_JUDGE", "source_id": "judge"}, "create_time": "2026-11-27T23:14:29.140Z",
                   "feedback": {"value": 0.75}, "rationale": "MARKER",
                   "metadata": {"mlflow.assessment.judgeCost": "0.002", "x": "MARKER"}, "valid": false},
                  {"assessment_id": "e", "assessment_name": "expected", "expectation": {"value": "MARKER"}, "valid": true},
                  {"assessment_id": "i", "assessment_name": "issue", "issue": {"issue_name": "MARKER"}, "valid": true}],
                "tags": {"team": "red", "mlflow.traceName": "answer", "other": "MARKER"},
                "request_preview": "MARKER", "response_preview": "MARKER", "future": [{"a": 1}]
                """);

        assertThat(trace)
                .isEqualTo(new Trace(
                        "",
                        "1",
                        "t",
                        "answer",
                        Trace.State.ERROR,
                        Instant.parse("2026-11-27T23:10:35.728Z").toEpochMilli(),
                        1_037,
                        new TraceTokens(100, 10, 5, 6),
                        2.0625e-05,
                        Map.of("tag:team", "red", "metadata:mlflow.trace.user", "ana"),
                        List.of(new Assessment(
                                "a",
                                "relevance",
                                Assessment.Source.LLM_JUDGE,
                                0.75,
                                false,
                                Instant.parse("2026-11-27T23:14:29.140Z").toEpochMilli(),
                                0.002)),
                        List.of()));
        assertThat(trace.toString()).doesNotContain("MARKER");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "not JSON",
                "",
                "[]",
                "null",
                "{\"input_tokens\": -1}",
                "{\"input_tokens\": 1.5}",
                "{\"input_tokens\": \"many\"}",
                "{\"input_tokens\": NaN}",
                "{\"output_tokens\": 1e300}",
                "{\"output_tokens\": 99999999999999999999}",
                "{\"output_tokens\": 5",
                "{\"output_tokens\": 5} {}",
            })
    void tokensThatCannotBeCountedAreNoneAndSaidToBeUnreadable(String text) throws Exception {
        Trace trace = metadata("mlflow.trace.tokenUsage", text);

        assertThat(trace.tokens()).isEqualTo(TraceTokens.NONE);
        assertThat(trace.unreadable()).containsExactly("mlflow.trace.tokenUsage");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "free",
                "{}",
                "{\"total_cost\": -0.1}",
                "{\"total_cost\": NaN}",
                "{\"total_cost\": Infinity}",
                "{\"total_cost\": 1e12}",
                "{\"total_cost\": {}}",
                "{\"input_cost\": 1}",
                "{\"total_cost\": 1",
            })
    void aCostThatCannotBeAddedIsNoneAndSaidToBeUnreadable(String text) throws Exception {
        Trace trace = metadata("mlflow.trace.cost", text);

        assertThat(trace.costUsd()).isNaN();
        assertThat(trace.unreadable()).containsExactly("mlflow.trace.cost");
    }

    @Test
    void tokensWithoutSomeFieldsAndZeroesAreNothingBad() throws Exception {
        Trace some = metadata("mlflow.trace.tokenUsage", "{\"output_tokens\": 7, \"input_tokens\": null, \"x\": []}");
        Trace none = metadata("mlflow.trace.tokenUsage", "{\"output_tokens\": 0, \"input_tokens\": 0}");
        Trace free = metadata("mlflow.trace.cost", "{\"total_cost\": 0}");

        assertThat(some.tokens()).isEqualTo(new TraceTokens(0, 7, 0, 0));
        assertThat(some.unreadable()).isEmpty();
        assertThat(none.tokens()).isEqualTo(TraceTokens.NONE);
        assertThat(none.unreadable()).isEmpty();
        assertThat(free.costUsd()).isZero();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "true|1",
                "false|0",
                "0.7|0.7",
                "5|5",
                "-2|-2",
                "'\"yes\"'|1",
                "'\" No \"'|0",
                "'\"true\"'|NaN",
                "'\"0.7\"'|NaN",
                "null|NaN",
                "[1, 2]|NaN",
                "'{\"a\": [{}]}'|NaN",
                "1e999|NaN",
                "NaN|NaN"
            })
    void assessmentValuesOfEveryKind(String value, double score) throws Exception {
        Trace trace = trace("\"assessments\":[{\"assessment_id\":\"a\",\"feedback\":{\"value\":" + value + "}}]");

        assertThat(trace.assessments()).extracting(Assessment::score).containsExactly(score);
        assertThat(trace.assessments()).extracting(Assessment::valid).containsExactly(true);
    }

    @Test
    void timesThatCannotBeReadAreAbsent() throws Exception {
        for (String bad : List.of("\"soon\"", "true", "{}", "\"+999999999-12-31T23:59:59Z\"", "\"\"")) {
            Trace trace = trace("\"request_time\":" + bad + ",\"execution_duration\":" + bad);

            assertThat(trace.startMillis()).isEqualTo(Times.ABSENT);
            assertThat(trace.durationMillis()).isEqualTo(Times.ABSENT);
            assertThat(trace.unreadable()).containsExactly("request_time", "execution_duration");
        }
        for (String bad : List.of("\"-1s\"", "\"1e300s\"", "\"NaNs\"", "\"5\"")) {
            assertThat(trace("\"execution_duration\":" + bad).durationMillis()).isEqualTo(Times.ABSENT);
        }
        assertThat(trace("\"state\":\"IN_PROGRESS\",\"execution_duration\":\"1s\"")
                        .durationMillis())
                .isEqualTo(Times.ABSENT);
    }

    @Test
    void longTextsAreCutAndManyAssessmentsBounded() throws Exception {
        String many = "{\"assessment_id\":\"a\",\"feedback\":{\"value\":1}},".repeat(1_500);
        Trace trace = trace("\"tags\":{\"team\":\"" + "x".repeat(1 << 20) + "\"},\"assessments\":["
                + many.substring(0, many.length() - 1) + "]");

        assertThat(trace.notes().get("tag:team")).hasSizeLessThanOrEqualTo(1_000);
        assertThat(trace.assessments()).hasSize(1_000);
        assertThat(trace.unreadable()).containsExactly("assessments");
    }
}
