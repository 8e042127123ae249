package io.mlflowexporter.mlflow.traces;

import java.util.List;

/**
 * One sum of the server's over one hour.
 *
 * @param hourMillis the hour's beginning, Unix milliseconds
 * @param dimensions one value for each dimension asked for, in their order
 */
public record TracePoint(long hourMillis, List<String> dimensions, double value) {
    public TracePoint {
        dimensions = List.copyOf(dimensions);
    }
}
