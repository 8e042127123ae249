package io.mlflowexporter.audit.server;

import java.io.IOException;
import java.util.Optional;

/** A server of MLflow, asked by the exporter's own transport: its credentials, its limits, no redirects. */
@FunctionalInterface
public interface AuditedServer {
    /**
     * Asks.
     *
     * @param path after {@code /api/2.0/mlflow/}, with the query
     * @param body JSON to POST; empty: GET
     * @return the answer's text
     * @throws IOException if there is none, with a line for the user
     */
    String ask(String path, Optional<String> body) throws IOException;
}
