package io.mlflowexporter.mlflow.rest;

import com.fasterxml.jackson.core.JsonParser;
import io.mlflowexporter.mlflow.objects.GatewayBudget;
import io.mlflowexporter.mlflow.rest.pages.Json;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/** Reads MLflow 3's other objects from JSON. */
final class ObjectParsers {
    private static final String STATUS = "LOGGED_MODEL_";

    private ObjectParsers() {}

    /**
     * An element of a list.
     *
     * @param key what tells it from the others; empty for one that is not counted
     * @param group what it is counted by
     */
    record Item(String key, List<String> group) {}

    /** A prompt or a version of one; what is none, as a server gives that does not heed the filter, is not counted. */
    static Item prompt(JsonParser parser) throws IOException {
        String[] texts = {"", ""};
        boolean[] isPrompt = {false};
        Json.object(parser, (field, value) -> {
            switch (field) {
                case "name" -> texts[0] = Json.text(value);
                case "version" -> texts[1] = Json.text(value);
                case "tags" ->
                    isPrompt[0] = "true"
                            .equals(Json.pairs(value, RestObjects.IS_PROMPT::equals)
                                    .get(RestObjects.IS_PROMPT));
                default -> {
                    // The prompt's text among others.
                }
            }
        });
        return new Item(isPrompt[0] ? texts[0] + '\n' + texts[1] : "", List.of(texts[0]));
    }

    static Item loggedModel(JsonParser parser) throws IOException {
        String[] texts = {"", "", ""};
        Json.object(parser, (part, info) -> {
            if (part.equals("info")) {
                Json.object(info, (field, value) -> {
                    switch (field) {
                        case "model_id" -> texts[0] = Json.text(value);
                        case "experiment_id" -> texts[1] = Json.text(value);
                        case "status" -> texts[2] = Json.text(value);
                        default -> {
                            // Times, tags and what newer servers add.
                        }
                    }
                });
            }
        });
        String status = switch (texts[2]) {
            case STATUS + "PENDING" -> "pending";
            case STATUS + "READY" -> "ready";
            case STATUS + "UPLOAD_FAILED" -> "upload_failed";
            default -> "unknown";
        };
        return new Item(texts[0], List.of(texts[1], status));
    }

    static GatewayBudget budget(JsonParser parser) throws IOException {
        String[] texts = {"", "", "", ""};
        OptionalDouble[] amount = {OptionalDouble.empty()};
        Json.object(parser, (field, value) -> {
            switch (field) {
                case "budget_policy_id" -> texts[0] = Json.text(value);
                case "target_scope" -> texts[1] = Json.text(value).toLowerCase(Locale.ROOT);
                case "target_value" -> texts[2] = Json.text(value);
                case "budget_unit" -> texts[3] = Json.text(value);
                case "budget_amount" -> amount[0] = Json.number(value);
                default -> {
                    // The window's length and what newer servers add.
                }
            }
        });
        return new GatewayBudget(texts[0], texts[1], texts[2], texts[3], amount[0].orElse(Double.NaN), Double.NaN);
    }
}
