package io.mlflowexporter.backfill;

import io.mlflowexporter.metric.FamilyDeclaration;
import java.util.List;
import java.util.Set;

/** Which families can be told of the past. The reasons are in {@code docs/backfill.md}. */
final class BackfillScope {
    /** What the exporter says of itself and of each refresh, and lists of the newest runs, which only the present has. */
    private static final List<String> LEFT_OUT_PREFIXES =
            List.of("mlflow_exporter_", "mlflow_snapshot_", "mlflow_recent_run_");

    /** MLflow keeps no history of aliases, nor of when a run that was scheduled began to run. */
    private static final Set<String> LEFT_OUT = Set.of(
            "mlflow_up",
            "mlflow_model_alias_info",
            "mlflow_deployments_total",
            "mlflow_rollbacks_total",
            "mlflow_alias_deletions_total",
            "mlflow_deployment_lead_time_seconds",
            "mlflow_last_deployment_timestamp_seconds",
            "mlflow_deployment_failures_total",
            "mlflow_deployment_restore_time_seconds",
            "mlflow_cost_per_deployed_version",
            "mlflow_run_queue_seconds",
            "mlflow_oldest_scheduled_run_age_seconds");

    /** Without the histories they would be told by each run's last seconds. */
    private static final Set<String> FROM_HISTORIES = Set.of(
            "mlflow_compute_idle_cost",
            "mlflow_resource_utilization_ratio",
            "mlflow_energy_joules_total",
            "mlflow_carbon_dioxide_grams_total");

    private BackfillScope() {}

    static boolean told(FamilyDeclaration family, boolean historiesRead) {
        String name = family.name();
        return LEFT_OUT_PREFIXES.stream().noneMatch(name::startsWith)
                && !LEFT_OUT.contains(name)
                && (historiesRead || !FROM_HISTORIES.contains(name));
    }
}
