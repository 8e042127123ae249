package io.mlflowexporter.mlflow.rest.traces;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mlflowexporter.metric.Times;
import io.mlflowexporter.mlflow.MlflowException;
import io.mlflowexporter.mlflow.MlflowException.Kind;
import io.mlflowexporter.mlflow.rest.pages.Json;
import io.mlflowexporter.mlflow.rest.pages.Pages;
import io.mlflowexporter.mlflow.rest.transport.Call;
import io.mlflowexporter.mlflow.rest.transport.HttpTransport;
import io.mlflowexporter.mlflow.traces.TraceAggregate;
import io.mlflowexporter.mlflow.traces.TracePoint;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Asks for the server's own sums by the hour ({@code traces/metrics}). An answer is cut at a number of points without a word and has
 * no next page: a stretch that brings so many is asked for in halves.
 */
final class TraceSums {
    private static final JsonMapper JSON = new JsonMapper();
    private static final String ENDPOINT = "traces/metrics";
    private static final long HOUR = Duration.ofHours(1).toMillis();

    /** What MLflow gives unasked. */
    private static final int MOST_POINTS = 1_000;

    /** So many hours without dimensions are not cut. */
    private static final long FIRST_STRETCH = Duration.ofDays(40).toMillis();

    private record Stretch(long from, long to) {}

    private record Key(long hour, List<String> dimensions) {}

    private final HttpTransport transport;

    TraceSums(HttpTransport transport) {
        this.transport = transport;
    }

    /** As {@link io.mlflowexporter.mlflow.TraceSource#sums} says. */
    List<TracePoint> read(TraceAggregate aggregate) throws MlflowException {
        Deque<Stretch> open = new ArrayDeque<>();
        for (long from = aggregate.fromMillis(); from < aggregate.toMillis(); ) {
            long to = Math.min(aggregate.toMillis(), floor(from) + FIRST_STRETCH);
            open.add(new Stretch(from, to));
            from = to;
        }
        Map<Key, Double> values = new LinkedHashMap<>();
        while (!open.isEmpty()) {
            Stretch stretch = open.pop();
            List<TracePoint> points = ask(aggregate, stretch);
            if (points.size() < MOST_POINTS) {
                for (TracePoint point : points) {
                    values.merge(
                            new Key(point.hourMillis(), point.dimensions()),
                            point.value(),
                            (a, b) -> together(aggregate.aggregation(), a, b));
                }
                continue;
            }
            long middle = middle(aggregate, stretch);
            open.push(new Stretch(middle, stretch.to()));
            open.push(new Stretch(stretch.from(), middle));
        }
        List<TracePoint> all = new ArrayList<>(values.size());
        values.forEach((key, value) -> all.add(new TracePoint(key.hour(), key.dimensions(), value)));
        return all;
    }

    /** A full hour, so that no hour comes in parts; inside one hour any millisecond, where its parts can be put together. */
    private long middle(TraceAggregate aggregate, Stretch stretch) throws MlflowException {
        long half = stretch.from() + (stretch.to() - stretch.from()) / 2;
        long hour = floor(half);
        if (hour > stretch.from()) {
            return hour;
        }
        if (hour + HOUR < stretch.to()) {
            return hour + HOUR;
        }
        if (half == stretch.from() || aggregate.aggregation().equals("AVG")) {
            throw transport.problem(
                    Kind.TOO_LARGE,
                    call(aggregate, stretch.from(), stretch.to()),
                    "more values in one hour than the server gives at once",
                    "",
                    null);
        }
        return half;
    }

    private static double together(String aggregation, double a, double b) {
        return switch (aggregation) {
            case "MIN" -> Math.min(a, b);
            case "MAX" -> Math.max(a, b);
            default -> a + b;
        };
    }

    private static long floor(long millis) {
        return Math.floorDiv(millis, HOUR) * HOUR;
    }

    private List<TracePoint> ask(TraceAggregate aggregate, Stretch stretch) throws MlflowException {
        List<TracePoint> points = new ArrayList<>();
        int[] given = {0};
        Call call = call(aggregate, stretch.from(), stretch.to());
        try {
            Pages.read(transport, call.mayBeRefused(Call.BAD_REQUEST), "data_points", value -> {
                given[0]++;
                point(aggregate, value).ifPresent(points::add);
            });
        } catch (MlflowException e) {
            if (e.kind() == Kind.REJECTED || e.kind() == Kind.NOT_FOUND) {
                throw transport.problem(
                        Kind.UNSUPPORTED, call, "the server does not sum this up", String.valueOf(e.getMessage()), e);
            }
            throw e;
        }
        if (given[0] >= MOST_POINTS && points.size() < MOST_POINTS) {
            throw transport.problem(Kind.BAD_ANSWER, call, "points without a time or a value", "", null);
        }
        return points;
    }

    static Optional<TracePoint> point(TraceAggregate aggregate, JsonParser element) throws IOException {
        long[] hour = {Times.ABSENT};
        Map<String, String> dimensions = new HashMap<>();
        OptionalDouble[] number = {OptionalDouble.empty()};
        Json.object(element, (field, value) -> {
            if (field.equals("dimensions")) {
                Json.object(value, (name, text) -> {
                    if (name.equals("time_bucket")) {
                        hour[0] = Json.instant(text);
                    } else if (aggregate.dimensions().contains(name)) {
                        dimensions.put(name, Json.text(text));
                    }
                });
            } else if (field.equals("values")) {
                Json.object(value, (name, given) -> {
                    if (name.equals(aggregate.aggregation())) {
                        number[0] = Json.number(given);
                    }
                });
            }
        });
        if (hour[0] == Times.ABSENT || number[0].isEmpty() || !Double.isFinite(number[0].getAsDouble())) {
            return Optional.empty();
        }
        List<String> named = aggregate.dimensions().stream()
                .map(name -> dimensions.getOrDefault(name, ""))
                .toList();
        return Optional.of(new TracePoint(floor(hour[0]), named, number[0].getAsDouble()));
    }

    /** @param to exclusive; the server takes both bounds as inclusive */
    static Call call(TraceAggregate aggregate, long from, long to) {
        ObjectNode body = JSON.createObjectNode();
        body.putArray("experiment_ids").add(aggregate.experimentId());
        body.put("view_type", aggregate.view());
        body.put("metric_name", aggregate.metric());
        body.putArray("aggregations").addObject().put("aggregation_type", aggregate.aggregation());
        aggregate.dimensions().forEach(body.putArray("dimensions")::add);
        body.put("time_interval_seconds", HOUR / 1_000);
        body.put("start_time_ms", from);
        body.put("end_time_ms", to - 1);
        body.put("max_results", MOST_POINTS);
        return new Call(
                ENDPOINT, "/api/3.0/mlflow/traces/metrics", Optional.of(body.toString()), aggregate.workspace());
    }
}
