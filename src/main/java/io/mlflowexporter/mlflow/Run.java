package io.mlflowexporter.mlflow;

import io.mlflowexporter.metric.Times;
import java.util.Map;

/**
 * A run as MLflow returned it, reduced to what the {@link RunProjection} asked for.
 *
 * @param workspace the workspace it was read from; empty where the server has no workspaces
 * @param name {@code info.run_name}, else the tag {@code mlflow.runName}, else empty
 * @param user the tag {@code mlflow.user}, else {@code info.user_id}, else empty
 * @param status {@link RunStatus#UNKNOWN} for a word this exporter does not know
 * @param startMillis Unix milliseconds, {@link Times#ABSENT} where missing
 * @param endMillis Unix milliseconds, {@link Times#ABSENT} where missing or 0
 * @param heartbeatMillis newest credible timestamp of all its latest metrics, {@link Times#ABSENT} where there is none: see
 *     {@link MetricTimes}
 * @param tags those the projection asked for
 * @param params those the projection asked for
 * @param metrics latest values of those the projection asked for; may be NaN or infinite
 * @param paramsHash {@link ParamsHash} of all its params, whatever the projection asked for
 * @param unreadableValues how many values of this run could not be read and were left out
 * @param metricInFuture whether it has metrics stamped later than the reading, or than its end
 * @param metricBeforeStart whether it has metrics stamped before its start
 */
public record Run(
        String workspace,
        String id,
        String experimentId,
        String name,
        String user,
        RunStatus status,
        LifecycleStage lifecycleStage,
        long startMillis,
        long endMillis,
        long heartbeatMillis,
        Map<String, String> tags,
        Map<String, String> params,
        Map<String, Metric> metrics,
        int paramsHash,
        int unreadableValues,
        boolean metricInFuture,
        boolean metricBeforeStart) {

    /** A run whose metrics' timestamps are all credible. */
    public Run(
            String workspace,
            String id,
            String experimentId,
            String name,
            String user,
            RunStatus status,
            LifecycleStage lifecycleStage,
            long startMillis,
            long endMillis,
            long heartbeatMillis,
            Map<String, String> tags,
            Map<String, String> params,
            Map<String, Metric> metrics,
            int paramsHash,
            int unreadableValues) {
        this(
                workspace,
                id,
                experimentId,
                name,
                user,
                status,
                lifecycleStage,
                startMillis,
                endMillis,
                heartbeatMillis,
                tags,
                params,
                metrics,
                paramsHash,
                unreadableValues,
                false,
                false);
    }

    /**
     * The latest value of a logged metric.
     *
     * @param value may be NaN or infinite
     * @param timestampMillis Unix milliseconds, {@link Times#ABSENT} where missing
     */
    public record Metric(double value, long timestampMillis, long step) {}
}
