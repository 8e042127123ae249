package io.mlflowexporter.conformance;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;

/** A plain client of MLflow's REST API. */
final class PlainRest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    /** What came back. */
    record Reply(int status, String contentType, String body) {
        JsonNode json() {
            try {
                return JSON.readTree(body);
            } catch (JsonProcessingException e) {
                throw new AssertionError("not JSON: " + status + " " + body, e);
            }
        }

        /** Status and MLflow's code. */
        String error() {
            return status + " " + json().path("error_code").asText();
        }

        Reply ok() {
            if (status != 200) {
                throw new AssertionError(status + " " + body);
            }
            return this;
        }
    }

    private final URI uri;
    private final String[] headers;

    PlainRest(URI uri, String... headers) {
        this.uri = uri;
        this.headers = headers;
    }

    Reply post(String endpoint, String body) throws IOException, InterruptedException {
        return send("POST", endpoint, body);
    }

    Reply delete(String endpoint, String body) throws IOException, InterruptedException {
        return send("DELETE", endpoint, body);
    }

    /** A path that begins with a slash is taken from the root. */
    Reply get(String endpoint) throws IOException, InterruptedException {
        return send("GET", endpoint, "");
    }

    private Reply send(String method, String endpoint, String body) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        uri.resolve(endpoint.startsWith("/") ? endpoint : "/api/2.0/mlflow/" + endpoint))
                .method(
                        method,
                        body.isEmpty()
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofString(body));
        if (!body.isEmpty()) {
            request.header("Content-Type", "application/json");
        }
        if (headers.length > 0) {
            request.headers(headers);
        }
        HttpResponse<String> answer = HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
        return new Reply(
                answer.statusCode(), answer.headers().firstValue("Content-Type").orElse(""), answer.body());
    }
}
