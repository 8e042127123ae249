package io.mlflowexporter.mlflow.rest;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mlflowexporter.metric.Times;
import io.mlflowexporter.mlflow.Experiment;
import io.mlflowexporter.mlflow.Listing;
import io.mlflowexporter.mlflow.MlflowException;
import io.mlflowexporter.mlflow.MlflowException.Kind;
import io.mlflowexporter.mlflow.MlflowSource;
import io.mlflowexporter.mlflow.ModelVersion;
import io.mlflowexporter.mlflow.RegisteredModel;
import io.mlflowexporter.mlflow.Run;
import io.mlflowexporter.mlflow.RunProjection;
import io.mlflowexporter.mlflow.RunQuery;
import io.mlflowexporter.mlflow.ServerInfo;
import io.mlflowexporter.mlflow.ViewType;
import io.mlflowexporter.mlflow.connection.MlflowConfig;
import io.mlflowexporter.mlflow.objects.ObjectSource;
import io.mlflowexporter.mlflow.rest.auth.ServerRoute;
import io.mlflowexporter.mlflow.rest.hosts.Ability;
import io.mlflowexporter.mlflow.rest.hosts.Capabilities;
import io.mlflowexporter.mlflow.rest.hosts.Host;
import io.mlflowexporter.mlflow.rest.traces.RestTraces;
import io.mlflowexporter.mlflow.rest.transport.AnswerMemory;
import io.mlflowexporter.mlflow.rest.transport.HttpTransport;
import io.mlflowexporter.mlflow.rest.transport.HttpTransport.Call;
import io.mlflowexporter.mlflow.traces.TraceSource;
import io.mlflowexporter.text.OneLine;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/** Reads MLflow's REST API. For one thread at a time, which delivers all that is read; others only fetch pages ahead. */
public final class RestMlflowSource implements MlflowSource {
    private static final JsonMapper JSON = new JsonMapper();
    private static final int EXPERIMENTS_PER_PAGE = 1_000;
    private static final int MODELS_PER_PAGE = 1_000;
    private static final int VERSIONS_PER_PAGE = 10_000;
    private static final int LONGEST_VERSION = 64;
    private static final Set<Integer> NO_REGISTRY = Set.of(400, 404);
    /** A server that is upgraded without anybody noticing is asked anew what it can do. */
    private static final Duration BETWEEN_PROBES = Duration.ofHours(1);

    private final HttpTransport tracking;
    private final HttpTransport registry;
    private final RunPager runs;
    private final ListPager experiments;
    private final ListPager models;
    private final ListPager versions;
    private final ListPager histories;
    private final Optional<UnityCatalog> catalog;
    private final Workspaces workspaces;
    private final RestTraces traces;
    private final RestObjects objects;
    private final Host host;
    private final InstantSource clock;
    private Instant probed = Instant.MIN;
    private boolean assumed;
    private String version = "";
    private boolean noModels;

    private RestMlflowSource(HttpTransport tracking, HttpTransport registry, MlflowConfig config, InstantSource clock) {
        this.catalog = registry.kind() == ServerRoute.Kind.UNITY_CATALOG
                ? Optional.of(new UnityCatalog(registry))
                : Optional.empty();
        this.tracking = tracking;
        this.registry = registry;
        this.clock = clock;
        this.host = Host.at(tracking.knownBy());
        this.runs = new RunPager(tracking, host, config.pageSize(), config.parallelRequests());
        this.experiments = ListPager.of(tracking, "experiments", EXPERIMENTS_PER_PAGE);
        this.models = ListPager.of(registry, "registered_models", MODELS_PER_PAGE);
        this.versions = ListPager.of(registry, "model_versions", VERSIONS_PER_PAGE);
        this.histories = ListPager.unlimited(tracking, "metrics");
        this.workspaces = new Workspaces(tracking, host, config.workspaces());
        this.traces = new RestTraces(tracking, host);
        this.objects = new RestObjects(tracking, registry, host);
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
        AnswerMemory room = AnswerMemory.of(config.maxResponseSize().bytes(), heap, config.parallelRequests());
        Connections connections = new Connections(config, environment, room, live, clock, pause);
        return new RestMlflowSource(connections.tracking(), connections.registry(), config, clock);
    }

