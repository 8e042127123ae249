package io.mlflowexporter.mlflow.objects;

/**
 * Logged models of one experiment that have one status.
 *
 * @param status pending, ready, upload_failed or unknown
 */
public record LoggedModels(String experimentId, String status, int count) {}
