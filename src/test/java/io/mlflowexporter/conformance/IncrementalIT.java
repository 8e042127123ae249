package io.mlflowexporter.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.mlflowexporter.catalog.sync.MlflowWriter;
import io.mlflowexporter.catalog.sync.TwoReadings;
import io.mlflowexporter.testing.MlflowServer;
import io.mlflowexporter.testing.PythonEnvironment;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Reading by increments on real servers: it ends up with what a fresh reading says. */
final class IncrementalIT {
    private static final Instant LONG_AGO = Instant.parse("2024-05-01T00:00:00Z");

    @Test
    void onMlflow3() throws Exception {
        followsChanges(PythonEnvironment.MLFLOW3);
    }

    @Test
    void onMlflow2() throws Exception {
        followsChanges(PythonEnvironment.MLFLOW2);
    }

    private static void followsChanges(PythonEnvironment python) throws Exception {
        python.python();
        try (MlflowServer server = MlflowServer.start(python)) {
            MlflowWriter writer = new MlflowWriter(server.uri());
            TwoReadings readings = new TwoReadings(
                    server.uri(),
                    InstantSource.system(),
                    Map.of("refresh.interval", "1s", "refresh.resync_share", "0.1", "mlflow.page_size", "7"));
            List<String> experiments = IntStream.range(0, 3)
                    .mapToObj(i -> writer.experiment("experiment " + i))
                    .toList();
            List<String> ended = new ArrayList<>();
            List<String> running = new ArrayList<>();
            for (int i = 0; i < 30; i++) {
                ended.add(ended(writer, experiments.get(i % 3), LONG_AGO.toEpochMilli() + i / 5));
                running.add(writer.run(
                        experiments.get(i % 3), "Training " + i, Instant.now().toEpochMilli()));
            }
            readings.refresh();
            same(readings);

            long now = Instant.now().toEpochMilli();
            ended(writer, experiments.get(0), now);
            writer.status(running.get(0), "FINISHED", now);
            writer.status(running.get(1), "FAILED", LONG_AGO.toEpochMilli());
            writer.status(running.get(2), "SCHEDULED", 0);
            writer.status(ended.get(0), "RUNNING", 0);
            writer.tag(running.get(3), "team", "a");
            writer.runDeleted(running.get(4), true);
            writer.deleted(experiments.get(1), true);
            writer.rename(experiments.get(2), "renamed");
            writer.experiment("new");
            readings.refresh();
            same(readings);

            writer.deleted(experiments.get(1), false);
            readings.refresh();
            same(readings);

            writer.tag(ended.get(5), "team", "b");
            ended(writer, experiments.get(0), LONG_AGO.toEpochMilli() - 1);
            ended(writer, experiments.get(0), 0);
            readings.resync(() -> {});
            same(readings);

            writer.runDeleted(ended.get(6), true);
            writer.runDeleted(ended.get(8), true);
            readings.refresh();
            same(readings);

            writer.runDeleted(ended.get(6), false);
            readings.refresh();
            same(readings);
        }
    }

    private static String ended(MlflowWriter writer, String experiment, long start) {
        String run = writer.run(experiment, "Inference", start);
        writer.status(run, "FINISHED", LONG_AGO.toEpochMilli() + 60_000);
        return run;
    }

    private static void same(TwoReadings readings) throws Exception {
        assertThat(readings.known()).isEqualTo(readings.fresh()).hasSizeGreaterThanOrEqualTo(60);
    }

    @Test
    void twoThousandExperimentsAndTwoHundredRunsAreNotTooManyForOneQuestion() throws Exception {
        for (PythonEnvironment python : List.of(PythonEnvironment.MLFLOW3, PythonEnvironment.MLFLOW2)) {
            python.python();
            try (MlflowServer server = MlflowServer.start(python)) {
                MlflowWriter writer = new MlflowWriter(server.uri());
                String run = writer.run("0", "Training", 1_000);
                List<String> experiments =
                        IntStream.range(0, 2_000).mapToObj(Integer::toString).toList();
                List<String> ids = new ArrayList<>(List.of(run));
                IntStream.range(1, 200).forEach(i -> ids.add("%032x".formatted(i)));
                assertThat(writer.runIds(experiments, "attributes.run_id IN ('" + String.join("','", ids) + "')"))
                        .containsExactly(run);
            }
        }
    }
}
