package io.mlflowexporter.refresh;

import static org.assertj.core.api.Assertions.assertThat;

import io.mlflowexporter.demo.SimulatedMlflow;
import io.mlflowexporter.demo.life.SimulationOptions;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a refresh costs the server on which nothing happened. */
final class UnchangedRefreshTest {
    private static final int REFRESHES = 30;

    @Test
    void itTakesNineRequestsAndTheResyncNoMoreThanItsShare() throws Exception {
        SimulationOptions still = SimulationOptions.defaults().withRuns(2_000).withClock(() -> RefreshBench.START);
        try (SimulatedMlflow mlflow = SimulatedMlflow.start(still);
                RefreshBench bench = new RefreshBench(mlflow.uri(), Map.of("refresh.resync_share", "0.03"))) {
            bench.refresh(Duration.ZERO);
            String first = bench.value("mlflow_exporter_catalog_entries{kind=\"runs\"}");
            for (int i = 0; i < REFRESHES; i++) {
                mlflow.requests().clear();

                assertThat(bench.refresh()).isEqualTo(ExporterStatus.Outcome.COMPLETE);

                // Besides those of the resync, which may read all 2,000 runs in pages that begin with 100.
                assertThat(mlflow.requests().last())
                        .filteredOn(request -> !request.endpoint().startsWith("traces/"))
                        .hasSizeLessThanOrEqualTo(9 + 20);
                // The traces of the last days are read again at first.
                assertThat(mlflow.requests().last())
                        .filteredOn(request -> request.endpoint().startsWith("traces/"))
                        .hasSizeLessThanOrEqualTo(20);
                assertThat(mlflow.requests().last())
                        .filteredOn(request -> !request.endpoint().equals("runs/search")
                                && !request.endpoint().startsWith("traces/"))
                        // Two of them may be for one kind of other objects.
                        .hasSizeLessThanOrEqualTo(5 + 2);
            }
            assertThat(bench.value("mlflow_exporter_catalog_entries{kind=\"runs\"}"))
                    .isEqualTo(first);
            double spent = Double.parseDouble(bench.value("mlflow_exporter_resync_answer_seconds_total"));
            assertThat(spent).isPositive().isLessThan(0.03 * 60 * (REFRESHES + 2));
        }
    }
}