    /** Asks the server at the start, once it is back after an outage, and then now and then. */
    @Override
    public ServerInfo server() throws MlflowException {
        boolean outage = tracking.isBack();
        Instant now = clock.instant();
        boolean due = now.isBefore(probed) || Duration.between(probed, now).compareTo(BETWEEN_PROBES) >= 0;
        if (probed.equals(Instant.MIN) || outage || due) {
            probed = Instant.MIN;
            if (!assumed) {
                host.doubt();
                runs.doubt();
                traces.doubt();
            }
            assumed = false;
            version = probedVersion();
            workspaces.probe();
            probed = now;
        } else {
            workspaces.probeAgain();
        }
        return new ServerInfo(tracking.address(), registry.address(), version, workspaces.on());
    }

    private String probedVersion() throws MlflowException {
        try {
            String told = version();
            host.accepted(List.of(Ability.VERSION), 0);
            return told;
        } catch (MlflowException e) {
            // Not needed for anything else, and some proxies let only the API through.
            if (e.kind() == Kind.INTERRUPTED || e.kind() == Kind.REFRESH_OVER || e.kind() == Kind.UNREACHABLE) {
                throw e;
            }
            host.refused(Ability.VERSION);
            return "";
        }
    }

    private String version() throws MlflowException {
        Call call = new Call("version", "/version", Optional.empty(), "").mayBeRefused(Workspaces.OPTIONAL);
        try (InputStream body = tracking.send(call)) {
            String text = OneLine.of(new String(body.readNBytes(LONGEST_VERSION), StandardCharsets.UTF_8));
            return text.matches("[0-9][0-9A-Za-z.+-]*") ? text : "";
        } catch (IOException e) {
            throw tracking.problem(Kind.BAD_ANSWER, call, "the answer cannot be read", "", e);
        }
    }

    @Override
    public Capabilities capabilities() {
        return host.capabilities();
    }

    @Override
    public void assume(Capabilities before) {
        // Nothing was kept of the address alone, which this version may know more of.
        if (!before.equals(Capabilities.UNKNOWN)) {
            host.assume(before);
            assumed = true;
        }
    }

    @Override
    public List<String> workspaces() throws MlflowException {
        return workspaces.selected();
    }

    @Override
    public void experiments(String workspace, ViewType view, Predicate<String> tags, Listing<Experiment> sink)
            throws MlflowException {
        SeenTexts seen = new SeenTexts();
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
                value -> EntityParsers.experiment(workspace, tags, value),
                new Distinct<>(sink, experiment -> !experiment.id().isEmpty() && seen.add(experiment.id())));
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
    public void registeredModels(String workspace, Listing<RegisteredModel> sink) throws MlflowException {
        if (catalog.isPresent()) {
            catalog.get().registeredModels(workspace, sink);
            return;
        }
        SeenTexts seen = new SeenTexts();
        UnaryOperator<String> shared = sharing();
        noModels = !hasRegistry(() -> models.read(
                (most, token) -> get("registered-models/search", most, token, workspace),
                value -> EntityParsers.model(workspace, shared, value),
                new Distinct<>(sink, model -> !model.name().isEmpty() && seen.add(model.name()))));
        if (noModels) {
            throw noRegistry("registered-models/search");
        }
    }

    @Override
    public void modelVersions(String workspace, Listing<ModelVersion> sink) throws MlflowException {
        if (catalog.isPresent()) {
            catalog.get().modelVersions(workspace, sink);
            return;
        }
        SeenTexts seen = new SeenTexts();
        UnaryOperator<String> shared = sharing();
        boolean there = hasRegistry(() -> versions.read(
                (most, token) -> get("model-versions/search", most, token, workspace),
                value -> EntityParsers.version(workspace, shared, value),
                new Distinct<>(
                        sink,
                        version ->
                                !version.model().isEmpty() && !version.version().isEmpty() && seen.add(key(version)))));
        if (!there) {
            // One that is missing alone, or was there before, is a fault of what stands between.
            if (noModels && !host.capabilities().does(Ability.REGISTRY)) {
                host.refused(Ability.REGISTRY);
            }
            throw noRegistry("model-versions/search");
        }
    }

