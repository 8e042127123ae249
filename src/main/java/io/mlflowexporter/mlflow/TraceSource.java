package io.mlflowexporter.mlflow;

import io.mlflowexporter.mlflow.traces.Trace;
import io.mlflowexporter.mlflow.traces.TraceAggregate;
import io.mlflowexporter.mlflow.traces.TracePoint;
import io.mlflowexporter.mlflow.traces.TraceQuery;
import java.util.List;
import java.util.function.Consumer;

/**
 * Traces of an MLflow server. As with {@code MlflowSource} a call delivers all it was asked for, each item at most once, or throws;
 * what was delivered before is true but not all. Calls are made by one thread at a time.
 */
public interface TraceSource {
    /** Whether the server has traces at all; asks it once, and again after an outage and every hour. */
    boolean hasTraces() throws MlflowException;

    /**
     * Traces one by one.
     *
     * @param atMost stops after so many, at the end of a page, once it got past {@code query.fromMillis()}
     * @return every trace of the query whose time lies before this was delivered, some later ones too; {@code query.toMillis()}
     *     where all were
     */
    long search(TraceQuery query, long atMost, Consumer<Trace> sink) throws MlflowException;

    /** Whether the server has sums by the hour; false for MLflow before 3.9, file stores and Databricks. */
    boolean hasAggregates() throws MlflowException;

    /**
     * The server's sums by the hour. Stretches whose answer would be cut by the server's limit are asked for in parts.
     *
     * @return in any order; hours without a value are left out
     * @throws MlflowException of kind {@code UNSUPPORTED} where the server does not know the metric, the aggregation or a dimension
     */
    List<TracePoint> sums(TraceAggregate aggregate) throws MlflowException;
}
