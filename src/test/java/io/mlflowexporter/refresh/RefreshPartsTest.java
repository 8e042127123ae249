package io.mlflowexporter.refresh;

import static io.mlflowexporter.testing.ScriptedServer.json;
import static org.assertj.core.api.Assertions.assertThat;

import io.mlflowexporter.demo.Faults.Answer;
import io.mlflowexporter.demo.SimulatedMlflow;
import io.mlflowexporter.demo.SimulationOptions;
import io.mlflowexporter.refresh.ExporterStatus.Outcome;
import io.mlflowexporter.refresh.ExporterStatus.Progress;
import io.mlflowexporter.testing.Exposed;
import io.mlflowexporter.testing.ScriptedServer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The two halves of a refresh on servers of their own and of several ages, and how far it has come. */
final class RefreshPartsTest {
    private SimulatedMlflow mlflow;

    @BeforeEach
    void start() throws Exception {
        mlflow = SimulatedMlflow.start(SimulationOptions.defaults().withClock(() -> Bench.START));
    }

    @AfterEach
    void stop() {
        mlflow.close();
    }

    @Test
    void aRegistryOfItsOwnIsReadWhileTheTrackingServerIsDown() throws Exception {
        try (ScriptedServer registry = ScriptedServer.start().otherwise(request -> json("{}"));
                Bench bench = new Bench(
                        mlflow.uri(),
                        Map.of("mlflow.registry_uri", registry.uri().toString()))) {
            assertThat(bench.refresh()).isEqualTo(Outcome.COMPLETE);
            mlflow.faults().always(Answer.error(503, "TEMPORARILY_UNAVAILABLE"));
            registry.otherwise(request -> json(
                    request.endpoint().startsWith("registered")
                            ? "{\"registered_models\": [{\"name\": \"new\", \"aliases\": [{\"alias\": \"a\", \"version\": \"7\"}]}]}"
                            : "{}"));

            assertThat(bench.refresh()).isEqualTo(Outcome.PARTIAL);

            assertThat(bench.value("mlflow_registered_models")).isEqualTo("1.0");
            assertThat(bench.value("mlflow_exporter_anomalies{kind=\"alias_without_version\"}"))
                    .isEqualTo("1.0");
            assertThat(bench.value("mlflow_up")).isEqualTo("0.0");
            assertThat(bench.refresher.status().registry().problem()).isEmpty();
        }
    }

    @Test
    void aSharedServerThatIsDownIsNotAskedForModelsToo() throws Exception {
        try (Bench bench = new Bench(mlflow.uri(), Map.of())) {
            mlflow.faults().always(Answer.error(503, "TEMPORARILY_UNAVAILABLE"));

            assertThat(bench.refresh()).isEqualTo(Outcome.FAILED);

            assertThat(mlflow.requests().count("registered-models/search")).isZero();
            assertThat(bench.refresher
                            .status()
                            .registry()
                            .problem()
                            .orElseThrow()
                            .message())
                    .startsWith("not tried");
            assertThat(bench.problemsSaid()).hasSize(1);
        }
    }

    @Test
    void aServerTooOldForModelsOrVersionsServesTheRest() throws Exception {
        try (Bench bench = new Bench(mlflow.uri(), Map.of())) {
            List.of("version", "server-info", "registered-models/search", "model-versions/search")
                    .forEach(mlflow.faults()::drop);

            assertThat(bench.refresh()).isEqualTo(Outcome.PARTIAL);
            bench.refresh();

            assertThat(bench.problemsSaid())
                    .singleElement()
                    .asString()
                    .startsWith("WARN registered models: cannot read registered-models/search from " + mlflow.uri()
                            + ": HTTP 404; is this the address of an MLflow server, and is it new enough?");
            assertThat(bench.value("mlflow_up")).isEqualTo("1.0");
            assertThat(bench.value("mlflow_snapshot_complete")).isEqualTo("0.0");
            assertThat(bench.refresher.status().server().orElseThrow().version())
                    .isEmpty();
            assertThat(bench.refresher.status().snapshot().orElseThrow().incomplete())
                    .singleElement()
                    .asString()
                    .startsWith("registered models: cannot read");
        }
    }

    @Test
    void theFirstReadTellsHowFarItIs() throws Exception {
        List<Progress> seen = new CopyOnWriteArrayList<>();
        List<String> ratios = new CopyOnWriteArrayList<>();
        Bench[] benches = {null};
        try (ScriptedServer slow = ScriptedServer.start()) {
            slow.otherwise(request -> {
                Bench bench = benches[0];
                seen.add(bench.refresher.status().progress());
                ratios.add(bench.value("mlflow_exporter_refresh_progress_ratio"));
                bench.wait(java.time.Duration.ofSeconds(6));
                return json(
                        switch (request.endpoint()) {
                            case "experiments/search" -> experiments(250);
                            case "runs/search" ->
                                "{\"runs\": [{\"info\": {\"run_id\": \"" + seen.size() + "\", \"experiment_id\": \""
                                        + (seen.size() - 4) * 100 + "\"}}]}";
                            default -> "{}";
                        });
            });
            benches[0] = new Bench(slow.uri(), Map.of());
            try (Bench bench = benches[0]) {
                bench.refresh();

                assertThat(seen).extracting(Progress::step).contains("", "experiments", "runs");
                assertThat(seen)
                        .filteredOn(progress -> progress.step().equals("runs"))
                        .extracting(Progress::experimentsDone, Progress::experimentsTotal)
                        .startsWith(
                                org.assertj.core.groups.Tuple.tuple(0, 250),
                                org.assertj.core.groups.Tuple.tuple(100, 250),
                                org.assertj.core.groups.Tuple.tuple(200, 250));
                assertThat(ratios).contains("0.0", "0.4", "0.8");
                assertThat(bench.value("mlflow_exporter_refresh_progress_ratio"))
                        .isEqualTo("1.0");
                assertThat(bench.refresher.status().progress()).isEqualTo(Progress.IDLE);
                List<String> said = bench.said();
                assertThat(said)
                        .contains("INFO First read: runs, 100 of 250 experiments, 1 runs so far")
                        .last()
                        .asString()
                        .startsWith("INFO First read complete: 250 experiments, ");

                bench.refresh();
                assertThat(bench.said()).isEmpty();
            }
        }
    }

    private static String experiments(int count) {
        StringBuilder list = new StringBuilder();
        for (int i = 0; i < count; i++) {
            list.append(i == 0 ? "" : ",").append("{\"experiment_id\": \"" + i + "\", \"name\": \"e" + i + "\"}");
        }
        return "{\"experiments\": [" + list + "]}";
    }

    @Test
    void inEveryWorkspaceThatIsWanted() throws Exception {
        try (SimulatedMlflow shared = SimulatedMlflow.start(
                        SimulationOptions.defaults().withWorkspaces(true).withClock(() -> Bench.START));
                Bench bench = new Bench(shared.uri(), Map.of())) {
            assertThat(bench.refresh()).isEqualTo(Outcome.COMPLETE);
            assertThat(workspaces(bench)).containsOnly("default");

            shared.faults().drop("server-info");
            assertThat(bench.refresh()).isEqualTo(Outcome.FAILED);
            assertThat(workspaces(bench)).containsOnly("default");
        }
    }

    private static List<String> workspaces(Bench bench) {
        return Exposed.parse(bench.scrape()).stream()
                .filter(sample -> sample.name().equals("mlflow_runs"))
                .map(sample -> sample.labels().getOrDefault("workspace", "none"))
                .toList();
    }
}
