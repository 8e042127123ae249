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
import java.util.Set;

/** Read the small entities, field by field in whatever order they come. */
final class EntityParsers {
    private static final Set<String> TIMES =
            Set.of("creation_time", "last_update_time", "creation_timestamp", "last_updated_timestamp");

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

    /** Scalars by name: texts in one map, times in the other; structures go to the reader. */
    private record Fields(Map<String, String> texts, Map<String, Long> times) {
        static Fields read(JsonParser parser, Json.FieldReader structures) throws IOException {
            Fields fields = new Fields(new HashMap<>(), new HashMap<>());
            Json.object(parser, (name, value) -> {
                if (TIMES.contains(name)) {
                    fields.times.put(name, Json.millis(value));
                } else if (value.currentToken().isScalarValue()) {
                    fields.texts.put(name, Json.text(value));
                } else {
                    structures.read(name, value);
                }
            });
            return fields;
        }

        String text(String name) {
            return texts.getOrDefault(name, "");
        }

        long millis(String name) {
            return times.getOrDefault(name, Times.ABSENT);
        }
    }

    static Experiment experiment(String workspace, JsonParser parser) throws IOException {
        Map<String, String> tags = new HashMap<>();
        Fields s = Fields.read(parser, (name, value) -> {
            if (name.equals("tags")) {
                tags.putAll(Json.pairs(value, key -> true));
            }
        });
        return new Experiment(
                workspace,
                s.text("experiment_id"),
                s.text("name"),
                stage(s.text("lifecycle_stage")),
                s.millis("creation_time"),
                s.millis("last_update_time"),
                tags);
    }

    static RegisteredModel model(String workspace, JsonParser parser) throws IOException {
        Map<String, String> tags = new HashMap<>();
        Map<String, String> aliases = new HashMap<>();
        Fields s = Fields.read(parser, (name, value) -> {
            if (name.equals("tags")) {
                tags.putAll(Json.pairs(value, key -> true));
            } else if (name.equals("aliases")) {
                Json.array(value, element -> {
                    Fields alias = Fields.read(element, (n, v) -> {});
                    if (!alias.text("alias").isEmpty()) {
                        aliases.put(alias.text("alias"), alias.text("version"));
                    }
                });
            }
        });
        return new RegisteredModel(
                workspace,
                s.text("name"),
                s.millis("creation_timestamp"),
                s.millis("last_updated_timestamp"),
                aliases,
                tags);
    }

    static ModelVersion version(String workspace, JsonParser parser) throws IOException {
        Fields s = Fields.read(parser, (name, value) -> {});
        return new ModelVersion(
                workspace,
                s.text("name"),
                s.text("version"),
                s.text("run_id"),
                s.text("current_stage"),
                s.text("status"),
                s.millis("creation_timestamp"),
                s.millis("last_updated_timestamp"));
    }
}
