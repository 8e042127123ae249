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
import io.mlflowexporter.mlflow.ObjectSource;
import io.mlflowexporter.mlflow.RegisteredModel;
import io.mlflowexporter.mlflow.Run;
import io.mlflowexporter.mlflow.RunProjection;
import io.mlflowexporter.mlflow.RunQuery;
import io.mlflowexporter.mlflow.ServerInfo;
import io.mlflowexporter.mlflow.TraceSource;
import io.mlflowexporter.mlflow.ViewType;
import io.mlflowexporter.mlflow.connection.MlflowConfig;
import io.mlflowexporter.mlflow.rest.hosts.Ability;
import io.mlflowexporter.mlflow.rest.hosts.Capabilities;
import io.mlflowexporter.mlflow.rest.hosts.Host;
import io.mlflowexporter.mlflow.rest.pages.Distinct;
import io.mlflowexporter.mlflow.rest.pages.Json;
import io.mlflowexporter.mlflow.rest.pages.ListPager;
import io.mlflowexporter.mlflow.rest.pages.SeenTexts;
import io.mlflowexporter.mlflow.rest.traces.RestTraces;
import io.mlflowexporter.mlflow.rest.transport.AnswerMemory;
import io.mlflowexporter.mlflow.rest.transport.Call;
import io.mlflowexporter.mlflow.rest.transport.HttpTransport;
import io.mlflowexporter.reload.Reloads;
import io.mlflowexporter.text.OneLine;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** Reads MLflow's REST API. For one thread at a time, which delivers all that is read; others only fetch pages ahead. */
public final class RestMlflowSource implements MlflowSource {
    private static final JsonMapper JSON = new JsonMapper();
    private static final int EXPERIMENTS_PER_PAGE = 1_000;
    private static final int LONGEST_VERSION = 64;
    /** A server that is upgraded without anybody noticing is asked anew what it can do. */
    private static final Duration BETWEEN_PROBES = Duration.ofHours(1);

    private final HttpTransport tracking;
    private final HttpTransport registry;
    private final RunPager runs;
    private final ListPager experiments;
    private final RestRegistry models;
    private final ListPager histories;
    private final Workspaces workspaces;
    private final RestTraces traces;
    private final RestObjects objects;
    private final Host host;
    private final InstantSource clock;
    private Instant probed = Instant.MIN;
    private boolean assumed;
    private String version = "";

    private RestMlflowSource(HttpTransport tracking, HttpTransport registry, MlflowConfig config, InstantSource clock) {
        this.tracking = tracking;
        this.registry = registry;
        this.clock = clock;
        this.host = Host.at(tracking.knownBy());
        this.runs = new RunPager(tracking, host, config.pageSize(), config.parallelRequests());
        this.experiments = ListPager.of(tracking, "experiments", EXPERIMENTS_PER_PAGE);
        this.models = new RestRegistry(registry, host);
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
        return open(config, live, clock, Reloads.uncounted());
    }

    /**
     * As {@link #open(MlflowConfig, PrometheusRegistry, InstantSource)}.
     *
     * @param reloads by which certificates are read again
     */
    public static RestMlflowSource open(
            MlflowConfig config, PrometheusRegistry live, InstantSource clock, Reloads reloads) throws MlflowException {
        long heap = Runtime.getRuntime().maxMemory();
        return open(config, System.getenv(), heap, live, clock, time -> Thread.sleep(time.toMillis()), reloads);
    }

    /** As {@link #open(MlflowConfig, PrometheusRegistry, InstantSource)}, in a heap that may grow to so many bytes. */
    static RestMlflowSource open(
            MlflowConfig config,
            Map<String, String> environment,
            long heap,
            PrometheusRegistry live,
            InstantSource clock,
            HttpTransport.Pause pause,
            Reloads reloads)
            throws MlflowException {
        AnswerMemory room = AnswerMemory.of(config.maxResponseSize().bytes(), heap, config.parallelRequests());
        Connections connections = new Connections(config, environment, room, live, clock, pause, reloads);
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
        Call call = new Call("version", "/version", Optional.empty(), "").mayBeRefused(Call.OPTIONAL);
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
        models.registeredModels(workspace, sink);
    }

    @Override
    public void modelVersions(String workspace, Listing<ModelVersion> sink) throws MlflowException {
        models.modelVersions(workspace, sink);
    }

    @Override
    public void metricHistory(String workspace, String runId, String metric, Consumer<Run.Metric> sink)
            throws MlflowException {
        histories.read(
                (most, token) -> new Call(
                        "metrics/get-history",
                        "/api/2.0/mlflow/metrics/get-history?run_id=" + Call.encoded(runId) + "&metric_key="
                                + Call.encoded(metric) + (most == 0 ? "" : "&max_results=" + most)
                                + (token.isEmpty() ? "" : "&page_token=" + Call.encoded(token)),
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
