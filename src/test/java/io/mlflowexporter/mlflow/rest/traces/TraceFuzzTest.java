package io.mlflowexporter.mlflow.rest.traces;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonParser;
import io.mlflowexporter.mlflow.rest.MutatedJson;
import io.mlflowexporter.mlflow.rest.pages.Json;
import io.mlflowexporter.mlflow.traces.Assessment;
import io.mlflowexporter.mlflow.traces.Trace;
import io.mlflowexporter.mlflow.traces.TraceAggregate;
import io.mlflowexporter.mlflow.traces.TracePoint;
import io.mlflowexporter.mlflow.traces.TraceProjection;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Traces and sums with anything in them: they are read, or the answer is no JSON; nothing is made up. */
final class TraceFuzzTest {
    private static final int INPUTS = Integer.getInteger("fuzz.inputs", 100_000) / 10;
    private static final long SEED = Long.getLong("fuzz.seed", 1);
    private static final TraceAggregate SUMS =
            new TraceAggregate("", "1", "TRACES", "trace_count", "COUNT", List.of("trace_status"), 0, Long.MAX_VALUE);

    @Test
    void nothingThatCannotBeCountedIsCounted() {
        TraceParser parser = new TraceParser("", new TraceProjection(Set.of("team"), Set.of("mlflow.trace.user")));
        int read = 0;
        for (int i = 0; i < INPUTS; i++) {
            boolean traces = i % 3 != 0;
            byte[] answer = MutatedJson.of(traces ? "traces/search" : "traces/metrics", SEED * 1_000_003 + i);
            List<Trace> all = new ArrayList<>();
            List<TracePoint> points = new ArrayList<>();
            try (JsonParser json = Json.parser(new ByteArrayInputStream(answer))) {
                json.nextToken();
                Json.object(json, (name, value) -> {
                    if (name.equals("traces")) {
                        Json.array(value, one -> all.add(parser.read(one)));
                    } else if (name.equals("data_points")) {
                        Json.array(value, one -> TraceSums.point(SUMS, one).ifPresent(points::add));
                    }
                });
                read++;
            } catch (IOException e) {
                // No JSON: the whole answer is refused.
            } catch (RuntimeException e) {
                throw new AssertionError("-Dfuzz.seed=" + SEED + ", input " + i, e);
            }
            all.forEach(TraceFuzzTest::isSound);
            points.forEach(point -> assertThat(point.value()).isFinite());
        }
        assertThat(read).isGreaterThan(INPUTS / 4);
    }

    private static void isSound(Trace trace) {
        assertThat(trace.tokens().input()).isBetween(0L, 1_000_000_000_000L);
        assertThat(trace.tokens().cacheRead()).isBetween(0L, 1_000_000_000_000L);
        assertThat(Double.isNaN(trace.costUsd()) || (trace.costUsd() >= 0 && trace.costUsd() <= 1e9))
                .isTrue();
        assertThat(trace.id().length()).isLessThanOrEqualTo(1_000);
        assertThat(trace.toString()).doesNotContain("confidential");
        for (Assessment assessment : trace.assessments()) {
            assertThat(Double.isInfinite(assessment.score())).isFalse();
        }
    }
}
