package io.mlflowexporter.demo.traces;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/** The sums that MLflow makes over traces, spans and assessments. */
public final class TraceMetrics {
    private static final Set<String> TOKENS =
            Set.of("input_tokens", "output_tokens", "total_tokens", "cache_read_input_tokens");
    private static final Set<String> COSTS = Set.of("input_cost", "output_cost", "total_cost");

    /**
     * A question.
     *
     * @param intervalMillis 0 for one sum over all
     * @param from inclusive
     * @param to inclusive
     */
    public record Question(
            String view,
            String metric,
            List<String> aggregations,
            List<String> dimensions,
            long intervalMillis,
            long from,
            long to) {}

    /**
     * A sum.
     *
     * @param bucket the interval's begin, Unix milliseconds; 0 without intervals
     * @param values by aggregation
     */
    public record Point(long bucket, List<String> dimensions, Map<String, Double> values) {}

    private static final class Sum {
        private long count;
        private double sum;
        private double least = Double.POSITIVE_INFINITY;
        private double greatest = Double.NEGATIVE_INFINITY;

        void add(double value) {
            count++;
            sum += value;
            least = Math.min(least, value);
            greatest = Math.max(greatest, value);
        }

        double of(String aggregation) {
            return switch (aggregation) {
                case "COUNT" -> count;
                case "SUM" -> sum;
                case "MIN" -> least;
                case "MAX" -> greatest;
                default -> sum / count;
            };
        }
    }

    private record Row(long bucket, List<String> dimensions) implements Comparable<Row> {
        @Override
        public int compareTo(Row other) {
            int byBucket = Long.compare(bucket, other.bucket);
            return byBucket == 0 ? dimensions.toString().compareTo(other.dimensions.toString()) : byBucket;
        }
    }

    private TraceMetrics() {}

    /** Which aggregations a metric has; empty for an unknown metric. */
    public static Set<String> aggregations(String view, String metric) {
        return switch (view + " " + metric) {
            case "TRACES trace_count", "SPANS span_count", "ASSESSMENTS assessment_count" -> Set.of("COUNT");
            case "TRACES latency", "ASSESSMENTS assessment_value" -> Set.of("AVG", "MIN", "MAX");
            default ->
                (view.equals("TRACES") && TOKENS.contains(metric)) || (view.equals("SPANS") && COSTS.contains(metric))
                        ? Set.of("SUM", "AVG", "MIN", "MAX")
                        : Set.of();
        };
    }

    /** Which dimensions a metric has. */
    public static Set<String> dimensions(String view, String metric) {
        return switch (view) {
            case "TRACES" -> metric.equals("trace_count") ? Set.of("trace_name", "trace_status") : Set.of("trace_name");
            case "SPANS" -> Set.of("span_model_name", "span_model_provider");
            default ->
                metric.equals("assessment_count")
                        ? Set.of("assessment_name", "assessment_value")
                        : Set.of("assessment_name");
        };
    }

    /** Answers a question about one or more experiments, in order of interval. */
    public static List<Point> answer(TraceStore store, Set<String> experiments, Question question, long nowMillis) {
        TreeMap<Row, Sum> sums = new TreeMap<>();
        store.visit(experiments, TraceStore.Wanted.started(question.from(), question.to()), nowMillis, trace -> {
            long bucket = question.intervalMillis() == 0
                    ? 0
                    : Math.floorDiv(trace.startMillis(), question.intervalMillis()) * question.intervalMillis();
            elements(trace, question, element -> {
                List<String> dimensions = new ArrayList<>();
                for (String dimension : question.dimensions()) {
                    Optional<String> value =
                            Optional.ofNullable(element.dimensions().get(dimension));
                    if (value.isEmpty()) {
                        return;
                    }
                    dimensions.add(value.get());
                }
                sums.computeIfAbsent(new Row(bucket, dimensions), row -> new Sum())
                        .add(element.value());
            });
            return true;
        });
        List<Point> points = new ArrayList<>();
        sums.forEach((row, sum) -> {
            Map<String, Double> values = new TreeMap<>();
            question.aggregations().forEach(aggregation -> values.put(aggregation, sum.of(aggregation)));
            points.add(new Point(row.bucket(), row.dimensions(), values));
        });
        return points;
    }

    private record Element(double value, Map<String, String> dimensions) {}

    private static void elements(DemoTrace trace, Question question, Consumer<Element> sink) {
        switch (question.view()) {
            case "TRACES" -> {
                Map<String, String> dimensions = trace.name().isEmpty()
                        ? Map.of("trace_status", trace.state())
                        : Map.of("trace_status", trace.state(), "trace_name", trace.name());
                if (question.metric().equals("trace_count")) {
                    sink.accept(new Element(1, dimensions));
                } else if (question.metric().equals("latency")) {
                    if (trace.durationMillis() >= 0) {
                        sink.accept(new Element(trace.durationMillis(), dimensions));
                    }
                } else {
                    tokens(trace, question.metric()).ifPresent(value -> sink.accept(new Element(value, dimensions)));
                }
            }
            case "SPANS" -> {
                for (DemoTrace.Call call : trace.calls()) {
                    double value = switch (question.metric()) {
                        case "span_count" -> 1;
                        case "input_cost" -> call.inputCost();
                        case "output_cost" -> call.outputCost();
                        default -> call.inputCost() + call.outputCost();
                    };
                    if (!Double.isNaN(value)) {
                        sink.accept(new Element(
                                value,
                                Map.of("span_model_name", call.model(), "span_model_provider", call.provider())));
                    }
                }
            }
            default -> {
                for (DemoTrace.Feedback said : trace.feedback()) {
                    Map<String, String> dimensions =
                            Map.of("assessment_name", said.name(), "assessment_value", said.value());
                    if (question.metric().equals("assessment_count")) {
                        sink.accept(new Element(1, dimensions));
                    } else {
                        score(said).ifPresent(value -> sink.accept(new Element(value, dimensions)));
                    }
                }
            }
        }
    }

    private static Optional<Double> tokens(DemoTrace trace, String metric) {
        if (trace.calls().isEmpty()) {
            return Optional.empty();
        }
        long sum = trace.calls().stream()
                .mapToLong(call -> switch (metric) {
                    case "input_tokens" -> call.input();
                    case "output_tokens" -> call.output();
                    case "total_tokens" -> call.input() + call.output();
                    default -> call.cacheRead();
                })
                .sum();
        return metric.startsWith("cache") && sum == 0 ? Optional.empty() : Optional.of((double) sum);
    }

    private static Optional<Double> score(DemoTrace.Feedback said) {
        if (!said.kind().equals("feedback")) {
            return Optional.empty();
        }
        return switch (said.value()) {
            case "true", "\"yes\"" -> Optional.of(1.0);
            case "false", "\"no\"" -> Optional.of(0.0);
            default -> {
                try {
                    yield Optional.of(Double.parseDouble(said.value()));
                } catch (NumberFormatException e) {
                    yield Optional.empty();
                }
            }
        };
    }
}
