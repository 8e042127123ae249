package io.mlflowexporter.mlflow.traces;

import java.util.List;

/**
 * A question to the server's own sums ({@code traces/metrics}, MLflow 3.9 and later), about one experiment.
 *
 * @param view TRACES, SPANS or ASSESSMENTS
 * @param metric such as {@code trace_count}
 * @param aggregation COUNT, SUM, AVG, MIN or MAX
 * @param dimensions such as {@code trace_status}; may be empty
 * @param fromMillis Unix milliseconds, inclusive
 * @param toMillis Unix milliseconds, exclusive
 */
public record TraceAggregate(
        String workspace,
        String experimentId,
        String view,
        String metric,
        String aggregation,
        List<String> dimensions,
        long fromMillis,
        long toMillis) {
    public TraceAggregate {
        dimensions = List.copyOf(dimensions);
    }
}
