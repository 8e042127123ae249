package io.mlflowexporter.audit;

import static org.assertj.core.api.Assertions.assertThat;

import io.mlflowexporter.audit.server.AuditedServer;
import io.mlflowexporter.catalog.PhaseRules;
import io.mlflowexporter.config.ConfigLoader;
import io.mlflowexporter.config.LoadedConfig;
import io.mlflowexporter.demo.SimulatedMlflow;
import io.mlflowexporter.mlflow.rest.MlflowRequests;
import io.mlflowexporter.refresh.RefreshBench;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mlflow.api.proto.Service.CreateRun;
import org.mlflow.api.proto.Service.RunStatus;
import org.mlflow.tracking.MlflowClient;

/** Runs that log what is no use, or the same as others: the exporter and the audit make the same of them. */
final class AuditOddRunsTest {
    private static final long NOW = RefreshBench.START.toEpochMilli();
    private static final long HOUR = Duration.ofHours(1).toMillis();

    @TempDir
    private Path folder;

    private SimulatedMlflow mlflow;
    private MlflowClient client;
    private String experiment;

    @BeforeEach
    void start() throws Exception {
        mlflow = SimulatedMlflow.empty();
        client = new MlflowClient(mlflow.uri().toString());
        experiment = client.createExperiment("odd");
    }

    @AfterEach
    void stop() {
        client.close();
        mlflow.close();
    }

    private String run(String name, long begunHoursAgo, RunStatus status, Map<String, Double> metrics) {
        long begun = NOW - begunHoursAgo * HOUR;
        String id = client.createRun(CreateRun.newBuilder()
                        .setExperimentId(experiment)
                        .setRunName(name)
                        .setStartTime(begun)
                        .build())
                .getRunId();
        metrics.forEach((key, value) -> client.logMetric(id, key, value, begun + 1, 0));
        client.setTerminated(id, status, begun + HOUR);
        return id;
    }

    private void noDifferences(Map<String, String> settings, String... told) throws Exception {
        try (RefreshBench exporter = new RefreshBench(mlflow.uri(), settings)) {
            exporter.refresh(Duration.ZERO);
            String scrape = exporter.scrape();
            assertThat(scrape).contains(told);
            Map<String, String> all = new HashMap<>(settings);
            all.put("mlflow.tracking_uri", mlflow.uri().toString());
            LoadedConfig loaded = ConfigLoader.load(Optional.empty(), Map.of(), all);
            AuditedServer server = MlflowRequests.open(loaded.config().mlflow(), InstantSource.system())::tracking;
            AuditResult result = new Audit(
                            loaded, server, server, PhaseRules.defaults(), InstantSource.fixed(RefreshBench.START))
                    .check(scrape);
            assertThat(result.differences()).isEmpty();
        }
    }

    @Test
    void kpisOfRunsThatLogNoNumbersOrTheSameOnes() throws Exception {
        Path kpis = folder.resolve("kpis.yaml");
        Files.writeString(kpis, """
                kpis:
                  - {name: clicks_per_show, value: clicks / shows, unit: ratio, target: 0.3}
                  - {name: left, value: '-(clicks - 2 * shows) / "Customers*" + 0.5', direction: lower, target: 1}
                  - {name: nowhere, value: nothing, target: 1}
                """);
        run("zero", 100, RunStatus.FINISHED, Map.of("clicks", 1.0, "shows", 0.0));
        run("nan", 99, RunStatus.FINISHED, Map.of("clicks", Double.NaN, "shows", 0.0));
        run("endless", 98, RunStatus.FINISHED, Map.of("clicks", 1.0, "shows", Double.POSITIVE_INFINITY));
        run("old", 24 * 20, RunStatus.FINISHED, Map.of("clicks", 1.0, "shows", 10.0));
        run("good", 50, RunStatus.FINISHED, Map.of("clicks", 3.0, "shows", 10.0, "customers_b", 4.0));
        run("as good", 20, RunStatus.FINISHED, Map.of("clicks", 0.3, "shows", 1.0, "CUSTOMERS_a", 3.0));
        run("as late", 20, RunStatus.FINISHED, Map.of("clicks", 1.0, "shows", 8.0, "customers", 3.0));
        run("failed", 10, RunStatus.FAILED, Map.of("clicks", 9.0, "shows", 10.0));
        String deleted = run("deleted", 9, RunStatus.FINISHED, Map.of("clicks", 9.0, "shows", 10.0));
        client.deleteRun(deleted);

        noDifferences(
                Map.of("kpi.file", kpis.toString()),
                "mlflow_kpi_unusable_runs{kpi=\"clicks_per_show\",reason=\"division_by_zero\"} 1.0",
                "mlflow_kpi_unusable_runs{kpi=\"clicks_per_show\",reason=\"not_finite\"} 1.0",
                "mlflow_kpi{experiment=\"odd\",kpi=\"clicks_per_show\",model=\"\",selector=\"best\"} 0.3",
                "mlflow_kpi{experiment=\"odd\",kpi=\"left\",model=\"\",selector=\"latest\"}",
                "mlflow_kpi_target{kpi=\"nowhere\"} 1.0");
        noDifferences(Map.of("kpi.built_in", "false"), "mlflow_runs{");
    }

    @Test
    void stepsThatAreNoTimesOrToldTwice() throws Exception {
        run("twice", 30, RunStatus.FINISHED, Map.of("load_seconds", 1.0, "load_ms", 5000.0, "Fit_Minutes", 2.0));
        run("bad", 29, RunStatus.FAILED, Map.of("load_seconds", -1.0, "fit_minutes", Double.NaN, "_seconds", 1.0));
        run("latency", 28, RunStatus.KILLED, Map.of("latency_seconds", 1.0, "load_ms", 1000.0));

        noDifferences(
                Map.of(),
                "mlflow_step_duration_seconds_bucket{experiment=\"odd\",step=\"load\",le=\"1.0\"} 1",
                "mlflow_step_duration_seconds_sum{experiment=\"odd\",step=\"load\"} 6.0",
                "mlflow_step_duration_seconds_count{experiment=\"odd\",step=\"fit\"} 1");
    }

    @Test
    void attemptsThatFailedAgain() throws Exception {
        for (int hoursAgo : new int[] {20, 18, 15, 12}) {
            run("again", hoursAgo, hoursAgo == 15 ? RunStatus.KILLED : RunStatus.FAILED, Map.of());
        }
        run("once", 11, RunStatus.FAILED, Map.of());
        run("healed", 10, RunStatus.FAILED, Map.of());
        run("healed", 8, RunStatus.FAILED, Map.of());
        run("healed", 6, RunStatus.FINISHED, Map.of());
        String deleted = run("again", 5, RunStatus.FAILED, Map.of());
        client.deleteRun(deleted);
        run("ahead", -2, RunStatus.FINISHED, Map.of());

        noDifferences(
                Map.of(),
                "mlflow_retry_storm_runs{experiment=\"odd\",phase=\"other\"} 3.0",
                "mlflow_run_error_ratio{experiment=\"odd\",phase=\"other\",window=\"1d\"}");
    }
}
