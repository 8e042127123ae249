package io.mlflowexporter.mlflow.rest;

import com.fasterxml.jackson.core.JsonParser;
import io.mlflowexporter.metric.Times;
import io.mlflowexporter.mlflow.Experiment;
import io.mlflowexporter.mlflow.LifecycleStage;
import io.mlflowexporter.mlflow.ModelVersion;
import io.mlflowexporter.mlflow.RegisteredModel;
import io.mlflowexporter.mlflow.RunStatus;
import io.mlflowexporter.mlflow.rest.pages.Json;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/** Read the small entities, field by field in whatever order they come. */
final class EntityParsers {
    /** No heap has room for a model with more, which is made of all of them before it is refused. */
    private static final long MOST_ALIASES = Runtime.getRuntime().maxMemory() / 1_000;

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

    /**
     * An experiment.
     *
     * @param wanted names of the tags that are kept
     */
    static Experiment experiment(String workspace, Predicate<String> wanted, JsonParser parser) throws IOException {
        String[] texts = {"", "", ""};
        long[] times = {Times.ABSENT, Times.ABSENT};
        List<Map<String, String>> tags = new ArrayList<>();
        Json.object(parser, (field, value) -> {
            switch (field) {
                case "experiment_id" -> texts[0] = Json.text(value);
                case "name" -> texts[1] = Json.text(value);
                case "lifecycle_stage" -> texts[2] = Json.text(value);
                case "creation_time" -> times[0] = Json.millis(value);
                case "last_update_time" -> times[1] = Json.millis(value);
                case "tags" -> tags.add(Json.pairs(value, wanted));
                default -> {
                    // Artifact addresses and what newer servers add.
                }
            }
        });
        return new Experiment(
                workspace,
                texts[0],
                texts[1],
                stage(texts[2]),
                times[0],
                times[1],
                tags.isEmpty() ? Map.of() : tags.get(tags.size() - 1));
    }

    /**
     * A model.
     *
     * @param shared gives one and the same object for equal texts: many models have the same aliases
     */
    static RegisteredModel model(String workspace, UnaryOperator<String> shared, JsonParser parser) throws IOException {
        String[] name = {""};
        long[] times = {Times.ABSENT, Times.ABSENT};
        Map<String, String> aliases = new HashMap<>();
        Json.object(parser, (field, value) -> {
            switch (field) {
                case "name" -> name[0] = Json.text(value);
                case "creation_timestamp" -> times[0] = Json.millis(value);
                case "last_updated_timestamp" -> times[1] = Json.millis(value);
                case "aliases" -> Json.array(value, element -> alias(element, shared, aliases));
                default -> {
                    // Tags, the newest versions, and what newer servers add.
                }
            }
        });
        return new RegisteredModel(workspace, name[0], times[0], times[1], aliases);
    }

    private static void alias(JsonParser parser, UnaryOperator<String> shared, Map<String, String> aliases)
            throws IOException {
        String[] pair = {"", ""};
        Json.object(parser, (field, value) -> {
            if (field.equals("alias")) {
                pair[0] = Json.text(value);
            } else if (field.equals("version")) {
                pair[1] = Json.text(value);
            }
        });
        if (!pair[0].isEmpty() && aliases.size() < MOST_ALIASES) {
            aliases.put(shared.apply(pair[0]), shared.apply(pair[1]));
        }
    }

    /**
     * A version.
     *
     * @param shared gives one and the same object for equal texts: many versions are of one model, stage and status
     */
    static ModelVersion version(String workspace, UnaryOperator<String> shared, JsonParser parser) throws IOException {
        String[] texts = {"", "", "", "", ""};
        long[] times = {Times.ABSENT, Times.ABSENT};
        Json.object(parser, (field, value) -> {
            switch (field) {
                case "name" -> texts[0] = Json.text(value);
                case "version" -> texts[1] = Json.text(value);
                case "run_id" -> texts[2] = Json.text(value);
                case "current_stage" -> texts[3] = Json.text(value);
                case "status" -> texts[4] = Json.text(value);
                case "creation_timestamp" -> times[0] = Json.millis(value);
                case "last_updated_timestamp" -> times[1] = Json.millis(value);
                default -> {
                    // Tags, sources, and what newer servers add.
                }
            }
        });
        return new ModelVersion(
                workspace,
                shared.apply(texts[0]),
                texts[1],
                texts[2],
                shared.apply(texts[3]),
                shared.apply(texts[4]),
                times[0],
                times[1]);
    }
}
