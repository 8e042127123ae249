package io.mlflowexporter.refresh;

import static org.assertj.core.api.Assertions.assertThat;

import io.mlflowexporter.catalog.sync.MlflowWriter;
import io.mlflowexporter.demo.SimulatedMlflow;
import io.mlflowexporter.demo.life.SimulationOptions;
import io.mlflowexporter.refresh.ExporterStatus.Outcome;
import io.mlflowexporter.testing.FaultProxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An object that alone is larger than an answer may be stops nothing else from being read. */
final class LargeObjectsTest {
    private static final String DEPLOYMENTS = "mlflow_deployments_total{alias=\"champion\",model=\"small\"}";
    private static final List<String> INCOMPLETE = List.of(
            "experiments larger than mlflow.max_response_size (65536 bytes) are left out, or stay as they were:"
                    + " 2 \"large\", 3 \"large and new\"; delete some of their tags, exclude them with"
                    + " read.experiments, or raise mlflow.max_response_size",
            "models larger than mlflow.max_response_size (65536 bytes) are left out, or stay as they were: \"large\";"
                    + " delete some of their tags, exclude them with read.models, or raise mlflow.max_response_size",
            "model versions larger than mlflow.max_response_size (65536 bytes) are left out, or stay as they were:"
                    + " 2 of \"large\", 1 of \"large\"; delete some of their tags, exclude them with read.models, or"
                    + " raise mlflow.max_response_size");

    @TempDir
    private Path directory;

    private static FaultProxy.Fault grown() {
        String description = "$0, \"description\": \"" + "x".repeat(100_000) + "\"";
        return FaultProxy.rewritten(body -> body.replaceAll("\"name\": ?\"large[^\"]*\"", description));
    }

    private static String runs(String experiment) {
        return "mlflow_runs{experiment=\"" + experiment + "\",phase=\"training\",status=\"running\"}";
    }

    @Test
    void itIsNamedAndTheRestOfItsListIsRead() throws Exception {
        Map<String, String> settings = Map.of(
                "mlflow.max_response_size",
                "64KiB",
                "checkpoint.file",
                directory.resolve("checkpoint").toString());
        long start = RefreshBench.START.toEpochMilli() - 60_000;
        try (SimulatedMlflow mlflow = SimulatedMlflow.start(
                        SimulationOptions.defaults().withRuns(0).withClock(() -> RefreshBench.START));
                FaultProxy proxy = FaultProxy.before(mlflow.uri())) {
            MlflowWriter writer = new MlflowWriter(mlflow.uri());
            String small = writer.experiment("small");
            String large = writer.experiment("large");
            String run = writer.run(small, "Training", start);
            writer.run(large, "Training", start);
            for (String model : List.of("small", "large")) {
                writer.model(model);
                writer.version(model, run);
                writer.version(model, run);
                writer.alias(model, "champion", "1");
            }
            try (RefreshBench bench = new RefreshBench(proxy.uri(), settings)) {
                assertThat(bench.refresh()).isEqualTo(Outcome.COMPLETE);
                assertThat(bench.value("mlflow_snapshot_complete")).isEqualTo("1.0");
                bench.said();

                writer.run(writer.experiment("large and new"), "Training", start);
                writer.run(small, "Training", start);
                writer.run(large, "Training", start);
                writer.alias("small", "champion", "2");
                proxy.fault(grown());
                assertThat(bench.refresh()).isEqualTo(Outcome.COMPLETE);

                assertThat(bench.value("mlflow_snapshot_complete")).isEqualTo("0.0");
                assertThat(bench.refresher.status().snapshot().orElseThrow().incomplete())
                        .containsExactlyElementsOf(INCOMPLETE);
                assertThat(bench.problemsSaid())
                        .containsExactly("WARN The snapshot is not complete: " + String.join("; ", INCOMPLETE)
                                + " (repeats are suppressed)");
                assertThat(bench.value(runs("small"))).isEqualTo("2.0");
                assertThat(bench.value(runs("large"))).as("known before").isEqualTo("2.0");
                assertThat(bench.value(runs("large and new"))).isEqualTo("absent");
                assertThat(bench.value("mlflow_registered_models")).isEqualTo("2.0");
                assertThat(bench.value(DEPLOYMENTS)).as("of another model").isEqualTo("1.0");
            }

            try (RefreshBench again =
                    new RefreshBench(proxy.uri(), settings, RefreshBench.START.plus(Duration.ofMinutes(3)))) {
                assertThat(again.refresher.status().snapshot().orElseThrow().incomplete())
                        .as("after a restart")
                        .containsExactlyElementsOf(INCOMPLETE);
                assertThat(again.refresh()).isEqualTo(Outcome.COMPLETE);
                assertThat(again.value(runs("large"))).isEqualTo("2.0");

                proxy.mend();
                assertThat(again.refresh()).isEqualTo(Outcome.COMPLETE);
                assertThat(again.value("mlflow_snapshot_complete")).isEqualTo("1.0");
                assertThat(again.value(runs("large and new"))).isEqualTo("1.0");
                assertThat(again.value("mlflow_model_versions_created_total{model=\"large\"}"))
                        .isEqualTo("2.0");
            }
        }
    }
}
