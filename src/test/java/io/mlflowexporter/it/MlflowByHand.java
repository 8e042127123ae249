package io.mlflowexporter.it;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** MLflow's REST API read the plain way, to compare with: nothing here is the exporter's. */
final class MlflowByHand {
    static final Set<String> ENDED = Set.of("FINISHED", "FAILED", "KILLED");

    private static final String API = "/api/2.0/mlflow/";

    private final URI server;

    MlflowByHand(URI server) {
        this.server = server;
    }

    /** Experiments, deleted ones included. */
    List<JsonNode> experiments() throws IOException {
        ObjectNode request = HttpGet.JSON.createObjectNode();
        request.put("view_type", "ALL").put("max_results", 1000);
        return pages("experiments/search", "experiments", request);
    }

    /** Runs of all experiments, deleted ones included. */
    List<JsonNode> runs() throws IOException {
        ObjectNode request = HttpGet.JSON.createObjectNode();
        request.put("run_view_type", "ALL").put("max_results", 500);
        for (JsonNode experiment : experiments()) {
            request.withArray("experiment_ids")
                    .add(experiment.path("experiment_id").asText());
        }
        return pages("runs/search", "runs", request);
    }

    List<JsonNode> models() throws IOException {
        return list(HttpGet.json(server.resolve(API + "registered-models/search?max_results=1000"))
                .path("registered_models"));
    }

    List<JsonNode> versions() throws IOException {
        return list(HttpGet.json(server.resolve(API + "model-versions/search?max_results=10000"))
                .path("model_versions"));
    }

    /** A tag's value, empty where the run does not have it. */
    static String tag(JsonNode run, String name) {
        for (JsonNode tag : run.path("data").path("tags")) {
            if (tag.path("key").asText().equals(name)) {
                return tag.path("value").asText();
            }
        }
        return "";
    }

    /** A run that says it ended but has no end time is in no duration. */
    static boolean hasDuration(JsonNode info) {
        return ENDED.contains(info.path("status").asText())
                && info.path("end_time").asLong() > 0;
    }

    /** Seconds; a run that ended before it started took none. */
    static double duration(JsonNode info) {
        long millis = info.path("end_time").asLong() - info.path("start_time").asLong();
        return Math.max(0, millis) / 1000.0;
    }

    private List<JsonNode> pages(String call, String field, ObjectNode request) throws IOException {
        List<JsonNode> all = new ArrayList<>();
        while (true) {
            JsonNode page = HttpGet.postJson(server.resolve(API + call), request);
            all.addAll(list(page.path(field)));
            String token = page.path("next_page_token").asText("");
            if (token.isEmpty()) {
                return all;
            }
            request.put("page_token", token);
        }
    }

    private static List<JsonNode> list(JsonNode array) {
        List<JsonNode> all = new ArrayList<>();
        array.forEach(all::add);
        return all;
    }
}
