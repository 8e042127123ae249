package io.mlflowexporter.mlflow;

import io.mlflowexporter.metric.Times;
import java.util.Map;

/**
 * An experiment as MLflow returned it.
 *
 * @param workspace the workspace it was read from; empty where the server has no workspaces
 * @param id a decimal string, unique on a server
 * @param name unique only inside one workspace; any text up to MLflow's own limit, hostile input
 * @param createdMillis Unix milliseconds, {@link Times#ABSENT} where the server did not say
 * @param lastUpdatedMillis Unix milliseconds, {@link Times#ABSENT} where the server did not say
 * @param tags those asked for
 */
public record Experiment(
        String workspace,
        String id,
        String name,
        LifecycleStage lifecycleStage,
        long createdMillis,
        long lastUpdatedMillis,
        Map<String, String> tags) {
    public Experiment {
        tags = Map.copyOf(tags);
    }
}
