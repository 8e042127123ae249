package io.mlflowexporter.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.mlflowexporter.testing.Command;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The jar rereads its cost book when it is told to, by a signal or a request, and keeps the old one if the new is bad. */
final class ReloadIT {
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final long PAUSE_MILLIS = 100;
    private static final String SUCCESSFUL = "\nmlflow_exporter_config_last_reload_successful ";

    @TempDir
    private Path directory;

    private final HttpClient client = HttpClient.newHttpClient();
    private @Nullable Process process;
    private Path log = Path.of("");
    private URI metrics = URI.create("http://127.0.0.1/");
    private URI reload = URI.create("http://127.0.0.1/");

    @BeforeEach
    void start() throws Exception {
        log = directory.resolve("log.txt");
        Path config = directory.resolve("config.yaml");
        Files.writeString(config, """
                cost: {file: book.yaml}
                web: {metrics_listen: "127.0.0.1:0", web_listen: "127.0.0.1:0", reload: true}
                """);
        book("per_hour: 1");
        process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-jar",
                        System.getProperty("exporter.jar"),
                        "demo",
                        "--runs=50",
                        "--config=" + config,
                        "--interval=1s")
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        metrics = URI.create("http://127.0.0.1:" + port("/metrics is served on port (\\d+)") + "/metrics");
        reload = URI.create("http://127.0.0.1:" + port("status page is served on port (\\d+)") + "/-/reload");
        awaitMetrics(priced("1.0"));
    }

    @AfterEach
    void stop() throws InterruptedException {
        running().destroy();
        if (!running().waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
            running().destroyForcibly();
        }
    }

    private Process running() {
        return Objects.requireNonNull(process);
    }

    private void hangUp() {
        Command.run(LIMIT, "", List.of("kill", "-HUP", Long.toString(running().pid())));
    }

    @Test
    void aSignalAndARequestBothReload() throws Exception {
        Command.require("kill");
        book("per_hour: 2");
        hangUp();
        awaitMetrics(priced("2.0"));

        book("per_hour: 3");
        HttpResponse<String> answer = post();
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).endsWith("book.yaml: 1 resource, 0 rules, 0 budgets, 0 overheads\n");
        awaitMetrics(priced("3.0"));

        book("per_hour: -4");
        HttpResponse<String> refused = post();
        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(refused.body()).contains("book.yaml:4: resources[0].prices[0].per_hour: \"-4\" is negative");
        hangUp();
        String text = awaitMetrics(seen -> seen.contains(SUCCESSFUL + "0.0\n"));
        assertThat(text).matches(priced("3.0"));
        awaitLog("The cost book was not reloaded; the one read before stays in force");

        book("per_hour: 5");
        assertThat(post().statusCode()).isEqualTo(200);
        awaitMetrics(priced("5.0").and(seen -> seen.contains(SUCCESSFUL + "1.0\n")));
    }

    private void book(String price) throws IOException {
        Files.writeString(directory.resolve("book.yaml"), """
                currency: EUR
                resources:
                  - name: machine
                    prices: [{%s}]
                default_uses: [{resource: machine}]
                """.formatted(price));
    }

    private static Predicate<String> priced(String price) {
        return text -> text.contains(
                "mlflow_price_per_hour{currency=\"EUR\",resource=\"machine\",source=\"estimate\"} " + price + "\n");
    }

    private HttpResponse<String> post() throws IOException, InterruptedException {
        return client.send(
                HttpRequest.newBuilder(reload).POST(BodyPublishers.noBody()).build(), BodyHandlers.ofString());
    }

    private String awaitMetrics(Predicate<String> wanted) throws Exception {
        String text = "";
        for (Instant end = Instant.now().plus(LIMIT); Instant.now().isBefore(end); pause()) {
            text = client.send(HttpRequest.newBuilder(metrics).build(), BodyHandlers.ofString())
                    .body();
            if (wanted.test(text)) {
                return text;
            }
        }
        throw new AssertionError(text + "\n" + Files.readString(log));
    }

    private String port(String line) throws Exception {
        return awaitLog(line).group(1);
    }

    private Matcher awaitLog(String line) throws Exception {
        Pattern pattern = Pattern.compile(line);
        for (Instant end = Instant.now().plus(LIMIT); Instant.now().isBefore(end); pause()) {
            Matcher matcher = pattern.matcher(Files.readString(log));
            if (matcher.find()) {
                return matcher;
            }
            if (!running().isAlive()) {
                break;
            }
        }
        throw new AssertionError("no " + line + " in:\n" + Files.readString(log));
    }

    private static void pause() throws InterruptedException {
        TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
    }
}
