package io.mlflowexporter.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.mlflowexporter.config.Config;
import io.mlflowexporter.config.ConfigLoader;
import io.mlflowexporter.mlflow.Experiment;
import io.mlflowexporter.mlflow.ModelVersion;
import io.mlflowexporter.mlflow.RegisteredModel;
import io.mlflowexporter.mlflow.Run;
import io.mlflowexporter.mlflow.RunProjection;
import io.mlflowexporter.mlflow.RunQuery;
import io.mlflowexporter.mlflow.ViewType;
import io.mlflowexporter.mlflow.rest.RestMlflowSource;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.net.URI;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.mlflow.tracking.MlflowClient;
import org.slf4j.LoggerFactory;

/** What our reader sees of a server is, field by field, what MLflow's own Java client sees of it. */
@ParameterizedClass
@EnumSource(ConformanceTarget.class)
final class ReadingIT {
    /** Less than the loader's crowd of runs in one millisecond. */
    private static final int SMALL_PAGE = 4;

    @Parameter
    ConformanceTarget target;

    private URI uri;

    @BeforeEach
    void start() {
        // MLflow's client logs every answer in full.
        ((Logger) LoggerFactory.getLogger("org.mlflow")).setLevel(Level.INFO);
        uri = target.uri();
    }

    private RestMlflowSource source() throws Exception {
        Map<String, String> settings = new HashMap<>();
        settings.put("mlflow.tracking_uri", uri.toString());
        settings.put("mlflow.page_size", Integer.toString(SMALL_PAGE));
        settings.put("mlflow.max_requests_per_second", "10000");
        if (target.withWorkspaces()) {
            settings.put("mlflow.workspaces", "*");
        }
        Config config = ConfigLoader.load(Optional.empty(), Map.of(), settings).config();
        return RestMlflowSource.open(config.mlflow(), new PrometheusRegistry(), InstantSource.system());
    }

    /** What is compared, one workspace at a time. */
    private interface Comparison {
        void compare(RestMlflowSource ours, JavaClientReading theirs, String workspace) throws Exception;
    }

    private void inEachWorkspace(Comparison comparison) throws Exception {
        try (RestMlflowSource ours = source()) {
            assertThat(ours.workspaces()).isEqualTo(target.workspaces());
            for (String workspace : target.workspaces()) {
                try (WorkspaceProxy proxy = new WorkspaceProxy(uri, workspace)) {
                    URI address = workspace.isEmpty() ? uri : proxy.uri();
                    try (MlflowClient client = new MlflowClient(address.toString())) {
                        comparison.compare(ours, new JavaClientReading(client, workspace), workspace);
                    }
                }
            }
        }
    }

    private static List<Experiment> experiments(RestMlflowSource ours, String workspace) throws Exception {
        List<Experiment> read = new ArrayList<>();
        ours.experiments(workspace, ViewType.ALL, tag -> true, read::add);
        return read;
    }

    private static List<Run> runs(RestMlflowSource ours, String workspace) throws Exception {
        List<String> ids =
                experiments(ours, workspace).stream().map(Experiment::id).toList();
        List<Run> read = new ArrayList<>();
        ours.runs(RunQuery.all(workspace, ids), RunProjection.everything(), read::add);
        return read;
    }

    private static <T> void assertSame(List<T> ours, List<T> theirs, Function<T, String> id) {
        Map<String, T> expected = new TreeMap<>();
        theirs.forEach(item -> expected.put(id.apply(item), item));
        assertThat(theirs).as("the client's reading").hasSameSizeAs(expected.keySet());
        assertThat(ours).extracting(id).containsExactlyInAnyOrderElementsOf(expected.keySet());
        assertThat(ours).isNotEmpty();
        ours.forEach(item -> assertThat(item).isEqualTo(expected.get(id.apply(item))));
    }

    @Test
    void experimentsAreTheSame() throws Exception {
        inEachWorkspace((ours, theirs, workspace) ->
                assertSame(experiments(ours, workspace), theirs.experiments(), Experiment::id));
    }

    @Test
    void runsAreTheSame() throws Exception {
        inEachWorkspace((ours, theirs, workspace) -> {
            List<Run> read = runs(ours, workspace);
            assertSame(
                    read,
                    theirs.runs(experiments(ours, workspace).stream()
                            .map(Experiment::id)
                            .toList()),
                    Run::id);
            assertThat(read)
                    .extracting(run -> Math.max(0, run.startMillis()))
                    .as("start times, in the order of arrival")
                    .isSorted();
        });
    }

    @Test
    void autologgingNamesTheEstimatorAndNestsAGridSearch() throws Exception {
        if (target.python().isEmpty()) {
            return; // The demo's own history is not autologged.
        }
        try (RestMlflowSource ours = source()) {
            List<Run> read = runs(ours, target.workspaces().get(0));
            Run search = read.stream()
                    .filter(run -> run.tags().getOrDefault("estimator_name", "").equals("GridSearchCV"))
                    .findFirst()
                    .orElseThrow();
            assertThat(search.tags()).containsEntry("estimator_class", "sklearn.model_selection._search.GridSearchCV");
            assertThat(read.stream().filter(run -> search.id().equals(run.tags().get("mlflow.parentRunId"))))
                    .hasSize(3);
        }
    }

    @Test
    void registeredModelsAndTheirAliasesAreTheSame() throws Exception {
        inEachWorkspace((ours, theirs, workspace) -> {
            List<RegisteredModel> read = new ArrayList<>();
            ours.registeredModels(workspace, read::add);
            assertSame(read, theirs.models(), RegisteredModel::name);
            assertThat(read)
                    .allSatisfy(model -> assertThat(theirs.model(model.name())).isEqualTo(model));
        });
    }

    @Test
    void modelVersionsAreTheSame() throws Exception {
        inEachWorkspace((ours, theirs, workspace) -> {
            List<ModelVersion> read = new ArrayList<>();
            ours.modelVersions(workspace, read::add);
            assertSame(read, theirs.versions(), version -> version.model() + " " + version.version());
        });
    }

    @Test
    void metricHistoriesAreTheSame() throws Exception {
        inEachWorkspace((ours, theirs, workspace) -> {
            for (Run run : runs(ours, workspace).stream()
                    .filter(run -> run.metrics().size() > 1)
                    .limit(5)
                    .toList()) {
                for (String key : run.metrics().keySet()) {
                    List<Run.Metric> read = new ArrayList<>();
                    ours.metricHistory(workspace, run.id(), key, read::add);
                    assertThat(read)
                            .as("%s of %s", key, run.id())
                            .isNotEmpty()
                            .isEqualTo(theirs.history(run.id(), key));
                }
            }
        });
    }
}
