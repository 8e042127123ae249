package io.mlflowexporter.refresh;

import static org.assertj.core.api.Assertions.assertThat;

import io.mlflowexporter.catalog.sync.FullSynchronizer;
import io.mlflowexporter.config.Config;
import io.mlflowexporter.config.ConfigLoader;
import io.mlflowexporter.demo.SimulatedMlflow;
import io.mlflowexporter.demo.life.SimulationOptions;
import io.mlflowexporter.exposition.ScrapeBody;
import io.mlflowexporter.exposition.ScrapeRequest;
import io.mlflowexporter.kpi.KpiFile;
import io.mlflowexporter.mlflow.rest.RestMlflowSource;
import io.mlflowexporter.pipeline.Engines;
import io.mlflowexporter.refresh.ExporterStatus.Outcome;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** From MLflow's REST API to the text a scrape reads. */
final class RefreshTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

    private final PrometheusRegistry live = new PrometheusRegistry();
    private Instant now = NOW;
    private final InstantSource clock = () -> now;

    private Refresher refresher(String address, Map<String, String> settings) throws Exception {
        Map<String, String> all = new java.util.HashMap<>(settings);
        all.put("mlflow.tracking_uri", address);
        all.put("mlflow.retries", "0");
        // No one to spare here, and the limit waits in real time.
        all.putIfAbsent("mlflow.max_requests_per_second", "10000");
        Config config = ConfigLoader.load(Optional.empty(), Map.of(), all).config();
        RestMlflowSource source = RestMlflowSource.open(config.mlflow(), live, clock);
        Engines engines = Engines.of(config, Optional::empty, KpiFile.EMPTY);
        return new Refresher(
                new ExporterContext(config, clock, live, "1", "r"),
                source,
                new FullSynchronizer(source, config, engines::needs, clock),
                engines,
                Optional.empty());
    }

    private String scrape(Refresher refresher) {
        ScrapeBody body = refresher.exposition().scrape(new ScrapeRequest("", false, Set.of()), live, now);
        StringBuilder text = new StringBuilder();
        for (byte[] segment : body.segments()) {
            text.append(new String(segment, StandardCharsets.UTF_8));
        }
        return text.toString();
    }

    private SimulatedMlflow demo() throws Exception {
        return SimulatedMlflow.start(SimulationOptions.defaults().withClock(clock));
    }

    @Test
    void servesEveryFamilyOfACompleteSnapshot() throws Exception {
        try (SimulatedMlflow mlflow = demo()) {
            Refresher refresher = refresher(mlflow.uri().toString(), Map.of());

            assertThat(refresher.refresh()).isEqualTo(Outcome.COMPLETE);

            String text = scrape(refresher);
            assertThat(text)
                    .contains("\nmlflow_up 1.0\n", "\nmlflow_snapshot_complete 1.0\n")
                    .contains("mlflow_exporter_refreshes_total{outcome=\"complete\"} 1.0");
            assertThat(List.of(
                            "mlflow_runs{",
                            "mlflow_runs_started_total{",
                            "mlflow_run_duration_seconds_count{",
                            "mlflow_estimator_runs{",
                            "mlflow_recent_run_info{",
                            "mlflow_model_alias_info{",
                            "mlflow_model_version_created_timestamp_seconds{"))
                    .allSatisfy(family -> assertThat(text).contains("\n" + family));
        }
    }

    @Test
    void keepsTheLastSnapshotUntilItIsTooOldWhenMlflowIsGone() throws Exception {
        SimulatedMlflow mlflow = demo();
        Refresher refresher = refresher(mlflow.uri().toString(), Map.of());
        refresher.refresh();
        mlflow.close();
        now = NOW.plusSeconds(60);

        assertThat(refresher.refresh()).isEqualTo(Outcome.FAILED);
        assertThat(scrape(refresher)).contains("\nmlflow_up 0.0\n").contains("\nmlflow_runs{");

        now = NOW.plusSeconds(16 * 60);
        refresher.refresh();
        assertThat(scrape(refresher)).contains("\nmlflow_up 0.0\n").doesNotContain("\nmlflow_runs{");
    }

    @Test
    void marksWhatIsMissingWhenOnlyTheRegistryFails() throws Exception {
        try (SimulatedMlflow mlflow = demo()) {
            Refresher refresher = refresher(mlflow.uri().toString(), Map.of());
            mlflow.faults().registryDown();

            assertThat(refresher.refresh()).isEqualTo(Outcome.PARTIAL);

            assertThat(scrape(refresher))
                    .contains("\nmlflow_snapshot_complete 0.0\n", "\nmlflow_runs{")
                    .doesNotContain("\nmlflow_registered_models");
            assertThat(refresher.status().registry().problem()).isPresent();
        }
    }

    @Test
    void leavesOutTheOldestRunsPastTheLimitAndSaysSo() throws Exception {
        try (SimulatedMlflow mlflow = demo()) {
            Refresher refresher = refresher(mlflow.uri().toString(), Map.of("read.max_runs", "10"));

            refresher.refresh();

            assertThat(scrape(refresher)).contains("\nmlflow_snapshot_complete 0.0\n");
            assertThat(refresher.status().snapshot().orElseThrow().incomplete()).hasSize(1);
            assertThat(refresher.status().snapshot().orElseThrow().runs()).isLessThanOrEqualTo(10);
        }
    }

    @Test
    void countersDoNotFallWhenDeletedRunsArePurged() throws Exception {
        try (SimulatedMlflow mlflow = demo()) {
            Refresher refresher = refresher(mlflow.uri().toString(), Map.of());
            refresher.refresh();
            List<String> before = counters(refresher);
            mlflow.purgeDeleted();
            refresher.refresh();

            assertThat(counters(refresher)).isEqualTo(before);
        }
    }

    private List<String> counters(Refresher refresher) {
        return scrape(refresher)
                .lines()
                .filter(line -> line.startsWith("mlflow_runs_started_total")
                        || line.startsWith("mlflow_runs_ended_total")
                        || line.startsWith("mlflow_run_duration_seconds_count"))
                .toList();
    }
}
