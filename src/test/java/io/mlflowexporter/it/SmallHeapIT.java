package io.mlflowexporter.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.mlflowexporter.demo.SimulatedMlflow;
import io.mlflowexporter.demo.life.SimulationOptions;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The jar in the smallest heap that is recommended, before a server whose runs are not small. */
final class SmallHeapIT {
    private static final Duration LIMIT = Duration.ofMinutes(2);

    @Test
    void largeRunsAreReadInSmallPages() throws Exception {
        SimulationOptions large =
                SimulationOptions.defaults().withRuns(2_000).withExtra(new SimulationOptions.Extra(0, 400, 0));
        try (SimulatedMlflow mlflow = SimulatedMlflow.start(large);
                ExporterJar jar = ExporterJar.inHeap(
                        "small-heap",
                        "48m",
                        "--mlflow.tracking-uri",
                        mlflow.uri().toString())) {
            Await.until("ready", LIMIT, () -> HttpGet.get(jar.web("/readyz")).status(), status -> status == 200);

            assertThat(HttpGet.get(jar.metrics("/metrics")).text()).contains("\nmlflow_snapshot_complete 1.0\n");
        }
    }
}
