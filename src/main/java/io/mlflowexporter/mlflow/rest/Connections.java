package io.mlflowexporter.mlflow.rest;

import io.mlflowexporter.mlflow.MlflowException;
import io.mlflowexporter.mlflow.connection.MlflowConfig;
import io.mlflowexporter.mlflow.rest.auth.ServerRoute;
import io.mlflowexporter.mlflow.rest.auth.ServerRoutes;
import io.mlflowexporter.mlflow.rest.transport.AnswerMemory;
import io.mlflowexporter.mlflow.rest.transport.HttpTransport;
import io.mlflowexporter.mlflow.rest.transport.RequestMetrics;
import io.mlflowexporter.reload.Reloads;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.net.http.HttpClient;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;

/** Makes the connections to the tracking server and to the registry, which may be the same one. */
final class Connections {
    static {
        // The JDK's client sends a GET up to five times by itself if the server ends the connection without an answer.
        // A page that takes the server too long would be asked for as often.
        if (System.getProperty("jdk.httpclient.redirects.retrylimit") == null) {
            System.setProperty("jdk.httpclient.redirects.retrylimit", "1");
        }
    }

    private final MlflowConfig config;
    private final ServerRoutes ways;
    private final HttpClient client;
    private final AnswerMemory room;
    private final RequestMetrics metrics;
    private final InstantSource clock;
    private final HttpTransport.Pause pause;
    private final HttpTransport tracking;

    Connections(
            MlflowConfig config,
            Map<String, String> environment,
            AnswerMemory room,
            PrometheusRegistry live,
            InstantSource clock,
            HttpTransport.Pause pause,
            Reloads reloads)
            throws MlflowException {
        this.config = config;
        this.room = room;
        this.clock = clock;
        this.pause = pause;
        metrics = new RequestMetrics(live);
        ways = new ServerRoutes(config, environment, metrics::ended, clock, reloads);
        client = ways.client();
        tracking = transport(ways.tracking());
    }

    HttpTransport tracking() {
        return tracking;
    }

    /** The tracking server's where the registry is not separate. */
    HttpTransport registry() throws MlflowException {
        Optional<ServerRoute> own = ways.registry();
        return own.isPresent() ? transport(own.get()) : tracking;
    }

    private HttpTransport transport(ServerRoute way) {
        return new HttpTransport(client, way, ways.proxies(), config, room, metrics, clock, pause);
    }
}
