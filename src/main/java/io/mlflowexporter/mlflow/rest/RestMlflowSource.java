package io.mlflowexporter.mlflow.rest;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mlflowexporter.config.MlflowConfig;
import io.mlflowexporter.mlflow.Experiment;
import io.mlflowexporter.mlflow.MlflowException;
import io.mlflowexporter.mlflow.MlflowException.Kind;
import io.mlflowexporter.mlflow.MlflowSource;
import io.mlflowexporter.mlflow.ModelVersion;
import io.mlflowexporter.mlflow.OneLine;
import io.mlflowexporter.mlflow.RegisteredModel;
import io.mlflowexporter.mlflow.Run;
import io.mlflowexporter.mlflow.RunProjection;
import io.mlflowexporter.mlflow.RunQuery;
import io.mlflowexporter.mlflow.ServerInfo;
import io.mlflowexporter.mlflow.Times;
import io.mlflowexporter.mlflow.ViewType;
import io.mlflowexporter.mlflow.rest.HttpTransport.Call;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** Reads MLflow's REST API. For one thread at a time. */
public final class RestMlflowSource implements MlflowSource {
    private static final JsonMapper JSON = new JsonMapper();
    private static final int EXPERIMENTS_PER_PAGE = 1_000;
    private static final int MODELS_PER_PAGE = 1_000;
    private static final int VERSIONS_PER_PAGE = 10_000;
    private static final int LONGEST_VERSION = 64;

    private final HttpTransport tracking;
    private final HttpTransport registry;
    private final RunPager runs;
    private final ListPager experiments;
    private final ListPager models;
    private final ListPager versions;
    private final ListPager histories;
    private final Workspaces workspaces;

    private RestMlflowSource(HttpTransport tracking, HttpTransport registry, MlflowConfig config) {
        this.tracking = tracking;
        this.registry = registry;
        this.runs = new RunPager(tracking, config.pageSize());
        this.experiments = ListPager.of(tracking, "experiments", EXPERIMENTS_PER_PAGE);
        this.models = ListPager.of(registry, "registered_models", MODELS_PER_PAGE);
        this.versions = ListPager.of(registry, "model_versions", VERSIONS_PER_PAGE);
        this.histories = ListPager.unlimited(tracking, "metrics");
        this.workspaces = new Workspaces(tracking, config.workspaces());
    }

    /**
     * Prepares to read; sends nothing yet.
     *
     * @param live where the metrics of the requests are registered
     * @throws MlflowException if certificates, keys or credentials of a cloud cannot be read
     */
    public static RestMlflowSource open(MlflowConfig config, PrometheusRegistry live, InstantSource clock)
            throws MlflowException {
        long heap = Runtime.getRuntime().maxMemory();
        return open(config, System.getenv(), heap, live, clock, time -> Thread.sleep(time.toMillis()));
    }

    /** As {@link #open(MlflowConfig, PrometheusRegistry, InstantSource)}, in a heap that may grow to so many bytes. */
    static RestMlflowSource open(
            MlflowConfig config,
            Map<String, String> environment,
            long heap,
            PrometheusRegistry live,
            InstantSource clock,
            HttpTransport.Pause pause)
            throws MlflowException {
        AnswerRoom room = AnswerRoom.of(config.maxResponseSize().bytes(), heap);
        Connections connections = new Connections(config, environment, room, live, clock, pause);
        return new RestMlflowSource(connections.tracking(), connections.registry(), config);
    }

    @Override
    public ServerInfo server() throws MlflowException {
        String version = "";
        try {
            version = version();
        } catch (MlflowException e) {
            // Not needed for anything else, and some proxies let only the API through.
            if (!Workspaces.notThere(e) && e.kind() != Kind.UNAUTHORIZED) {
                throw e;
            }
        }
        return new ServerInfo(tracking.address(), registry.address(), version, workspaces.on());
    }

    private String version() throws MlflowException {
        Call call = new Call("version", "/version", Optional.empty(), "");
        try (InputStream body = tracking.send(call)) {
            String text = OneLine.of(new String(body.readNBytes(LONGEST_VERSION), StandardCharsets.UTF_8));
            return text.matches("[0-9][0-9A-Za-z.+-]*") ? text : "";
        } catch (IOException e) {
            throw tracking.problem(Kind.BAD_ANSWER, call, "the answer cannot be read", "", e);
        }
    }

