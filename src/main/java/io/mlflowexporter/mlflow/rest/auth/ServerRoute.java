package io.mlflowexporter.mlflow.rest.auth;

import java.net.URI;

/**
 * The way to one server.
 *
 * @param base what the API's paths are added to; without credentials and without a slash at the end
 * @param kind what the configured address says of the server
 */
public record ServerRoute(URI base, Kind kind, RequestAuth auth) {
    /** What an address can say of a server. */
    public enum Kind {
        /** Nothing. */
        ANY,
        DATABRICKS,
        /** A registry in Databricks' Unity Catalog. */
        UNITY_CATALOG,
        AZURE_ML,
        SAGEMAKER
    }
}
