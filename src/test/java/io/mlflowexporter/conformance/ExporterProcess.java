package io.mlflowexporter.conformance;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The exporter's jar, run as its users do, until it serves a complete snapshot. */
final class ExporterProcess implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final Pattern PORT = Pattern.compile("/metrics is served on port (\\d+)");
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private final Path log;
    private final Process process;

    ExporterProcess(Path config) throws IOException {
        log = Files.createTempFile("exporter", ".log");
        ProcessBuilder builder = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-jar",
                        System.getProperty("exporter.jar", "target/mlflow-exporter.jar"),
                        "serve",
                        "--config",
                        config.toString(),
                        "--metrics-listen",
                        "127.0.0.1:0",
                        "--web-listen",
                        "off"))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("MLFLOW_"));
        process = builder.start();
    }

    /** The text of the first scrape that shows a complete snapshot. */
    String scrape() throws IOException, InterruptedException {
        Instant end = Instant.now().plus(LIMIT);
        while (Instant.now().isBefore(end) && process.isAlive()) {
            Matcher port = PORT.matcher(Files.readString(log));
            if (port.find()) {
                URI uri = URI.create("http://127.0.0.1:" + port.group(1) + "/metrics");
                String text = HTTP.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
                        .body();
                if (text.contains("\nmlflow_snapshot_complete 1.0\n")) {
                    return text;
                }
            }
            Thread.sleep(50);
        }
        throw new AssertionError("no complete snapshot:\n" + Files.readString(log));
    }

    @Override
    public void close() throws IOException {
        process.destroy();
        process.onExit().orTimeout(20, java.util.concurrent.TimeUnit.SECONDS).join();
        Files.delete(log);
    }
}