    @Override
    public List<String> workspaces() throws MlflowException {
        return workspaces.selected();
    }

    @Override
    public void experiments(String workspace, ViewType view, Consumer<Experiment> sink) throws MlflowException {
        Set<String> seen = new HashSet<>();
        experiments.read(
                (most, token) -> {
                    ObjectNode body = JSON.createObjectNode();
                    body.put("max_results", most);
                    body.put("view_type", view.name());
                    if (!token.isEmpty()) {
                        body.put("page_token", token);
                    }
                    return new Call(
                            "experiments/search",
                            "/api/2.0/mlflow/experiments/search",
                            Optional.of(body.toString()),
                            workspace);
                },
                value -> EntityParsers.experiment(workspace, value),
                experiment -> {
                    if (!experiment.id().isEmpty() && seen.add(experiment.id())) {
                        sink.accept(experiment);
                    }
                });
    }

    @Override
    public void runs(RunQuery query, RunProjection projection, Consumer<Run> sink) throws MlflowException {
        runs.read(query, projection, Long.MAX_VALUE, sink);
    }

    @Override
    public long someRuns(RunQuery query, RunProjection projection, int atLeast, Consumer<Run> sink)
            throws MlflowException {
        return runs.read(query, projection, atLeast, sink);
    }

    @Override
    public void registeredModels(String workspace, Consumer<RegisteredModel> sink) throws MlflowException {
        Set<String> seen = new HashSet<>();
        models.read(
                (most, token) -> get("registered-models/search", most, token, workspace),
                value -> EntityParsers.model(workspace, value),
                model -> {
                    if (!model.name().isEmpty() && seen.add(model.name())) {
                        sink.accept(model);
                    }
                });
    }

    @Override
    public void modelVersions(String workspace, Consumer<ModelVersion> sink) throws MlflowException {
        Set<ModelVersion.Id> seen = new HashSet<>();
        versions.read(
                (most, token) -> get("model-versions/search", most, token, workspace),
                value -> EntityParsers.version(workspace, value),
                version -> {
                    boolean whole =
                            !version.model().isEmpty() && !version.version().isEmpty();
                    if (whole && seen.add(version.id())) {
                        sink.accept(version);
                    }
                });
    }

    @Override
    public void metricHistory(String workspace, String runId, String metric, Consumer<Run.Metric> sink)
            throws MlflowException {
        histories.read(
                (most, token) -> new Call(
                        "metrics/get-history",
                        "/api/2.0/mlflow/metrics/get-history?run_id=" + encoded(runId) + "&metric_key="
                                + encoded(metric) + (most == 0 ? "" : "&max_results=" + most)
                                + (token.isEmpty() ? "" : "&page_token=" + encoded(token)),
                        Optional.empty(),
                        workspace),
                RestMlflowSource::metric,
                sink);
    }

    private static Run.Metric metric(JsonParser parser) throws IOException {
        double[] value = {Double.NaN};
        long[] times = {Times.ABSENT, 0};
        Json.object(parser, (name, field) -> {
            switch (name) {
                case "value" -> value[0] = Json.number(field).orElse(Double.NaN);
                case "timestamp" -> times[0] = Json.millis(field);
                case "step" -> times[1] = Json.step(field);
                default -> {
                    // The key is the one asked for.
                }
            }
        });
        return new Run.Metric(value[0], times[0], times[1]);
    }

    private static Call get(String endpoint, int pageSize, String token, String workspace) {
        String query = "?max_results=" + pageSize + (token.isEmpty() ? "" : "&page_token=" + encoded(token));
        return new Call(endpoint, "/api/2.0/mlflow/" + endpoint + query, Optional.empty(), workspace);
    }

    private static String encoded(String text) {
        // A blank as %20 means the same to every server, and is what a signed request needs.
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    @Override
    public void deadline(Duration fromNow) {
        tracking.deadline(fromNow);
        registry.deadline(fromNow);
    }

    @Override
    public void close() {
        // The JDK's client of release 17 has nothing to close; its threads end when it is collected.
    }
}
