package io.mlflowexporter.mlflow.rest.traces;

import static io.mlflowexporter.testing.ScriptedServer.json;
import static io.mlflowexporter.testing.ScriptedServer.status;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.mlflowexporter.mlflow.MlflowException;
import io.mlflowexporter.mlflow.MlflowException.Kind;
import io.mlflowexporter.mlflow.rest.Client;
import io.mlflowexporter.mlflow.traces.TraceAggregate;
import io.mlflowexporter.mlflow.traces.TracePoint;
import io.mlflowexporter.testing.ScriptedServer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Sums by the hour, of a server that cuts its answers without a word. */
final class TraceSumsTest {
    private static final JsonMapper JSON = new JsonMapper();
    private static final long HOUR = Duration.ofHours(1).toMillis();
    private static final long START = 1_770_000_000_000L / HOUR * HOUR;
    private static final int CUT = 1_000;

    private record Call(long at, String model, double value) {}

    private final ScriptedServer server = ScriptedServer.start();
    private final List<Call> calls = new ArrayList<>();

    @AfterEach
    void stop() {
        server.close();
    }

    private List<TracePoint> sums(String aggregation, long from, long to) throws Exception {
        server.otherwise(request -> answer(request.body()));
        return Client.of(server.uri())
                .source
                .traces()
                .orElseThrow()
                .sums(new TraceAggregate(
                        "", "1", "SPANS", "total_cost", aggregation, List.of("span_model_name"), from, to));
    }

    private ScriptedServer.Answer answer(String body) {
        try {
            JsonNode asked = JSON.readTree(body);
            TreeMap<String, Double> sums = new TreeMap<>();
            for (Call call : calls) {
                if (call.at() >= asked.path("start_time_ms").asLong()
                        && call.at() <= asked.path("end_time_ms").asLong()) {
                    sums.merge(call.at() / HOUR * HOUR + " " + call.model(), call.value(), Double::sum);
                }
            }
            List<String> points = new ArrayList<>();
            sums.forEach((key, value) -> points.add("{\"dimensions\":{\"time_bucket\":\""
                    + Instant.ofEpochMilli(Long.parseLong(key.split(" ", -1)[0]))
                            .toString()
                            .replace("Z", "+00:00")
                    + "\",\"span_model_name\":\"" + key.split(" ", -1)[1] + "\"},\"values\":{\""
                    + asked.path("aggregations")
                            .path(0)
                            .path("aggregation_type")
                            .asText() + "\":" + value + "}}"));
            return json("{\"data_points\":" + points.subList(0, Math.min(CUT, points.size())) + "}");
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private Map<String, Double> expected(long from, long to) {
        Map<String, Double> sums = new HashMap<>();
        for (Call call : calls) {
            if (call.at() >= from && call.at() < to) {
                sums.merge(call.at() / HOUR * HOUR + " " + call.model(), call.value(), Double::sum);
            }
        }
        return sums;
    }

    @Test
    void everySumIsWholeThoughAnswersAreCut() throws Exception {
        Random random = new Random(1);
        for (int i = 0; i < 9_000; i++) {
            long at = START + random.nextLong(100 * 24 * HOUR);
            calls.add(new Call(
                    random.nextInt(4) == 0 ? at / HOUR * HOUR : at, "m" + random.nextInt(30), 1 + random.nextInt(9)));
        }
        // More models in one hour than an answer holds.
        for (int i = 0; i < 3_000; i++) {
            calls.add(new Call(START + 7 * HOUR + random.nextLong(HOUR), "many" + i, 1));
        }
        long from = START + HOUR / 3;
        long to = START + 90 * 24 * HOUR + HOUR / 2;

        Map<String, Double> read = new HashMap<>();
        for (TracePoint point : sums("SUM", from, to)) {
            String key = point.hourMillis() + " " + point.dimensions().get(0);
            assertThat(read.put(key, point.value())).isNull();
        }

        assertThat(read).isEqualTo(expected(from, to));
    }

    @Test
    void aMeanOfAnHourThatIsCutIsNotMadeUp() {
        for (int i = 0; i < 2_000; i++) {
            calls.add(new Call(START + i, "m" + i, 1));
        }

        assertThatThrownBy(() -> sums("AVG", START, START + HOUR))
                .isInstanceOfSatisfying(
                        MlflowException.class, e -> assertThat(e.kind()).isEqualTo(Kind.TOO_LARGE));
    }

    @Test
    void whatTheServerDoesNotSumUpIsUnsupported() throws Exception {
        server.then(status(
                400, "{\"error_code\":\"INVALID_PARAMETER_VALUE\",\"message\":\"Found invalid aggregation_type(s)\"}"));

        assertThatThrownBy(() -> sums("SUM", START, START + HOUR))
                .isInstanceOfSatisfying(
                        MlflowException.class, e -> assertThat(e.kind()).isEqualTo(Kind.UNSUPPORTED));
        server.then(json("{}"));
        assertThat(sums("SUM", START, START + HOUR)).isEmpty();
        assertThat(sums("SUM", START, START)).isEmpty();
    }
}
