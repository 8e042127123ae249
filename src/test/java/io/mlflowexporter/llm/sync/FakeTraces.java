package io.mlflowexporter.llm.sync;

import io.mlflowexporter.llm.sums.Hours;
import io.mlflowexporter.mlflow.MlflowException;
import io.mlflowexporter.mlflow.TraceSource;
import io.mlflowexporter.mlflow.traces.Assessment;
import io.mlflowexporter.mlflow.traces.Trace;
import io.mlflowexporter.mlflow.traces.TraceAggregate;
import io.mlflowexporter.mlflow.traces.TracePoint;
import io.mlflowexporter.mlflow.traces.TraceQuery;
import io.mlflowexporter.mlflow.traces.TraceTokens;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;

/** All traces of a server in memory, answered as the interface says. */
public final class FakeTraces implements TraceSource {
    private static final int PAGE = 3;

    private final Map<String, Trace> traces = new LinkedHashMap<>();
    private boolean aggregates = true;
    private long requests;
    /** After so many more deliveries the server fails; never where negative. */
    private int failAfter = -1;

    private int calls;

    public Collection<Trace> all() {
        return traces.values();
    }

    public Trace get(String id) {
        return traces.get(id);
    }

    public void put(Trace trace) {
        traces.put(trace.id(), trace);
    }

    public void remove(String id) {
        traces.remove(id);
    }

    public void aggregates(boolean now) {
        aggregates = now;
    }

    public void failAfter(int deliveries) {
        failAfter = deliveries;
    }

    public long requests() {
        return requests;
    }

    /** A trace with tokens and cost that add up without rounding. */
    public static Trace trace(
            String workspace, String experiment, String id, long start, long duration, Trace.State state, int tokens) {
        return new Trace(
                workspace,
                experiment,
                id,
                "agent",
                state,
                start,
                duration,
                new TraceTokens(tokens, 2L * tokens, 0, 0),
                tokens % 3 == 0 ? Double.NaN : tokens / 1024.0,
                Map.of("tag:team", "team-" + tokens % 2),
                List.of(),
                List.of());
    }

    public static Trace assessed(Trace trace, Assessment more) {
        List<Assessment> all = new ArrayList<>(trace.assessments());
        all.add(more);
        return new Trace(
                trace.workspace(),
                trace.experimentId(),
                trace.id(),
                trace.name(),
                trace.state(),
                trace.startMillis(),
                trace.durationMillis(),
                trace.tokens(),
                trace.costUsd(),
                trace.notes(),
                all,
                trace.unreadable());
    }

    @Override
    public boolean hasTraces() {
        return true;
    }

    @Override
    public long search(TraceQuery query, long atMost, Consumer<Trace> sink) throws MlflowException {
        ToLongFunction<Trace> time = query.by() == TraceQuery.By.END ? Tally::end : Trace::startMillis;
        List<Trace> found = traces.values().stream()
                .filter(trace -> trace.workspace().equals(query.workspace()))
                .filter(trace -> query.experimentIds().contains(trace.experimentId()))
                .filter(trace -> query.by() != TraceQuery.By.END || trace.state() != Trace.State.IN_PROGRESS)
                .filter(trace -> query.by() != TraceQuery.By.IN_PROGRESS || trace.state() == Trace.State.IN_PROGRESS)
                .filter(trace ->
                        time.applyAsLong(trace) >= query.fromMillis() && time.applyAsLong(trace) < query.toMillis())
                // Ties in any order, and in another one at each call.
                .sorted(Comparator.comparingLong(Trace::startMillis)
                        .thenComparing(trace -> (trace.id() + calls % 3).hashCode())
                        .thenComparing(Trace::id))
                .toList();
        calls++;
        int delivered = 0;
        for (Trace trace : found) {
            if (delivered % PAGE == 0) {
                requests++;
                long newest = delivered == 0 ? 0 : found.get(delivered - 1).startMillis();
                if (delivered >= atMost && newest > query.fromMillis()) {
                    return newest;
                }
            }
            if (failAfter == 0) {
                failAfter = -1;
                throw new MlflowException(MlflowException.Kind.TIMEOUT, "too late");
            }
            failAfter--;
            sink.accept(trace);
            delivered++;
        }
        if (found.isEmpty()) {
            requests++;
        }
        return query.toMillis();
    }

    @Override
    public boolean hasAggregates() {
        return aggregates;
    }

    @Override
    public List<TracePoint> sums(TraceAggregate asked) {
        requests++;
        Map<Long, Map<List<String>, Double>> sums = new TreeMap<>();
        for (Trace trace : traces.values()) {
            if (!trace.experimentId().equals(asked.experimentId())
                    || trace.startMillis() < asked.fromMillis()
                    || trace.startMillis() >= asked.toMillis()) {
                continue;
            }
            long hour = Hours.millis(Hours.of(trace.startMillis()));
            double value = switch (asked.metric()) {
                case "trace_count", "span_count" -> 1;
                case "input_tokens" -> trace.tokens().input();
                case "output_tokens" -> trace.tokens().output();
                case "total_cost" -> trace.costUsd();
                default -> Double.NaN;
            };
            boolean ended =
                    trace.state() != Trace.State.IN_PROGRESS || asked.metric().equals("trace_count");
            if (!ended || Double.isNaN(value)) {
                continue;
            }
            List<String> dimensions = asked.dimensions().isEmpty()
                    ? List.of()
                    : asked.dimensions().contains("trace_status")
                            ? List.of(trace.state().name())
                            : List.of("gpt", "openai");
            sums.computeIfAbsent(hour, h -> new LinkedHashMap<>()).merge(dimensions, value, Double::sum);
        }
        List<TracePoint> points = new ArrayList<>();
        sums.forEach((hour, byDimensions) ->
                byDimensions.forEach((dimensions, value) -> points.add(new TracePoint(hour, dimensions, value))));
        return points;
    }
}
