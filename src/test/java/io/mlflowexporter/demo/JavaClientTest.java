package io.mlflowexporter.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mlflow.api.proto.ModelRegistry.ModelVersion;
import org.mlflow.api.proto.Service.CreateRun;
import org.mlflow.api.proto.Service.Metric;
import org.mlflow.api.proto.Service.Param;
import org.mlflow.api.proto.Service.Run;
import org.mlflow.api.proto.Service.RunInfo;
import org.mlflow.api.proto.Service.RunStatus;
import org.mlflow.api.proto.Service.RunTag;
import org.mlflow.api.proto.Service.ViewType;
import org.mlflow.tracking.MlflowClient;
import org.mlflow.tracking.MlflowHttpException;
import org.mlflow.tracking.RunsPage;

/** MLflow's own Java client loads and reads the simulated server. */
class JavaClientTest {
    private SimulatedMlflow server;
    private MlflowClient client;

    @BeforeEach
    void start() throws IOException {
        server = SimulatedMlflow.empty();
        client = new MlflowClient(server.uri().toString());
    }

    @AfterEach
    void stop() {
        client.close();
        server.close();
    }

    @Test
    void aRunIsCreatedLoggedToEndedAndReadBack() {
        String experiment = client.createExperiment("bikes");
        RunInfo created = client.createRun(CreateRun.newBuilder()
                .setExperimentId(experiment)
                .setRunName("Training")
                .setUserId("ana")
                .setStartTime(1_700_000_000_000L)
                .build());
        String id = created.getRunId();
        client.logParam(id, "depth", "3");
        client.logMetric(id, "rmse", 60.5, 1_700_000_001_000L, 1);
        client.logMetric(id, "rmse", 58.25, 1_700_000_002_000L, 2);
        client.logMetric(id, "bad", Double.NaN, 1_700_000_002_000L, 0);
        client.setTag(id, "estimator_class", "sklearn.pipeline.Pipeline");
        client.logBatch(
                id,
                List.of(Metric.newBuilder()
                        .setKey("r2")
                        .setValue(0.5)
                        .setTimestamp(1)
                        .setStep(0)
                        .build()),
                List.of(Param.newBuilder().setKey("rate").setValue("0.1").build()),
                List.of(RunTag.newBuilder().setKey("team").setValue("a b").build()));
        client.setTerminated(id, RunStatus.FINISHED, 1_700_000_060_000L);

        Run run = client.getRun(id);
        assertThat(run.getInfo().getRunName()).isEqualTo("Training");
        assertThat(run.getInfo().getUserId()).isEqualTo("ana");
        assertThat(run.getInfo().getStatus()).isEqualTo(RunStatus.FINISHED);
        assertThat(run.getInfo().getStartTime()).isEqualTo(1_700_000_000_000L);
        assertThat(run.getInfo().getEndTime()).isEqualTo(1_700_000_060_000L);
        assertThat(run.getData().getMetricsList())
                .extracting(m -> m.getKey() + "=" + m.getValue() + "@" + m.getStep())
                .containsExactly("rmse=58.25@2", "bad=NaN@0", "r2=0.5@0");
        assertThat(run.getData().getParamsList())
                .extracting(p -> p.getKey() + "=" + p.getValue())
                .containsExactly("depth=3", "rate=0.1");
        assertThat(run.getData().getTagsList())
                .extracting(t -> t.getKey() + "=" + t.getValue())
                .containsExactly("mlflow.runName=Training", "estimator_class=sklearn.pipeline.Pipeline", "team=a b");
        assertThat(client.getMetricHistory(id, "rmse"))
                .extracting(Metric::getValue)
                .containsExactly(60.5, 58.25);
    }

    @Test
    void pagesOfRunsFollowOneAnother() {
        String experiment = client.createExperiment("bikes");
        for (int i = 0; i < 5; i++) {
            client.createRun(CreateRun.newBuilder()
                    .setExperimentId(experiment)
                    .setRunName("run " + i)
                    .setStartTime(1_000 + i)
                    .build());
        }
        List<String> oldestFirst = List.of("attributes.start_time ASC");
        RunsPage first = client.searchRuns(List.of(experiment), "", ViewType.ALL, 2, oldestFirst);
        RunsPage second = client.searchRuns(
                List.of(experiment),
                "",
                ViewType.ALL,
                2,
                oldestFirst,
                first.getNextPageToken().orElseThrow());
        assertThat(first.getItems()).extracting(r -> r.getInfo().getRunName()).containsExactly("run 0", "run 1");
        assertThat(second.getItems()).extracting(r -> r.getInfo().getRunName()).containsExactly("run 2", "run 3");
        assertThat(names(experiment, ViewType.ALL)).startsWith("run 4", "run 3");
    }

    @Test
    void deletedAndRestoredAsOnTheRealServer() {
        String experiment = client.createExperiment("bikes");
        String run = client.createRun(experiment).getRunId();
        client.deleteRun(run);
        assertThat(names(experiment, ViewType.ACTIVE_ONLY)).isEmpty();
        assertThat(names(experiment, ViewType.DELETED_ONLY)).hasSize(1);
        assertThatThrownBy(() -> client.setTag(run, "a", "b"))
                .isInstanceOf(MlflowHttpException.class)
                .hasMessageContaining("must be in the 'active' state");
        client.restoreRun(run);
        client.deleteExperiment(experiment);
        assertThat(client.getRun(run).getInfo().getLifecycleStage()).isEqualTo("deleted");
        client.restoreExperiment(experiment);
        assertThat(client.getRun(run).getInfo().getLifecycleStage()).isEqualTo("active");

        client.deleteRun(run);
        server.purgeDeleted();
        assertThatThrownBy(() -> client.getRun(run)).hasMessageContaining("RESOURCE_DOES_NOT_EXIST");
    }

    @Test
    void theRegistryIsRead() {
        client.sendPost("registered-models/create", "{\"name\": \"demand\"}");
        client.sendPost(
                "model-versions/create", "{\"name\": \"demand\", \"source\": \"s3://a/b\", \"run_id\": \"r1\"}");
        client.sendPost("model-versions/create", "{\"name\": \"demand\", \"source\": \"s3://a/c\"}");
        client.sendPost(
                "registered-models/alias", "{\"name\": \"demand\", \"alias\": \"champion\", \"version\": \"1\"}");
        assertThat(client.getRegisteredModel("demand").getAliasesList())
                .extracting(a -> a.getAlias() + "=" + a.getVersion())
                .containsExactly("champion=1");
        assertThat(client.searchModelVersions("name='demand'").getItems())
                .extracting(ModelVersion::getVersion)
                .containsExactlyInAnyOrder("1", "2");
        assertThat(client.searchModelVersions("run_id='r1'").getItems())
                .extracting(ModelVersion::getVersion)
                .containsExactly("1");
        assertThat(client.getLatestVersions("demand"))
                .extracting(ModelVersion::getVersion)
                .containsExactly("2");
    }

    private List<String> names(String experiment, ViewType view) {
        return client.searchRuns(List.of(experiment), "", view, 100).getItems().stream()
                .map(run -> run.getInfo().getRunName())
                .toList();
    }
}
