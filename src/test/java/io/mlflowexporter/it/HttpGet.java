package io.mlflowexporter.it;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.zip.GZIPInputStream;

/** Requests as a stranger to the program would send them. */
final class HttpGet {
    static final JsonMapper JSON = JsonMapper.builder().build();

    private static final HttpClient CLIENT = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();

    private HttpGet() {}

    /** An answer, its body as it came over the network. */
    @SuppressWarnings("ArrayRecordComponent") // Answers are never compared.
    record Answer(int status, String contentType, String encoding, byte[] body) {
        String text() {
            return new String(body, StandardCharsets.UTF_8);
        }

        Answer unzipped() throws IOException {
            try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(body))) {
                return new Answer(status, contentType, "", in.readAllBytes());
            }
        }
    }

    /** GET with headers given as name, value, name, value … */
    static Answer get(URI uri, String... headers) throws IOException {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri);
        if (headers.length > 0) {
            request.headers(headers);
        }
        return send(request);
    }

    static JsonNode json(URI uri) throws IOException {
        Answer answer = get(uri);
        if (answer.status() != 200) {
            throw new IOException(uri + " answered " + answer.status() + ": " + answer.text());
        }
        return JSON.readTree(answer.body());
    }

    static JsonNode postJson(URI uri, JsonNode body) throws IOException {
        Answer answer = send(HttpRequest.newBuilder(uri)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body.toString())));
        if (answer.status() != 200) {
            throw new IOException(uri + " answered " + answer.status() + ": " + answer.text());
        }
        return JSON.readTree(answer.body());
    }

    /** POST without a body. */
    static Answer post(URI uri) throws IOException {
        return send(HttpRequest.newBuilder(uri).POST(BodyPublishers.noBody()));
    }

    private static Answer send(HttpRequest.Builder request) throws IOException {
        try {
            HttpResponse<byte[]> response =
                    CLIENT.send(request.timeout(Duration.ofSeconds(30)).build(), BodyHandlers.ofByteArray());
            return new Answer(
                    response.statusCode(),
                    response.headers().firstValue("Content-Type").orElse(""),
                    response.headers().firstValue("Content-Encoding").orElse(""),
                    response.body());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }
}
