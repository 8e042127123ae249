package io.mlflowexporter.mlflow;

import io.mlflowexporter.metric.Times;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;

/**
 * A registered model as MLflow returned it.
 *
 * @param workspace the workspace it was read from; empty where the server has no workspaces
 * @param name unique only inside one workspace; hostile input
 * @param createdMillis Unix milliseconds, {@link Times#ABSENT} where missing
 * @param lastUpdatedMillis Unix milliseconds, {@link Times#ABSENT} where missing
 * @param aliases alias to version
 */
public record RegisteredModel(
        String workspace, String name, long createdMillis, long lastUpdatedMillis, Map<String, String> aliases) {
    public RegisteredModel {
        // Unlike the maps of Map.copyOf, finds names in few steps whose hashes were chosen to be equal.
        aliases = aliases.isEmpty() ? Map.of() : Collections.unmodifiableMap(new HashMap<>(aliases));
    }
}
