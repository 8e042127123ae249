package io.mlflowexporter.refresh;

import static io.mlflowexporter.testing.ScriptedServer.json;
import static org.assertj.core.api.Assertions.assertThat;

import io.mlflowexporter.demo.SimulatedMlflow;
import io.mlflowexporter.demo.api.Faults.Answer;
import io.mlflowexporter.demo.life.SimulationOptions;
import io.mlflowexporter.refresh.ExporterStatus.Outcome;
import io.mlflowexporter.refresh.ExporterStatus.Progress;
import io.mlflowexporter.testing.Exposed;
import io.mlflowexporter.testing.FaultProxy;
import io.mlflowexporter.testing.ScriptedServer;
import java.time.Duration;
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
        mlflow = SimulatedMlflow.start(SimulationOptions.defaults().withClock(() -> RefreshBench.START));
    }

    @AfterEach
    void stop() {
        mlflow.close();
    }

    @Test
    void aRegistryOfItsOwnIsReadWhileTheTrackingServerIsDown() throws Exception {
        try (ScriptedServer registry = ScriptedServer.start().otherwise(request -> json("{}"));
                RefreshBench bench = new RefreshBench(
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
        try (RefreshBench bench = new RefreshBench(mlflow.uri(), Map.of())) {
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
    void theFirstReadTellsHowFarItIs() throws Exception {
        List<Progress> seen = new CopyOnWriteArrayList<>();
        List<String> ratios = new CopyOnWriteArrayList<>();
        RefreshBench[] benches = {null};
        try (ScriptedServer slow = ScriptedServer.start()) {
            slow.otherwise(request -> {
                RefreshBench bench = benches[0];
                seen.add(bench.refresher.status().progress());
                ratios.add(bench.value("mlflow_exporter_refresh_progress_ratio"));
                bench.wait(Duration.ofSeconds(6));
                return json(
                        switch (request.endpoint()) {
                            case "experiments/search" -> experiments(250);
                            case "runs/search" ->
                                "{\"runs\": [{\"info\": {\"run_id\": \"" + seen.size() + "\", \"experiment_id\": \""
                                        + (seen.size() - 4) * 100 + "\"}}]}";
                            default -> "{}";
                        });
            });
            benches[0] = new RefreshBench(slow.uri(), Map.of());
            try (RefreshBench bench = benches[0]) {
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
                        SimulationOptions.defaults().withWorkspaces(true).withClock(() -> RefreshBench.START));
                RefreshBench bench = new RefreshBench(shared.uri(), Map.of())) {
            assertThat(bench.refresh()).isEqualTo(Outcome.COMPLETE);
            assertThat(workspaces(bench)).containsOnly("default");

            shared.faults().drop("server-info");
            assertThat(bench.refresh()).as("not asked at each refresh").isEqualTo(Outcome.COMPLETE);
            assertThat(bench.refresh(Duration.ofMinutes(59))).isEqualTo(Outcome.FAILED);
        }
    }

    @Test
    void aWorkspaceThatIsDeletedOrForbiddenIsNamedAndTheOthersAreRead() throws Exception {
        try (SimulatedMlflow shared = SimulatedMlflow.start(
                        SimulationOptions.defaults().withWorkspaces(true).withClock(() -> RefreshBench.START));
                FaultProxy proxy = FaultProxy.before(shared.uri());
                RefreshBench all = new RefreshBench(shared.uri(), Map.of("mlflow.workspaces", "*"));
                RefreshBench bench = new RefreshBench(proxy.uri(), Map.of("mlflow.workspaces", "*,gone"))) {
            assertThat(all.refresh()).isEqualTo(Outcome.COMPLETE);
            List<String> there = workspaces(all).stream().distinct().toList();
            assertThat(there).hasSizeGreaterThan(1);
            String forbidden = there.get(0);
            String other = there.get(1);

            for (String endpoint : List.of("", "experiments/search", "runs/search", "registered-models/search")) {
                proxy.fault(FaultProxy.where(
                        request -> !endpoint.isEmpty()
                                && request.endpoint().equals(endpoint)
                                && forbidden.equals(request.headers().get("x-mlflow-workspace")),
                        FaultProxy.instead(ScriptedServer.status(403, "Permission denied"))));
                for (int i = 0; i < 5; i++) {
                    assertThat(bench.refresh(Duration.ofSeconds(30)))
                            .as(endpoint)
                            .isEqualTo(Outcome.COMPLETE);
                }

                assertThat(bench.value("mlflow_up")).isEqualTo("1.0");
                assertThat(bench.value("mlflow_snapshot_complete")).isEqualTo("0.0");
                assertThat(workspaces(bench)).contains(other);
                List<String> incomplete =
                        bench.refresher.status().snapshot().orElseThrow().incomplete();
                assertThat(incomplete)
                        .anyMatch(line -> line.startsWith("workspace gone is left out: ")
                                && line.contains("HTTP 404; check mlflow.workspaces (Workspace 'gone' not found)"));
                assertThat(incomplete.stream()
                                .anyMatch(line -> line.startsWith("workspace " + forbidden + " is left out: ")
                                        && line.contains("HTTP 403")))
                        .as(endpoint)
                        .isEqualTo(!endpoint.isEmpty());
            }
            proxy.mend();
            assertThat(bench.refresh()).isEqualTo(Outcome.COMPLETE);
            all.refresh(Duration.between(all.now(), bench.now()));
            assertThat(RefreshScrapes.differences(withoutCounters(bench), withoutCounters(all)))
                    .isEmpty();
        }
    }

    private static Map<String, Double> withoutCounters(RefreshBench bench) {
        Map<String, Double> gauges = RefreshScrapes.aboutMlflow(bench);
        gauges.keySet().removeIf(series -> RefreshScrapes.isCounter(series) || series.startsWith("mlflow_snapshot_"));
        return gauges;
    }

    private static List<String> workspaces(RefreshBench bench) {
        return Exposed.parse(bench.scrape()).stream()
                .filter(sample -> sample.name().equals("mlflow_runs"))
                .map(sample -> sample.labels().getOrDefault("workspace", "none"))
                .toList();
    }
}
