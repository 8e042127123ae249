package io.mlflowexporter.mlflow;

/**
 * Who answers.
 *
 * @param trackingUri the address asked, without credentials
 * @param registryUri the address asked for models, without credentials; equal to {@code trackingUri} where not separate
 * @param version MLflow's version as {@code /version} tells it, empty where the server does not tell
 * @param workspaces true where the server has workspaces switched on
 */
public record ServerInfo(String trackingUri, String registryUri, String version, boolean workspaces) {}
