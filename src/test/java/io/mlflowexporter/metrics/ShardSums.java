package io.mlflowexporter.metrics;

import io.mlflowexporter.metric.FamilyDeclaration;
import io.mlflowexporter.metrics.MetricCatalogue.Subject;
import java.util.List;
import java.util.Set;

/** How a family of several shards becomes one of the whole, and the rules that do it. */
final class ShardSums {
    /** Each shard says the same, or a series is of one shard only; a sum would be wrong or say nothing more. */
    private static final Set<String> MAX = Set.of(
            "mlflow_experiment_created_timestamp_seconds",
            "mlflow_registered_model_created_timestamp_seconds",
            "mlflow_model_version_created_timestamp_seconds",
            "mlflow_model_alias_info",
            "mlflow_oldest_active_run_age_seconds",
            "mlflow_recent_run_info",
            "mlflow_recent_run_started_timestamp_seconds",
            "mlflow_recent_run_duration_seconds",
            "mlflow_resource_utilization_ratio",
            "mlflow_price_per_hour",
            "mlflow_exporter_resync_expected_seconds",
            "mlflow_budget",
            "mlflow_last_deployment_timestamp_seconds",
            "mlflow_model_version_cost",
            "mlflow_kpi",
            "mlflow_kpi_target",
            "mlflow_kpi_definition_info",
            "mlflow_kpi_cost_per_point",
            "mlflow_run_error_ratio",
            "mlflow_retry_storm_runs",
            "mlflow_last_success_timestamp_seconds",
            "mlflow_oldest_scheduled_run_age_seconds",
            "mlflow_assessment_score",
            "mlflow_kpi_target_met",
            "mlflow_kpi_observed_timestamp_seconds");

    /** The whole is no better than the worst. */
    private static final Set<String> MIN = Set.of(
            "mlflow_up",
            "mlflow_snapshot_timestamp_seconds",
            "mlflow_snapshot_complete",
            "mlflow_exporter_resync_progress_ratio",
            "mlflow_exporter_resync_completed_timestamp_seconds",
            "mlflow_exporter_resync_oldest_read_timestamp_seconds",
            "mlflow_exporter_traces_oldest_reread_timestamp_seconds");

    /** Of the exporter and not of MLflow. */
    private static final Set<String> EACH_ITS_OWN = Set.of("mlflow_exporter_series", "mlflow_exporter_series_dropped");

    private static final String HEAD = """
            # Of several shards (--shard I --total-shards N) one: add up what adds up. The labels that tell shards apart are
            # taken to be instance and pod; where yours differ, change them. Generated; regenerate with
            # mvn -q test -Dtest=ShardSumsTest -Dregenerate=true
            #
            # sum: counts and amounts. max: what is of one shard, or the same in all. min: what is as bad as its worst shard.
            # Counters have rate5m besides: a sum of counters falls when a shard is not scraped, and rate() of it would
            # take that for a reset.
            groups:
              - name: mlflow-shards
                rules:
            """;

    private ShardSums() {}

    /** Families that rules are written for. */
    static List<FamilyDeclaration> families() {
        return MetricCatalogue.SUBJECTS.stream()
                .filter(subject -> !subject.live())
                .map(Subject::families)
                .flatMap(List::stream)
                .filter(family -> !EACH_ITS_OWN.contains(family.name()))
                .toList();
    }

    /** {@code sum}, {@code max} or {@code min}. */
    static String operator(String family) {
        return MAX.contains(family) ? "max" : MIN.contains(family) ? "min" : "sum";
    }

    /** Names of a family's series. */
    static List<String> series(FamilyDeclaration family) {
        return family.type() == FamilyDeclaration.Type.HISTOGRAM
                ? List.of(family.name() + "_bucket", family.name() + "_count", family.name() + "_sum")
                : List.of(family.name());
    }

    static String rules() {
        StringBuilder out = new StringBuilder(HEAD);
        rule(out, "mlflow_up", "min", "mlflow_up");
        for (FamilyDeclaration family : families()) {
            String operator = operator(family.name());
            for (String series : series(family)) {
                rule(out, series, operator, series);
                if (family.type() == FamilyDeclaration.Type.COUNTER
                        || family.type() == FamilyDeclaration.Type.HISTOGRAM) {
                    out.append("      - record: shards:").append(series).append(":rate5m\n");
                    out.append("        expr: sum without (instance, pod) (rate(")
                            .append(series)
                            .append("[5m]))\n");
                }
            }
        }
        return out.toString();
    }

    private static void rule(StringBuilder out, String series, String operator, String of) {
        out.append("      - record: shards:")
                .append(series)
                .append(':')
                .append(operator)
                .append('\n');
        out.append("        expr: ")
                .append(operator)
                .append(" without (instance, pod) (")
                .append(of)
                .append(")\n");
    }
}
