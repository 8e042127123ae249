package io.mlflowexporter.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.mlflowexporter.estimate.BadQuestionException;
import io.mlflowexporter.estimate.Estimate;
import io.mlflowexporter.estimate.EstimateJson;
import io.mlflowexporter.estimate.NotNowException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;

/** Asks a running exporter. */
final class ExporterClient {
    private static final String PATH = "/api/v1/estimate";
    private static final Duration CONNECT = Duration.ofSeconds(10);
    private static final Duration ANSWER = Duration.ofSeconds(30);
    private static final int LONGEST_ANSWER = 8 << 20;
    private static final int OK = 200;
    private static final int BAD_REQUEST = 400;
    private static final int UNAUTHORIZED = 401;
    private static final int UNAVAILABLE = 503;

    private final URI address;
    private final Optional<String> user;
    private final Optional<Path> passwordFile;

    ExporterClient(URI address, Optional<String> user, Optional<Path> passwordFile) {
        this.address = address;
        this.user = user;
        this.passwordFile = passwordFile;
    }

    /**
     * Asks.
     *
     * @throws IOException if it does not answer, or not as an exporter would, with a line for the user
     */
    Estimate ask(Map<String, List<String>> parameters) throws IOException, BadQuestionException, NotNowException {
        String scheme = String.valueOf(address.getScheme());
        if (address.getHost() == null || !scheme.matches("https?") || address.getUserInfo() != null) {
            throw new BadQuestionException(
                    List.of("--exporter: must be http://HOST:PORT or https://HOST:PORT, without a user"
                            + " name; that has an option of its own, --exporter-user"));
        }
        HttpResponse<InputStream> answer = send(parameters);
        String text;
        try (InputStream body = answer.body()) {
            text = new String(body.readNBytes(LONGEST_ANSWER), StandardCharsets.UTF_8);
        }
        try {
            return switch (answer.statusCode()) {
                case OK -> EstimateJson.read(text);
                case BAD_REQUEST -> throw new BadQuestionException(EstimateJson.problems(text));
                case UNAVAILABLE -> throw new NotNowException(String.join("; ", EstimateJson.problems(text)));
                case UNAUTHORIZED ->
                    throw new IOException(shown() + " wants a user name and password: --exporter-user,"
                            + " --exporter-password-file");
                default ->
                    throw new IOException(shown() + " answered with HTTP status " + answer.statusCode()
                            + "; is it the exporter's listener for people, and of this version?");
            };
        } catch (JsonProcessingException e) {
            throw new IOException(
                    shown() + " does not answer as an exporter does; give its listener for people, port 9819"
                            + " unless set",
                    e);
        }
    }

    private HttpResponse<InputStream> send(Map<String, List<String>> parameters) throws IOException {
        StringJoiner query = new StringJoiner("&");
        parameters.forEach((name, values) -> values.forEach(value -> query.add(name + "=" + encoded(value))));
        URI asked = URI.create(address.toString().replaceFirst("[/?#]*$", "") + PATH + "?" + query);
        HttpRequest.Builder request =
                HttpRequest.newBuilder(asked).timeout(ANSWER).header("Accept", "application/json");
        if (user.isPresent()) {
            request.header("Authorization", "Basic " + credentials(user.get()));
        }
        try {
            return HttpClient.newBuilder()
                    .connectTimeout(CONNECT)
                    .build()
                    .send(request.build(), BodyHandlers.ofInputStream());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } catch (IOException e) {
            String why = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
            throw new IOException(shown() + " cannot be asked: " + why, e);
        }
    }

    private String credentials(String name) throws IOException {
        String password = "";
        if (passwordFile.isPresent()) {
            try {
                password =
                        Files.readString(passwordFile.get()).lines().findFirst().orElse("");
            } catch (IOException e) {
                throw new IOException("--exporter-password-file: " + passwordFile.get() + " cannot be read", e);
            }
        }
        return Base64.getEncoder().encodeToString((name + ":" + password).getBytes(StandardCharsets.UTF_8));
    }

    private String shown() {
        return address.getScheme() + "://" + address.getHost() + (address.getPort() < 0 ? "" : ":" + address.getPort());
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
