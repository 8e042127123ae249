package io.mlflowexporter.mlflow.rest;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.mlflowexporter.demo.SimulatedMlflow;
import io.mlflowexporter.demo.api.Faults.NonFinite;
import io.mlflowexporter.demo.api.Faults.Quirks;
import io.mlflowexporter.demo.life.SimulationOptions;
import io.mlflowexporter.mlflow.Experiment;
import io.mlflowexporter.mlflow.ModelVersion;
import io.mlflowexporter.mlflow.RegisteredModel;
import io.mlflowexporter.mlflow.Run;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mlflow.api.proto.ModelRegistry.SearchRegisteredModels;
import org.mlflow.api.proto.Service.ViewType;
import org.mlflow.tracking.MlflowClient;
import org.mlflow.tracking.RunsPage;
import org.mlflow_project.google.protobuf.util.JsonFormat;
import org.slf4j.LoggerFactory;

/** Over one and the same server, our reading and mlflow-client's are equal field by field. */
final class SimulatedServerReadingTest {
    private SimulatedMlflow server;
    private MlflowClient theirs;
    private final Logger chatter = (Logger) LoggerFactory.getLogger("org");
    private final Level before = chatter.getLevel();

    @BeforeEach
    void start() throws Exception {
        // mlflow-client logs each answer in full.
        chatter.setLevel(Level.WARN);
        server = SimulatedMlflow.start(SimulationOptions.defaults().withClock(() -> Client.NOW));
        theirs = new MlflowClient(server.uri().toString());
    }

    @AfterEach
    void stop() {
        theirs.close();
        server.close();
        chatter.setLevel(before);
    }

    @Test
    void everythingOnTheServerIsReadAlike() throws Exception {
        Client ours = Client.of(server.uri(), "page_size", "37");
        List<Experiment> experiments = theirs.searchExperiments("", ViewType.ALL, 1_000, List.of()).getItems().stream()
                .map(ClientReading::experiment)
                .toList();
        List<RegisteredModel> models = new ArrayList<>();
        List<ModelVersion> versions = new ArrayList<>();
        ours.source.registeredModels("", models::add);
        ours.source.modelVersions("", versions::add);
        SearchRegisteredModels.Response.Builder theirModels = SearchRegisteredModels.Response.newBuilder();
        JsonFormat.parser()
                .ignoringUnknownFields()
                .merge(theirs.sendGet("registered-models/search?max_results=1000"), theirModels);

        assertThat(ours.experiments()).hasSizeGreaterThan(3).containsExactlyInAnyOrderElementsOf(experiments);
        assertThat(ours.runs(ids(experiments)))
                .hasSizeGreaterThan(100)
                .containsExactlyInAnyOrderElementsOf(theirRuns(experiments));
        assertThat(models)
                .isNotEmpty()
                .containsExactlyInAnyOrderElementsOf(theirModels.getRegisteredModelsList().stream()
                        .map(ClientReading::model)
                        .toList());
        assertThat(versions)
                .isNotEmpty()
                .containsExactlyInAnyOrderElementsOf(
                        theirs.searchModelVersions("", 10_000, List.of()).getItems().stream()
                                .map(ClientReading::version)
                                .toList());
    }

    @Test
    void runsComeInOrderOfTheirStart() throws Exception {
        Client ours = Client.of(server.uri(), "page_size", "37");

        assertThat(ours.runs(ids(ours.experiments()))).isSortedAccordingTo(Comparator.comparingLong(Run::startMillis));
    }

    @Test
    void unusualFormsAreReadAsTheUsualOnes() throws Exception {
        Client ours = Client.of(server.uri(), "page_size", "37");
        List<Experiment> experiments = ours.experiments();
        List<Run> usual = ours.runs(ids(experiments));

        server.faults()
                .quirks(Quirks.NONE
                        .withInt64AsText()
                        .withUnknownFields()
                        .withNonFinite(NonFinite.TEXT)
                        .withDuplicateExperiments());

        assertThat(ours.experiments()).isEqualTo(experiments);
        assertThat(ours.runs(ids(experiments))).hasSameSizeAs(usual).zipSatisfy(usual, (now, then) -> {
            assertThat(now.id()).isEqualTo(then.id());
            assertThat(now.startMillis()).isEqualTo(then.startMillis());
            assertThat(now.endMillis()).isEqualTo(then.endMillis());
            assertThat(now.heartbeatMillis()).isEqualTo(then.heartbeatMillis());
            assertThat(now.tags()).isEqualTo(then.tags());
            assertThat(now.metrics().keySet()).isEqualTo(then.metrics().keySet());
        });
    }

    private static String[] ids(List<Experiment> experiments) {
        return experiments.stream().map(Experiment::id).toArray(String[]::new);
    }

    private List<Run> theirRuns(List<Experiment> experiments) {
        List<Run> read = new ArrayList<>();
        Optional<String> token = Optional.of("");
        while (token.isPresent()) {
            RunsPage page = token.get().isEmpty()
                    ? theirs.searchRuns(List.of(ids(experiments)), "", ViewType.ALL, 500, List.of())
                    : theirs.searchRuns(List.of(ids(experiments)), "", ViewType.ALL, 500, List.of(), token.get());
            page.getItems().forEach(run -> read.add(ClientReading.run(run)));
            token = page.getNextPageToken().filter(next -> !next.isEmpty());
        }
        return read;
    }
}
