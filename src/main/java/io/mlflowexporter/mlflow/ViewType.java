package io.mlflowexporter.mlflow;

/** Which lifecycle stages a search returns; the names are the REST API's own. */
public enum ViewType {
    ACTIVE_ONLY,
    DELETED_ONLY,
    ALL
}
