package io.mlflowexporter.refresh;

import static org.assertj.core.api.Assertions.assertThat;

import io.mlflowexporter.demo.SimulatedMlflow;
import io.mlflowexporter.demo.api.Faults.Answer;
import io.mlflowexporter.demo.life.SimulationOptions;
import io.mlflowexporter.refresh.ExporterStatus.Outcome;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is said where MLflow answers, and shows the account little or nothing. */
final class VisibilityTest {
    private static final Answer NOTHING = new Answer(200, OptionalInt.empty(), "application/json", "{}");
    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");

    private static final Instant LATER = RefreshBench.START.plus(Duration.ofMinutes(3));

    private final Visibility visibility = new Visibility("experiments", Optional.of("none"));

    private static SimulatedMlflow demo() throws Exception {
        return SimulatedMlflow.start(SimulationOptions.defaults().withClock(() -> RefreshBench.START));
    }

    private static List<String> suspicions(RefreshBench bench) {
        return bench.refresher.status().snapshot().orElseThrow().suspicions();
    }

    @Test
    void anAccountWithoutGrantsReadsZeroExperimentsAndIsReportedOnce() throws Exception {
        try (SimulatedMlflow mlflow = demo();
                RefreshBench bench = new RefreshBench(mlflow.uri(), Map.of())) {
            mlflow.faults().always("experiments/search", NOTHING);
            mlflow.faults().always("registered-models/search", NOTHING);
            mlflow.faults().always("model-versions/search", NOTHING);

            assertThat(bench.refresh()).isEqualTo(Outcome.COMPLETE);
            bench.refresh();

            assertThat(bench.value("mlflow_experiments{lifecycle_stage=\"active\"}"))
                    .isEqualTo("0.0");
            assertThat(bench.value("mlflow_experiments{lifecycle_stage=\"deleted\"}"))
                    .isEqualTo("0.0");
            assertThat(bench.value("mlflow_snapshot_complete")).isEqualTo("1.0");
            assertThat(bench.problemsSaid())
                    .singleElement()
                    .asString()
                    .startsWith("WARN MLflow shows the exporter no"
                            + " experiment at all, not even Default: its account lacks grants");
            assertThat(suspicions(bench)).singleElement().asString().contains("grants");

            mlflow.faults().clear();
            bench.refresh();
            assertThat(bench.problemsSaid()).containsExactly("INFO MLflow shows the exporter as much as before again");
            assertThat(suspicions(bench)).isEmpty();
        }
    }

    @Test
    void grantsLostAcrossARestartAreReportedToo(@TempDir Path directory) throws Exception {
        Map<String, String> settings =
                Map.of("checkpoint.file", directory.resolve("checkpoint").toString());
        try (SimulatedMlflow mlflow = demo()) {
            try (RefreshBench first = new RefreshBench(mlflow.uri(), settings)) {
                first.refresh();
            }
            mlflow.faults().always("experiments/search", NOTHING);
            try (RefreshBench second = new RefreshBench(mlflow.uri(), settings, LATER)) {
                assertThat(suspicions(second)).isEmpty();
                second.refresh();
                assertThat(suspicions(second)).hasSize(1);
            }
        }
    }

    @Test
    void otherFiltersThanBeforeARestartAreNoLoss(@TempDir Path directory) throws Exception {
        String file = directory.resolve("checkpoint").toString();
        try (SimulatedMlflow mlflow = demo()) {
            try (RefreshBench first = new RefreshBench(mlflow.uri(), Map.of("checkpoint.file", file))) {
                first.refresh();
            }
            Map<String, String> one = Map.of("checkpoint.file", file, "read.experiments.include", "bikes");
            try (RefreshBench second = new RefreshBench(mlflow.uri(), one, LATER)) {
                second.refresh();
                assertThat(second.value("mlflow_experiments{lifecycle_stage=\"active\"}"))
                        .isEqualTo("1.0");
                assertThat(suspicions(second)).isEmpty();
            }
        }
    }

    @Test
    void farFewerAreReportedForADayWithTheSameLine() {
        assertThat(visibility.report(40, NOON)).isEmpty();
        assertThat(visibility.report(38, NOON)).as("two removed").isEmpty();

        Optional<String> lost = visibility.report(3, NOON.plusSeconds(60));

        assertThat(lost.orElseThrow())
                .isEqualTo(
                        "MLflow shows the exporter 3 experiments, and showed 38 until 2026-03-01T12:01:00Z: if nobody"
                                + " removed them, its account has lost grants to read them");
        assertThat(visibility.report(3, NOON.plus(Duration.ofHours(20)))).isEqualTo(lost);
        assertThat(visibility.report(3, NOON.plus(Duration.ofHours(25))))
                .as("taken for what there is")
                .isEmpty();
    }

    @Test
    void whoSeesThemAgainIsNotReported() {
        visibility.report(40, NOON);
        assertThat(visibility.report(0, NOON)).contains("none");
        assertThat(visibility.report(5, NOON).orElseThrow()).contains("shows the exporter 5", "showed 40");
        assertThat(visibility.report(39, NOON)).isEmpty();
        assertThat(visibility.report(40, NOON)).isEmpty();
    }

    @Test
    void aFewRemovedByHandAreNoLoss() {
        visibility.report(6, NOON);
        assertThat(visibility.report(2, NOON)).isEmpty();
        visibility.report(1_000, NOON);
        assertThat(visibility.report(600, NOON)).isEmpty();
    }
}
