package io.mlflowexporter.catalog.sync;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;

/** Writes to an MLflow server as its clients do. */
public final class MlflowWriter {
    private static final JsonMapper JSON = new JsonMapper();
    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private final URI server;

    public MlflowWriter(URI server) {
        this.server = server;
    }

    /** The id of the new experiment. */
    public String experiment(String name) {
        return post("experiments/create", JSON.createObjectNode().put("name", name))
                .path("experiment_id")
                .asText();
    }

    public void rename(String experiment, String name) {
        post(
                "experiments/update",
                JSON.createObjectNode().put("experiment_id", experiment).put("new_name", name));
    }

    /** Soft-deletes or restores an experiment. */
    public void deleted(String experiment, boolean deleted) {
        post(
                deleted ? "experiments/delete" : "experiments/restore",
                JSON.createObjectNode().put("experiment_id", experiment));
    }

    /** The id of the new run, which is running; a start of 0 is none. */
    public String run(String experiment, String name, long startMillis) {
        ObjectNode body =
                JSON.createObjectNode().put("experiment_id", experiment).put("run_name", name);
        if (startMillis != 0) {
            body.put("start_time", startMillis);
        }
        return post("runs/create", body).at("/run/info/run_id").asText();
    }

    public void status(String run, String status, long endMillis) {
        ObjectNode body = JSON.createObjectNode().put("run_id", run).put("status", status);
        if (endMillis != 0) {
            body.put("end_time", endMillis);
        }
        post("runs/update", body);
    }

    public void param(String run, String key, String value) {
        post(
                "runs/log-parameter",
                JSON.createObjectNode().put("run_id", run).put("key", key).put("value", value));
    }

    public void metric(String run, String key, double value, long atMillis) {
        post(
                "runs/log-metric",
                JSON.createObjectNode()
                        .put("run_id", run)
                        .put("key", key)
                        .put("value", value)
                        .put("timestamp", atMillis));
    }

    public void tag(String run, String key, String value) {
        post(
                "runs/set-tag",
                JSON.createObjectNode().put("run_id", run).put("key", key).put("value", value));
    }

    /** Soft-deletes or restores a run. */
    public void runDeleted(String run, boolean deleted) {
        post(deleted ? "runs/delete" : "runs/restore", JSON.createObjectNode().put("run_id", run));
    }

    public void model(String name) {
        post("registered-models/create", JSON.createObjectNode().put("name", name));
    }

    public void renameModel(String name, String newName) {
        post(
                "registered-models/rename",
                JSON.createObjectNode().put("name", name).put("new_name", newName));
    }

    public void modelTag(String model, String key, String value) {
        post(
                "registered-models/set-tag",
                JSON.createObjectNode().put("name", model).put("key", key).put("value", value));
    }

    /** The number of a new version, made of a run. */
    public String version(String model, String run) {
        ObjectNode body = JSON.createObjectNode()
                .put("name", model)
                .put("source", "s3://models/" + run)
                .put("run_id", run);
        return post("model-versions/create", body).at("/model_version/version").asText();
    }

    public void alias(String model, String alias, String version) {
        post(
                "registered-models/alias",
                JSON.createObjectNode().put("name", model).put("alias", alias).put("version", version));
    }

    public void unalias(String model, String alias) {
        send(
                "DELETE",
                "registered-models/alias",
                JSON.createObjectNode().put("name", model).put("alias", alias));
    }

    public void experimentTag(String experiment, String key, String value) {
        post(
                "experiments/set-experiment-tag",
                JSON.createObjectNode()
                        .put("experiment_id", experiment)
                        .put("key", key)
                        .put("value", value));
    }

    public void modelDeleted(String model) {
        send("DELETE", "registered-models/delete", JSON.createObjectNode().put("name", model));
    }

    /** The ids of the runs of these experiments that meet a condition. */
    public List<String> runIds(List<String> experiments, String filter) {
        ObjectNode body = JSON.createObjectNode().put("filter", filter).put("run_view_type", "ALL");
        experiments.forEach(body.putArray("experiment_ids")::add);
        List<String> ids = new ArrayList<>();
        post("runs/search", body)
                .path("runs")
                .forEach(run -> ids.add(run.at("/info/run_id").asText()));
        return ids;
    }

    private JsonNode post(String endpoint, ObjectNode body) {
        return send("POST", endpoint, body);
    }

    private JsonNode send(String method, String endpoint, ObjectNode body) {
        HttpRequest request = HttpRequest.newBuilder(URI.create(server + "/api/2.0/mlflow/" + endpoint))
                .header("Content-Type", "application/json")
                .method(method, HttpRequest.BodyPublishers.ofString(body.toString()))
                .build();
        try {
            HttpResponse<String> answer = HTTP.send(request, HttpResponse.BodyHandlers.ofString());
            if (answer.statusCode() != 200) {
                throw new AssertionError(endpoint + " " + body + ": " + answer.body());
            }
            return JSON.readTree(answer.body());
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }
}
