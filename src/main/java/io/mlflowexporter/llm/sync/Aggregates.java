package io.mlflowexporter.llm.sync;

import io.mlflowexporter.cost.pricing.LlmPrices;
import io.mlflowexporter.llm.sums.Hours;
import io.mlflowexporter.llm.sums.Measure.Kind;
import io.mlflowexporter.llm.sums.Sums;
import io.mlflowexporter.llm.sums.TraceTotals;
import io.mlflowexporter.mlflow.Experiment;
import io.mlflowexporter.mlflow.MlflowException;
import io.mlflowexporter.mlflow.TraceSource;
import io.mlflowexporter.mlflow.traces.TraceAggregate;
import io.mlflowexporter.mlflow.traces.TracePoint;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads hours of one experiment from the server's own sums. */
final class Aggregates {
    private static final String TRACES = "TRACES";
    private static final String SPANS = "SPANS";
    private static final String SUM = "SUM";
    private static final String COUNT = "COUNT";
    /** Metric of the server to our type of token. */
    private static final Map<String, String> TOKENS = Map.of(
            "input_tokens", "input",
            "output_tokens", "output",
            "cache_read_input_tokens", "cache_read",
            "cache_creation_input_tokens", "cache_creation");

    private final TraceSource source;
    private final Tally tally;
    private final TraceTotals sums;

    Aggregates(TraceSource source, Tally tally, TraceTotals sums) {
        this.source = source;
        this.tally = tally;
        this.sums = sums;
    }

    private static final class Hour {
        private final Sums sums = new Sums();
        private final Map<String, Double> tokens = new HashMap<>();
        private double costUsd = Double.NaN;
    }

    /** Puts the server's sums of some hours in the place of what was known of them; the last hour is exclusive. */
    void read(Experiment experiment, int fromHour, int toHour) throws MlflowException {
        Map<Integer, Hour> hours = new HashMap<>();
        for (TracePoint point :
                points(experiment, TRACES, "trace_count", COUNT, List.of("trace_status"), fromHour, toHour)) {
            String state = point.dimensions().get(0);
            String status = state.equals("OK") ? "ok" : state.equals("ERROR") ? "error" : "";
            if (!status.isEmpty()) {
                sums.add(at(hours, point).sums, point.value(), Kind.TRACES, status);
            }
        }
        for (Map.Entry<String, String> type : TOKENS.entrySet()) {
            for (TracePoint point : points(experiment, TRACES, type.getKey(), SUM, List.of(), fromHour, toHour)) {
                at(hours, point).tokens.merge(type.getValue(), point.value(), Double::sum);
            }
        }
        for (TracePoint point : points(experiment, SPANS, "total_cost", SUM, List.of(), fromHour, toHour)) {
            at(hours, point).costUsd = point.value();
        }
        Set<Integer> all = new HashSet<>(hours.keySet());
        for (int hour : sums.hours(experiment.id(), fromHour, toHour)) {
            all.add(hour);
        }
        for (int number : all) {
            Hour hour = hours.getOrDefault(number, new Hour());
            hour.tokens.forEach((type, tokens) -> tally.tokens(hour.sums, tokens, type));
            if (!hour.tokens.isEmpty() || !Double.isNaN(hour.costUsd)) {
                tally.charge(hour.sums, experiment, call(experiment, hour, number));
            }
            sums.replace(experiment, number, hour.sums, true);
        }
    }

    private static LlmPrices.Call call(Experiment experiment, Hour hour, int number) {
        return new LlmPrices.Call(
                experiment.workspace(),
                experiment.name(),
                "",
                Map.of(),
                false,
                hour.tokens.getOrDefault("input", 0.0),
                hour.tokens.getOrDefault("output", 0.0),
                hour.tokens.getOrDefault("cache_read", 0.0),
                hour.tokens.getOrDefault("cache_creation", 0.0),
                hour.costUsd,
                Hours.millis(number));
    }

    private static Hour at(Map<Integer, Hour> hours, TracePoint point) {
        return hours.computeIfAbsent(Hours.of(point.hourMillis()), hour -> new Hour());
    }

    /** Puts the calls of models of some hours in the place of what was known of them; the last hour is exclusive. */
    void models(Experiment experiment, int fromHour, int toHour) throws MlflowException {
        List<String> dimensions = List.of("span_model_name", "span_model_provider");
        Map<Integer, Sums> hours = new HashMap<>();
        for (TracePoint point : points(experiment, SPANS, "span_count", COUNT, dimensions, fromHour, toHour)) {
            sums.add(
                    hours.computeIfAbsent(Hours.of(point.hourMillis()), hour -> new Sums()),
                    point.value(),
                    Kind.MODEL_CALLS,
                    point.dimensions().get(0),
                    point.dimensions().get(1));
        }
        for (TracePoint point : points(experiment, SPANS, "total_cost", SUM, dimensions, fromHour, toHour)) {
            LlmPrices.Charge charge = tally.usd(point.value(), point.hourMillis());
            sums.add(
                    hours.computeIfAbsent(Hours.of(point.hourMillis()), hour -> new Sums()),
                    charge.amount(),
                    Kind.MODEL_COST,
                    point.dimensions().get(0),
                    point.dimensions().get(1),
                    charge.currency());
        }
        for (int hour : sums.modelHours(experiment.id(), fromHour, toHour)) {
            hours.putIfAbsent(hour, new Sums());
        }
        hours.forEach((hour, now) -> sums.models(experiment, hour, now));
    }

    private List<TracePoint> points(
            Experiment experiment,
            String view,
            String metric,
            String aggregation,
            List<String> dimensions,
            int fromHour,
            int toHour)
            throws MlflowException {
        return source.sums(new TraceAggregate(
                experiment.workspace(),
                experiment.id(),
                view,
                metric,
                aggregation,
                dimensions,
                Hours.millis(fromHour),
                Hours.millis(toHour)));
    }
}