    /** What tells a version from all others of a workspace. */
    static String key(ModelVersion version) {
        return version.model() + '\n' + version.version();
    }

    private interface Reading {
        void run() throws MlflowException;
    }

    /** Whether the server has a registry; it is asked each time, so that one that is added is found at once. */
    private boolean hasRegistry(Reading reading) throws MlflowException {
        try {
            reading.run();
            host.accepted(List.of(Ability.REGISTRY), 0);
            return true;
        } catch (MlflowException e) {
            if (saysThereIsNoRegistry(e)) {
                return false;
            }
            throw e;
        }
    }

    /** Other servers do not know the endpoints; MLflow's file store before 2.0 has a sentence. */
    private static boolean saysThereIsNoRegistry(MlflowException e) {
        String words = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
        return e.kind() == Kind.NOT_FOUND
                || (e.kind() == Kind.REJECTED && words.contains("registry functionality is unavailable"));
    }

    private MlflowException noRegistry(String endpoint) {
        Call call = new Call(endpoint, "", Optional.empty(), "");
        return registry.problem(
                Kind.UNSUPPORTED,
                call,
                "the server has no model registry; if that is so, set read.registry to off",
                "",
                null);
    }

    private static UnaryOperator<String> sharing() {
        Map<String, String> texts = new HashMap<>();
        return text -> texts.computeIfAbsent(text, t -> t);
    }

    /** Passes on those elements that are whole and were not there before. */
    record Distinct<T>(Listing<T> sink, Predicate<T> fresh) implements ListPager.Sink<T> {
        @Override
        public boolean take(T element) {
            boolean isFresh = fresh.test(element);
            // One page may hold more than there is room for.
            if (isFresh && !sink.full()) {
                sink.accept(element);
            }
            return isFresh;
        }

        @Override
        public boolean tooLarge(T element) {
            boolean isFresh = fresh.test(element);
            if (isFresh) {
                sink.tooLarge(element);
            }
            return isFresh;
        }

        @Override
        public boolean full() {
            return sink.full();
        }
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
                new Distinct<>(sink::accept, point -> true));
    }

    @Override
    public Optional<TraceSource> traces() {
        return Optional.of(traces);
    }

    @Override
    public Optional<ObjectSource> objects() {
        return Optional.of(objects);
    }

    static Run.Metric metric(JsonParser parser) throws IOException {
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

    private Call get(String endpoint, int pageSize, String token, String workspace) {
        String query = "?max_results=" + pageSize + (token.isEmpty() ? "" : "&page_token=" + encoded(token));
        Call call = new Call(endpoint, "/api/2.0/mlflow/" + endpoint + query, Optional.empty(), workspace);
        return host.didBefore(List.of(Ability.REGISTRY), 0) ? call : call.mayBeRefused(NO_REGISTRY);
    }

    static String encoded(String text) {
        // As RFC 3986 has it, which means the same to every server and is what a signed request needs.
        return URLEncoder.encode(text, StandardCharsets.UTF_8)
                .replace("+", "%20")
                .replace("*", "%2A")
                .replace("%7E", "~");
    }

    @Override
    public long answerNanos() {
        return registry == tracking ? tracking.answerNanos() : tracking.answerNanos() + registry.answerNanos();
    }

    @Override
    public void deadline(Duration fromNow) {
        tracking.deadline(fromNow);
        registry.deadline(fromNow);
    }

    @Override
    public Duration timeLeft() {
        return tracking.left();
    }

    @Override
    public void close() {
        runs.close();
        // The JDK's client of release 17 has nothing to close; its threads end when it is collected.
    }
}
