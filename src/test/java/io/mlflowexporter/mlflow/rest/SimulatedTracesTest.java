package io.mlflowexporter.mlflow.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.mlflowexporter.demo.SimulatedMlflow;
import io.mlflowexporter.demo.life.SimulationOptions;
import io.mlflowexporter.demo.traces.AgentTraces;
import io.mlflowexporter.metric.Times;
import io.mlflowexporter.mlflow.ObjectSource;
import io.mlflowexporter.mlflow.TraceSource;
import io.mlflowexporter.mlflow.objects.LoggedModels;
import io.mlflowexporter.mlflow.traces.Trace;
import io.mlflowexporter.mlflow.traces.TraceAggregate;
import io.mlflowexporter.mlflow.traces.TracePoint;
import io.mlflowexporter.mlflow.traces.TraceProjection;
import io.mlflowexporter.mlflow.traces.TraceQuery;
import io.mlflowexporter.mlflow.traces.TraceQuery.By;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The simulated agent's traces, as the reader reads them one by one and as the server sums them up. */
final class SimulatedTracesTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:34:56Z");
    private static final long FROM = NOW.toEpochMilli() - AgentTraces.HISTORY - 1;
    private static final long HOUR = 3_600_000;
    /** The last of the experiments. */
    private static final String AGENT = "7";

    private static final TraceProjection NOTES = new TraceProjection(Set.of("team"), Set.of("mlflow.trace.user"));

    private final AtomicReference<Instant> clock = new AtomicReference<>(NOW);

    private SimulationOptions options() {
        return SimulationOptions.defaults().withClock(clock::get).withRuns(20).withTraces(1_500);
    }

    private static List<Trace> read(TraceSource source, By by, long from, long to) throws Exception {
        List<Trace> read = new ArrayList<>();
        source.search(new TraceQuery("", List.of("0", AGENT), by, from, to, NOTES), Long.MAX_VALUE, read::add);
        return read;
    }

    private static Map<String, Double> sums(
            TraceSource source, String view, String metric, String aggregation, String... dimensions) throws Exception {
        return source
                .sums(new TraceAggregate(
                        "", AGENT, view, metric, aggregation, List.of(dimensions), FROM, NOW.toEpochMilli()))
                .stream()
                .collect(Collectors.toMap(
                        point -> point.hourMillis() + " " + String.join(" ", point.dimensions()), TracePoint::value));
    }

    private static void equal(Map<String, Double> sums, List<Trace> traces, ToDoubleFunction<Trace> value) {
        Map<String, Double> expected = new TreeMap<>();
        for (Trace trace : traces) {
            double one = value.applyAsDouble(trace);
            if (one > 0) {
                expected.merge(trace.startMillis() / HOUR * HOUR + " ", one, Double::sum);
            }
        }
        assertThat(sums.keySet()).isEqualTo(expected.keySet());
        expected.forEach((hour, sum) -> assertThat(sums.get(hour)).isCloseTo(sum, within(1e-9)));
    }

    @Test
    void whatIsReadOneByOneAddsUpToWhatTheServerSumsUp() throws Exception {
        try (SimulatedMlflow server = SimulatedMlflow.start(options())) {
            TraceSource source = Client.of(server.uri()).source.traces().orElseThrow();
            assertThat(source.hasTraces()).isTrue();
            assertThat(source.hasAggregates()).isTrue();

            List<Trace> traces = read(source, By.START, FROM, Long.MAX_VALUE);

            assertThat(traces).hasSizeBetween(1_490, 1_510);
            assertThat(traces).extracting(Trace::experimentId).containsOnly(AGENT);
            assertThat(traces).extracting(Trace::state).contains(Trace.State.OK, Trace.State.ERROR);
            assertThat(traces.toString()).doesNotContain(AgentTraces.PREVIEW);
            Map<String, Double> counts = new TreeMap<>();
            traces.forEach(
                    trace -> counts.merge(trace.startMillis() / HOUR * HOUR + " " + trace.state(), 1.0, Double::sum));
            assertThat(sums(source, "TRACES", "trace_count", "COUNT", "trace_status"))
                    .isEqualTo(counts);
            equal(
                    sums(source, "TRACES", "input_tokens", "SUM"),
                    traces,
                    trace -> trace.tokens().input());
            equal(
                    sums(source, "TRACES", "output_tokens", "SUM"),
                    traces,
                    trace -> trace.tokens().output());
            equal(
                    sums(source, "TRACES", "cache_read_input_tokens", "SUM"),
                    traces,
                    trace -> trace.tokens().cacheRead());
            equal(
                    sums(source, "SPANS", "total_cost", "SUM"),
                    traces,
                    trace -> Double.isNaN(trace.costUsd()) ? 0 : trace.costUsd());
            assertThat(sums(source, "SPANS", "span_count", "COUNT", "span_model_name", "span_model_provider")
                            .keySet())
                    .extracting(key -> key.substring(key.indexOf(' ') + 1))
                    .contains("gpt-4o-mini openai", "llama-3.3-70b-instruct vllm");
            assertThat(traces).anyMatch(trace -> trace.tokens().input() > 0 && Double.isNaN(trace.costUsd()));
            assertThat(traces).anyMatch(trace -> !trace.assessments().isEmpty());
            assertThat(traces).allMatch(trace -> trace.unreadable().isEmpty());
        }
    }

    @Test
    void anOldServerKnowsTheSameTracesWithoutTheirEndAndWithoutSums() throws Exception {
        try (SimulatedMlflow server = SimulatedMlflow.start(options());
                SimulatedMlflow old = SimulatedMlflow.start(options().withVersion("3.4.0"));
                SimulatedMlflow older = SimulatedMlflow.start(options().withVersion("2.22.5"))) {
            TraceSource source = Client.of(server.uri()).source.traces().orElseThrow();
            TraceSource oldSource = Client.of(old.uri()).source.traces().orElseThrow();
            long from = NOW.toEpochMilli() - 5 * HOUR;

            List<Trace> ended = read(source, By.END, from, NOW.toEpochMilli() - HOUR);

            assertThat(ended).isNotEmpty();
            assertThat(read(oldSource, By.END, from, NOW.toEpochMilli() - HOUR))
                    .containsExactlyInAnyOrderElementsOf(ended);
            assertThat(oldSource.hasTraces()).isTrue();
            assertThat(oldSource.hasAggregates()).isFalse();
            assertThat(Client.of(older.uri()).source.traces().orElseThrow().hasTraces())
                    .isFalse();
        }
    }

    @Test
    void theAgentGoesOnAndItsTracesEnd() throws Exception {
        try (SimulatedMlflow server = SimulatedMlflow.start(options())) {
            TraceSource source = Client.of(server.uri()).source.traces().orElseThrow();
            List<Trace> before = read(source, By.IN_PROGRESS, FROM, Long.MAX_VALUE);

            clock.set(NOW.plusSeconds(600));

            List<Trace> now = read(source, By.START, NOW.toEpochMilli(), Long.MAX_VALUE);
            assertThat(now).hasSizeBetween(90, 110);
            assertThat(now)
                    .allMatch(
                            trace -> trace.startMillis() <= NOW.plusSeconds(600).toEpochMilli());
            Set<String> ended = read(source, By.END, NOW.toEpochMilli(), Long.MAX_VALUE).stream()
                    .map(Trace::id)
                    .collect(Collectors.toSet());
            assertThat(now).allMatch(trace -> ended.contains(trace.id()) == (trace.state() != Trace.State.IN_PROGRESS));
            assertThat(before).allMatch(trace -> trace.durationMillis() == Times.ABSENT);
        }
    }

    @Test
    void theAgentsTeamHasOtherObjects() throws Exception {
        try (SimulatedMlflow server = SimulatedMlflow.start(options())) {
            ObjectSource objects = Client.of(server.uri()).source.objects().orElseThrow();

            assertThat(objects.promptVersions("")).contains(Map.of("answer-question", 3, "summarize-ticket", 1));
            assertThat(objects.loggedModels("", List.of(AGENT)).orElseThrow())
                    .contains(new LoggedModels(AGENT, "ready", 3), new LoggedModels(AGENT, "pending", 1));
            assertThat(objects.evaluationDatasets("")).contains(2);
            assertThat(objects.scorers("")).contains(Map.of(AGENT, 2));
            assertThat(objects.gatewayBudgets("").orElseThrow())
                    .anyMatch(budget -> budget.scope().equals("endpoint") && budget.spent() > 0);
        }
    }
}
