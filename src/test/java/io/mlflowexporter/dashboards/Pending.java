package io.mlflowexporter.dashboards;

import java.util.Set;

/** Series that dashboards show already and that are not exported yet; empty once they are. */
final class Pending {
    static final Set<String> NAMES = Set.of(
            "mlflow_run_error_ratio",
            "mlflow_retry_storm_runs",
            "mlflow_run_queue_seconds_bucket",
            "mlflow_oldest_scheduled_run_age_seconds",
            "mlflow_last_success_timestamp_seconds",
            "mlflow_cost_per_deployed_version",
            "mlflow_kpi_cost_per_point");

    private Pending() {}

    /** Whether a query selects something that is not exported yet. */
    static boolean in(Query query) {
        return Selector.of(query.expression()).stream().anyMatch(selector -> NAMES.contains(selector.metric()));
    }
}
