package io.mlflowexporter.refresh;

import static org.assertj.core.api.Assertions.assertThat;

import io.mlflowexporter.demo.RequestLog.Request;
import io.mlflowexporter.demo.SimulatedMlflow;
import io.mlflowexporter.demo.SimulationOptions;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a refresh costs the server on which nothing happened. */
final class UnchangedRefreshTest {
    @Test
    void itTakesTenRequestsAndTwoHundredKilobytesAtMost() throws Exception {
        SimulationOptions still = SimulationOptions.defaults().withRuns(2_000).withClock(() -> Bench.START);
        try (SimulatedMlflow mlflow = SimulatedMlflow.start(still);
                Bench bench = new Bench(mlflow.uri(), Map.of("refresh.sweep_runs", "40"))) {
            bench.refresh(Duration.ZERO);
            String first = bench.value("mlflow_exporter_catalog_entries{kind=\"runs\"}");
            for (int i = 0; i < 30; i++) {
                mlflow.requests().clear();

                assertThat(bench.refresh()).isEqualTo(ExporterStatus.Outcome.COMPLETE);

                assertThat(mlflow.requests().last()).hasSizeLessThanOrEqualTo(10);
                assertThat(mlflow.requests().last().stream()
                                .mapToLong(Request::responseBytes)
                                .sum())
                        .isLessThanOrEqualTo(200_000);
            }
            assertThat(bench.value("mlflow_exporter_catalog_entries{kind=\"runs\"}"))
                    .isEqualTo(first);
        }
    }
}
