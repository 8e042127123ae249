package io.mlflowexporter.mlflow.traces;

import java.util.List;

/**
 * Which traces to read.
 *
 * @param workspace empty where the server has no workspaces
 * @param experimentIds at least one, any number
 * @param by which traces, and what the two times bound
 * @param fromMillis Unix milliseconds, inclusive
 * @param toMillis Unix milliseconds, exclusive; {@link Long#MAX_VALUE} for no bound
 */
public record TraceQuery(
        String workspace,
        List<String> experimentIds,
        By by,
        long fromMillis,
        long toMillis,
        TraceProjection projection) {
    /** What is asked for. All kinds deliver in ascending order of start, ties in any order: MLflow does not sort by end. */
    public enum By {
        /** Traces of any state that started in the stretch. */
        START,
        /**
         * Traces that ended in the stretch, and started in it or in the day before. One that ended without a duration counts as
         * ended when it started.
         */
        END,
        /** Traces in progress that started in the stretch. */
        IN_PROGRESS
    }

    public TraceQuery {
        experimentIds = List.copyOf(experimentIds);
        if (experimentIds.isEmpty()) {
            throw new IllegalArgumentException("a trace query needs at least one experiment id");
        }
    }
}
