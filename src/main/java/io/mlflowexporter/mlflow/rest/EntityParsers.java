package io.mlflowexporter.mlflow.rest;

import com.fasterxml.jackson.core.JsonParser;
import io.mlflowexporter.mlflow.Experiment;
import io.mlflowexporter.mlflow.LifecycleStage;
import io.mlflowexporter.mlflow.ModelVersion;
import io.mlflowexporter.mlflow.RegisteredModel;
import io.mlflowexporter.mlflow.RunStatus;
import io.mlflowexporter.mlflow.Times;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/** Read the small entities, field by field in whatever order they come. */
final class EntityParsers {
    private EntityParsers() {}

    static RunStatus status(String word) {
        for (RunStatus status : RunStatus.values()) {
            if (status.name().equals(word)) {
                return status;
            }
        }
        return RunStatus.UNKNOWN;
    }

    static LifecycleStage stage(String word) {
        return word.equals("deleted") ? LifecycleStage.DELETED : LifecycleStage.ACTIVE;
    }

    /** Scalars as text, by name; the rest goes to the other reader. */
    private static Map<String, String> scalars(JsonParser parser, Json.FieldReader structures) throws IOException {
        Map<String, String> scalars = new HashMap<>();
        Json.object(parser, (name, value) -> {
            if (value.currentToken().isScalarValue()) {
                scalars.put(name, Json.text(value));
            } else {
                structures.read(name, value);
            }
        });
        return scalars;
    }

    private static long millis(Map<String, String> scalars, String name) {
        try {
            return Long.parseLong(scalars.getOrDefault(name, ""));
        } catch (NumberFormatException e) {
            return Times.ABSENT;
        }
    }

    static Experiment experiment(String workspace, JsonParser parser) throws IOException {
        Map<String, String> tags = new HashMap<>();
        Map<String, String> s = scalars(parser, (name, value) -> {
            if (name.equals("tags")) {
                tags.putAll(Json.pairs(value, key -> true));
            }
        });
        return new Experiment(
                workspace,
                s.getOrDefault("experiment_id", ""),
                s.getOrDefault("name", ""),
                stage(s.getOrDefault("lifecycle_stage", "")),
                millis(s, "creation_time"),
                millis(s, "last_update_time"),
                tags);
    }

    static RegisteredModel model(String workspace, JsonParser parser) throws IOException {
        Map<String, String> tags = new HashMap<>();
        Map<String, String> aliases = new HashMap<>();
        Map<String, String> s = scalars(parser, (name, value) -> {
            if (name.equals("tags")) {
                tags.putAll(Json.pairs(value, key -> true));
            } else if (name.equals("aliases")) {
                Json.array(value, element -> {
                    Map<String, String> alias = scalars(element, (n, v) -> {});
                    aliases.put(alias.getOrDefault("alias", ""), alias.getOrDefault("version", ""));
                });
            }
        });
        return new RegisteredModel(
                workspace,
                s.getOrDefault("name", ""),
                millis(s, "creation_timestamp"),
                millis(s, "last_updated_timestamp"),
                aliases,
                tags);
    }

    static ModelVersion version(String workspace, JsonParser parser) throws IOException {
        Map<String, String> s = scalars(parser, (name, value) -> {});
        return new ModelVersion(
                workspace,
                s.getOrDefault("name", ""),
                s.getOrDefault("version", ""),
                s.getOrDefault("run_id", ""),
                s.getOrDefault("current_stage", ""),
                s.getOrDefault("status", ""),
                millis(s, "creation_timestamp"),
                millis(s, "last_updated_timestamp"));
    }
}
