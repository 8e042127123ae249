package io.mlflowexporter.demo;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A plain REST client for the simulated server. */
public final class Rest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    /** What came back. */
    public record Reply(int status, String contentType, String body) {
        public JsonNode json() {
            try {
                return JSON.readTree(body);
            } catch (JsonProcessingException e) {
                throw new AssertionError("not JSON: " + body, e);
            }
        }

        public String error() {
            return status + " " + json().path("error_code").asText();
        }

        public List<String> texts(String list, String field) {
            List<String> texts = new ArrayList<>();
            json().path(list).forEach(item -> texts.add(item.at(field).asText()));
            return texts;
        }
    }

    private final URI uri;
    private final String[] headers;

    public Rest(SimulatedMlflow server, String... headers) {
        this.uri = server.uri();
        this.headers = headers;
    }

    public Reply post(String endpoint, String body) throws IOException, InterruptedException {
        return send(HttpRequest.newBuilder(uri.resolve("/api/2.0/mlflow/" + endpoint))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body)));
    }

    public Reply get(String path) throws IOException, InterruptedException {
        return send(HttpRequest.newBuilder(uri.resolve(path.startsWith("/") ? path : "/api/2.0/mlflow/" + path)));
    }

    public Reply searchRuns(String filter, String orderBy) throws IOException, InterruptedException {
        var body = JSON.createObjectNode().put("filter", filter);
        body.putArray("experiment_ids").add("0").add("1").add("2");
        if (!orderBy.isEmpty()) {
            body.putArray("order_by").add(orderBy);
        }
        return post("runs/search", body.toString());
    }

    public static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private Reply send(HttpRequest.Builder request) throws IOException, InterruptedException {
        if (headers.length > 0) {
            request.headers(headers);
        }
        HttpResponse<String> response = HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
        return new Reply(
                response.statusCode(),
                response.headers().firstValue("Content-Type").orElse(""),
                response.body());
    }
}
