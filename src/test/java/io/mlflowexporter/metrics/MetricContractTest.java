package io.mlflowexporter.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.mlflowexporter.metric.FamilyDeclaration;
import io.mlflowexporter.metrics.MetricCatalogue.Subject;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Holds the declarations to the metric contract and to Prometheus's rules for names. */
final class MetricContractTest {
    /** What is served and the contract does not name. */
    private static final List<String> BEYOND = List.of(
            "mlflow_project_compute_cost",
            "mlflow_team_compute_cost",
            "mlflow_compute_idle_cost",
            "mlflow_project_llm_cost",
            "mlflow_team_llm_cost",
            "mlflow_llm_cost_forecast",
            "mlflow_exporter_trace_experiments",
            "mlflow_exporter_traces_oldest_reread_timestamp_seconds",
            "mlflow_energy_joules_total",
            "mlflow_carbon_dioxide_grams_total",
            "mlflow_exporter_authentication_failures_total",
            "mlflow_exporter_otlp_pushes_total",
            "mlflow_exporter_file_reloads_total",
            "mlflow_exporter_web_certificate_expiry_timestamp_seconds",
            "mlflow_exporter_checkpoint_size_bytes",
            "mlflow_exporter_checkpoint_write_failures_total",
            "mlflow_kpi_definition_info",
            "mlflow_kpi_unusable_runs",
            "mlflow_kpi_cost_per_point",
            "mlflow_cost_per_deployed_version",
            "mlflow_run_error_ratio",
            "mlflow_retry_storm_runs",
            "mlflow_last_success_timestamp_seconds",
            "mlflow_run_queue_seconds",
            "mlflow_oldest_scheduled_run_age_seconds",
            "mlflow_alias_deletions_total",
            "mlflow_deployment_failures_total",
            "mlflow_deployment_restore_time_seconds",
            "mlflow_exporter_config_last_reload_successful",
            "mlflow_exporter_config_last_reload_success_timestamp_seconds",
            "mlflow_exporter_database_changes_total",
            "mlflow_exporter_resync_failures_total",
            "mlflow_exporter_refresh_progress_ratio",
            "mlflow_exporter_refresh_runs_read",
            "mlflow_exporter_shards",
            "mlflow_exporter_scrapes_total");

    /** MLflow publishes these itself. */
    private static final List<String> MLFLOWS_OWN = List.of(
            "mlflow_http_", "mlflow_exporter_info", "mlflow_otlp_", "mlflow_spans_ingested", "mlflow_trace_ingestion_");

    /**
     * Set on targets by Prometheus, and by Prometheus Operator's ServiceMonitor and PodMonitor: a metric's own label of that
     * name would become {@code exported_endpoint} and the like.
     */
    static final List<String> TARGET_LABELS =
            List.of("job", "instance", "endpoint", "namespace", "pod", "service", "container", "node");

    /** Set by the formats or by the renderer. */
    private static final List<String> RESERVED_LABELS = List.of("le", "quantile", "workspace");

    private record Contracted(String type, List<String> labels) {}

    private static Map<String, Contracted> contract() throws IOException {
        Map<String, Contracted> contract = new LinkedHashMap<>();
        try (InputStream in = MetricContractTest.class.getResourceAsStream("contract.tsv")) {
            new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .map(line -> line.split("\t", -1))
                    .forEach(cells -> contract.put(
                            cells[0],
                            new Contracted(cells[1], cells.length < 3 ? List.of() : List.of(cells[2].split(",", -1)))));
        }
        return contract;
    }

    static Stream<FamilyDeclaration> declared() {
        return MetricCatalogue.families().stream();
    }

    private static List<String> names() {
        return declared().map(FamilyDeclaration::name).toList();
    }

    @Test
    void everyContractedFamilyIsDeclared() throws IOException {
        assertThat(names()).doesNotHaveDuplicates();
        assertThat(names().stream().filter(name -> !BEYOND.contains(name)))
                .containsExactlyInAnyOrderElementsOf(contract().keySet());
        assertThat(names()).containsAll(BEYOND);
    }

    @Test
    void declarationsHaveTheContractsTypesAndLabels() throws IOException {
        Map<String, Contracted> declared = new LinkedHashMap<>();
        declared()
                .filter(family -> !BEYOND.contains(family.name()))
                .forEach(family -> declared.put(
                        family.name(), new Contracted(MetricCatalogue.scrapedType(family), family.labels())));

        assertThat(contract()).containsAllEntriesOf(declared);
    }

    @ParameterizedTest
    @MethodSource("declared")
    void namesFollowTheRules(FamilyDeclaration family) {
        assertThat(family.name())
                .matches("mlflow(_[a-z]+)+")
                .doesNotContainPattern(
                        "_(ms|millis|milliseconds|minutes|hours|days|percent|percentage|kb|mb|gb|kib|mib|gib)(_|$)")
                .doesNotContainPattern("_(count|sum|bucket|created)$")
                .satisfies(name -> assertThat(MLFLOWS_OWN).noneMatch(name::startsWith));
        if (family.name().contains("timestamp")) {
            assertThat(family.name()).endsWith("_timestamp_seconds");
        }
        if (family.type() == FamilyDeclaration.Type.HISTOGRAM
                || family.name().contains("_age")
                || family.name().contains("duration")) {
            assertThat(family.name()).endsWith("_seconds");
        }
        if (family.name().contains("_bytes")) {
            assertThat(family.name()).matches(".*_bytes(_total)?");
        }
        assertThat(family.labels())
                .doesNotHaveDuplicates()
                .doesNotContainAnyElementsOf(RESERVED_LABELS)
                .doesNotContainAnyElementsOf(TARGET_LABELS)
                .allMatch(label -> label.matches("[a-z]+(_[a-z]+)*"));
    }

    /** Else the counter is of type {@code unknown} in OpenMetrics and OTLP, where it loses its suffix. */
    @Test
    void noFamilySharesItsOpenMetricsNameWithAnother() {
        assertThat(declared().map(family -> family.name().replaceFirst("_(total|info)$", "")))
                .doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @MethodSource("declared")
    void helpIsOneSentence(FamilyDeclaration family) {
        assertThat(family.help()).matches("[A-Z0-9].*\\.").doesNotContain(". ").doesNotContain("\n");
    }

    @Test
    void whatIsToldOfMlflowIsAsOfTheSnapshotAndSaysSo() {
        assertThat(MetricCatalogue.families(MetricCatalogue.SUBJECTS.stream().filter(Subject::aboutMlflow)))
                .hasSizeGreaterThan(10)
                .allSatisfy(family -> assertThat(family.help()).contains("as of the snapshot"));
        assertThat(MetricCatalogue.families(MetricCatalogue.SUBJECTS.stream().filter(Subject::live)))
                .allSatisfy(family -> assertThat(family.help()).doesNotContain("as of the snapshot"));
    }

    @Test
    void onlyTheNewestRunsHaveARunsIdAsALabel() {
        assertThat(declared().filter(family -> family.labels().contains("run_id")))
                .extracting(FamilyDeclaration::name)
                .allMatch(name -> name.startsWith("mlflow_recent_run_"));
    }
}
