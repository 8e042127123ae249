package io.mlflowexporter.web.pages;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import io.javalin.Javalin;
import io.javalin.http.Context;
import io.javalin.util.JavalinLogger;
import io.mlflowexporter.estimate.Estimates;
import io.mlflowexporter.estimate.NotNowException;
import io.mlflowexporter.refresh.ExporterStatus;
import io.mlflowexporter.refresh.ObservedRuns;
import io.mlflowexporter.reload.ReloadAnswer;
import io.mlflowexporter.settings.value.ListenAddress;
import io.mlflowexporter.web.access.AccessGate;
import io.mlflowexporter.web.access.AccessMetrics;
import io.mlflowexporter.web.listener.ConnectionTable;
import io.mlflowexporter.web.listener.Listener;
import io.mlflowexporter.web.listener.Refusals;
import io.mlflowexporter.web.listener.RequestGuard;
import io.mlflowexporter.web.metrics.ScrapeCounts;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** The listener for people and orchestrators: status page, health checks, JSON. */
public final class WebServer implements AutoCloseable {
    /** For orchestrators' probes, which have no password. */
    private static final Set<String> OPEN = Set.of("/healthz", "/readyz");

    private final Javalin server;

    /** What {@code /api/v1/status} says. */
    record StatusDocument(boolean ready, String reason, ExporterStatus status, List<ConfigLine> config) {}

    /** Says what only the exporter saw of runs. */
    @FunctionalInterface
    public interface Observed {
        /**
         * All of it, as of now.
         *
         * @throws NotNowException if it cannot be told now
         */
        ObservedRuns runs() throws NotNowException;
    }

    /**
     * As the other, open to everyone.
     *
     * @throws IOException if the address cannot be bound, with a message for the user
     */
    public WebServer(
            ListenAddress listen,
            Supplier<ExporterStatus> status,
            Supplier<ScrapeCounts> scrapes,
            List<ConfigLine> config,
            Optional<Supplier<ReloadAnswer>> reload,
            Estimates estimates,
            Observed observed,
            InstantSource clock)
            throws IOException {
        this(
                listen,
                status,
                scrapes,
                config,
                reload,
                estimates,
                observed,
                clock,
                AccessGate.open("web", new AccessMetrics(new PrometheusRegistry())));
    }

    /**
     * Binds and starts to serve.
     *
     * @param scrapes what has been scraped so far
     * @param config masked
     * @param reload what {@code POST /-/reload} does; empty: it is refused
     * @param estimates answers {@code /estimate}
     * @param observed answers {@code /api/v1/observed-runs}
     * @param gate who is let in, and how
     * @throws IOException if the address cannot be bound, with a message for the user
     */
    public WebServer(
            ListenAddress listen,
            Supplier<ExporterStatus> status,
            Supplier<ScrapeCounts> scrapes,
            List<ConfigLine> config,
            Optional<Supplier<ReloadAnswer>> reload,
            Estimates estimates,
            Observed observed,
            InstantSource clock,
            AccessGate gate)
            throws IOException {
        JsonMapper json = JsonMapper.builder()
                .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
                .addModules(new JavaTimeModule(), new Jdk8Module())
                .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
                .build();
        String style = style();
        ReloadRoute reloading = new ReloadRoute(reload, gate.hosts());
        EstimateRoute estimating = new EstimateRoute(estimates, status);
        ConnectionTable connections =
                new ConnectionTable(ConnectionTable.MOST, ConnectionTable.MOST_OF_ADDRESS, System::nanoTime);
        server = Javalin.create(javalin -> {
            javalin.startup.showJavalinBanner = false;
            javalin.http.prefer405over404 = true;
            javalin.jetty.threadPool = Listener.threads("web-http");
            javalin.jetty.modifyHttpConfiguration(Listener::limit);
            javalin.jetty.addConnector((jetty, http) -> Listener.connector(jetty, http, listen, gate, connections));
            javalin.jetty.modifyServer(jetty -> {
                jetty.setHandler(new RequestGuard(gate, OPEN, connections, true, RequestGuard.LONGEST));
                jetty.setErrorHandler(new Refusals(gate));
            });
            javalin.routes.get(
                    "/",
                    context -> context.contentType("text/html; charset=utf-8")
                            .result(StatusPage.of(
                                    status.get(),
                                    scrapes.get(),
                                    config,
                                    clock.instant(),
                                    !"off".equals(context.queryParam("reload")))));
            javalin.routes.get(
                    "/style.css",
                    context -> context.contentType("text/css; charset=utf-8").result(style));
            javalin.routes.get("/healthz", context -> plain(context, 200, "ok"));
            javalin.routes.get("/readyz", context -> {
                Readiness readiness = Readiness.of(status.get(), clock.instant());
                // The reason may hold addresses, and this is for everyone.
                String brief = readiness.ready() ? "ready" : "not ready; the status page tells why";
                boolean hidden = gate.asksWho() || gate.localOnly();
                plain(context, readiness.ready() ? 200 : 503, hidden ? brief : readiness.reason());
            });
            javalin.routes.get(EstimateRoute.PAGE, estimating::page);
            javalin.routes.get(EstimateRoute.API, estimating::api);
            javalin.routes.get(ObservedRunsRoute.PATH, new ObservedRunsRoute(observed, json)::get);
            javalin.routes.post(ReloadRoute.PATH, reloading::post);
            javalin.routes.get(ReloadRoute.PATH, ReloadRoute::other);
            javalin.routes.put(ReloadRoute.PATH, ReloadRoute::other);
            javalin.routes.delete(ReloadRoute.PATH, ReloadRoute::other);
            javalin.routes.get("/api/v1/status", context -> {
                ExporterStatus now = status.get();
                Readiness readiness = Readiness.of(now, clock.instant());
                context.contentType("application/json")
                        .result(json.writeValueAsString(
                                new StatusDocument(readiness.ready(), readiness.reason(), now, config)));
            });
        });
        try {
            startQuietly(server, listen);
        } catch (RuntimeException e) {
            throw Listener.cannotServe("the status page", listen, "web_listen", e);
        }
    }

    /** Javalin logs a failure to start by itself; the exception says it, and better. */
    private static void startQuietly(Javalin server, ListenAddress listen) {
        JavalinLogger.enabled = false;
        try {
            server.start(listen.host().isEmpty() ? "0.0.0.0" : listen.host(), listen.port());
        } finally {
            JavalinLogger.enabled = true;
        }
    }

    static void plain(Context context, int code, String text) {
        context.status(code).contentType("text/plain; charset=utf-8").result(text + "\n");
    }

    private static String style() throws IOException {
        try (InputStream in = WebServer.class.getResourceAsStream("style.css")) {
            if (in == null) {
                throw new IOException("the program's own style.css is missing");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** The port bound. */
    public int port() {
        return server.port();
    }

    @Override
    public void close() {
        server.stop();
    }
}
