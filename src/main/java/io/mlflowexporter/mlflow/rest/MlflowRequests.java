package io.mlflowexporter.mlflow.rest;

import io.mlflowexporter.mlflow.MlflowException;
import io.mlflowexporter.mlflow.connection.MlflowConfig;
import io.mlflowexporter.mlflow.rest.transport.AnswerMemory;
import io.mlflowexporter.mlflow.rest.transport.Call;
import io.mlflowexporter.mlflow.rest.transport.HttpTransport;
import io.mlflowexporter.reload.Reloads;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Optional;

/**
 * Asks MLflow what someone else parses: with each server's own credentials, within the limits of every other reading, and
 * following no redirect.
 */
public final class MlflowRequests {
    private final HttpTransport tracking;
    private final HttpTransport registry;

    private MlflowRequests(HttpTransport tracking, HttpTransport registry) {
        this.tracking = tracking;
        this.registry = registry;
    }

    /**
     * Prepares to ask; sends nothing yet.
     *
     * @throws MlflowException if certificates, keys or a profile cannot be read, with a line for the user
     */
    public static MlflowRequests open(MlflowConfig config, InstantSource clock) throws MlflowException {
        AnswerMemory room = AnswerMemory.of(
                config.maxResponseSize().bytes(), Runtime.getRuntime().maxMemory(), 1);
        Connections connections = new Connections(
                config,
                System.getenv(),
                room,
                new PrometheusRegistry(),
                clock,
                time -> Thread.sleep(time.toMillis()),
                Reloads.uncounted());
        return new MlflowRequests(connections.tracking(), connections.registry());
    }

    /**
     * Asks the tracking server.
     *
     * @param path after {@code /api/2.0/mlflow/}, with the query
     * @param body JSON to POST; empty: GET
     * @throws IOException if there is no answer, with a line for the user
     */
    public String tracking(String path, Optional<String> body) throws IOException {
        return ask(tracking, path, body);
    }

    /** As {@link #tracking}, the registry, which may be the same server. */
    public String registry(String path, Optional<String> body) throws IOException {
        return ask(registry, path, body);
    }

    private static String ask(HttpTransport server, String path, Optional<String> body) throws IOException {
        Call call = new Call(path.replaceFirst("\\?.*", ""), "/api/2.0/mlflow/" + path, body, "");
        try (InputStream answer = server.send(call)) {
            return new String(answer.readAllBytes(), StandardCharsets.UTF_8);
        } catch (MlflowException e) {
            throw new IOException(e.getMessage(), e);
        }
    }
}
