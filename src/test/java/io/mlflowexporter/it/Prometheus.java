package io.mlflowexporter.it;

import com.fasterxml.jackson.databind.JsonNode;
import io.mlflowexporter.testing.Command;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A real Prometheus that scrapes one target every second. */
final class Prometheus implements AutoCloseable {
    private static final Duration SCRAPED_WITHIN = Duration.ofMinutes(1);

    private final Running running;
    private final URI address;

    private Prometheus(Running running, URI address) {
        this.running = running;
        this.address = address;
    }

    /** One sample or histogram of an instant query's answer. */
    record Series(Map<String, String> labels, double value, JsonNode histogram) {
        String label(String name) {
            return labels.getOrDefault(name, "");
        }
    }

    /**
     * Starts and waits until the target has been scraped.
     *
     * @param features what {@code --enable-feature} takes
     */
    static Prometheus scraping(Path directory, String name, URI target, String features) throws IOException {
        return scraped(start(directory, name, job(target), "", features), name);
    }

    /** As {@link #scraping}; evaluates rules every second, and tells an Alertmanager. */
    static Prometheus alerting(Path directory, String name, URI target, Path rules, URI alertmanager)
            throws IOException {
        String alerting = """
                rule_files: ["%s/*.yaml"]
                alerting:
                  alertmanagers:
                    - static_configs:
                        - targets: ["%s"]
                """.formatted(rules, alertmanager.getAuthority());
        return scraped(start(directory, name, job(target), alerting, "exemplar-storage"), name);
    }

    private static String job(URI target) {
        return """
                  - job_name: mlflow
                    static_configs:
                      - targets: ["%s"]
                """.formatted(target.getAuthority());
    }

    private static Prometheus scraped(Prometheus prometheus, String name) throws IOException {
        try {
            Await.until(
                    "a scrape by " + name,
                    SCRAPED_WITHIN,
                    () -> prometheus.query("mlflow_snapshot_complete"),
                    found -> found.size() == 1 && found.get(0).value() == 1);
            return prometheus;
        } catch (AssertionError e) {
            prometheus.close();
            throw new AssertionError(e.getMessage() + "\n" + prometheus.log(), e);
        }
    }

    /**
     * Starts and waits until it answers.
     *
     * @param jobs YAML: the scrape configurations
     * @param features what {@code --enable-feature} takes
     */
    static Prometheus start(Path directory, String name, String jobs, String features) throws IOException {
        return start(directory, name, jobs, "", features);
    }

    private static Prometheus start(Path directory, String name, String jobs, String rest, String features)
            throws IOException {
        Path config = directory.resolve(name + ".yml");
        Files.writeString(config, """
                global:
                  scrape_interval: 1s
                  scrape_timeout: 1s
                  evaluation_interval: 1s
                scrape_configs:
                """ + jobs + rest);
        URI address = URI.create("http://127.0.0.1:" + freePort());
        Running running = Running.start(
                name,
                List.of(
                        Command.require("prometheus").toString(),
                        "--config.file=" + config,
                        "--storage.tsdb.path=" + directory.resolve(name + "-data"),
                        "--web.listen-address=" + address.getAuthority(),
                        "--enable-feature=" + features));
        Prometheus prometheus = new Prometheus(running, address);
        try {
            Await.until("an answer by " + name, SCRAPED_WITHIN, prometheus::targets, JsonNode::isArray);
            return prometheus;
        } catch (AssertionError e) {
            prometheus.close();
            throw new AssertionError(e.getMessage() + "\n" + running.output(), e);
        }
    }

    /** Prometheus takes no port 0: a port that was free a moment ago has to do. */
    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    List<Series> query(String promql) throws IOException {
        JsonNode answer = get("/api/v1/query?query=" + encoded(promql));
        List<Series> series = new ArrayList<>();
        for (JsonNode one : answer.path("data").path("result")) {
            Map<String, String> labels = new TreeMap<>();
            one.path("metric")
                    .properties()
                    .forEach(
                            label -> labels.put(label.getKey(), label.getValue().asText()));
            JsonNode value = one.path("value").path(1);
            series.add(new Series(
                    labels,
                    value.isMissingNode() ? Double.NaN : Double.parseDouble(value.asText()),
                    one.path("histogram").path(1)));
        }
        return series;
    }

    /** How many points that are numbers a query has over a range. */
    long points(String promql, Instant start, Instant end, Duration step) throws IOException {
        JsonNode answer = get("/api/v1/query_range?query=" + encoded(promql) + "&start=" + start.getEpochSecond()
                + "&end=" + end.getEpochSecond() + "&step=" + step.toSeconds());
        long points = 0;
        for (JsonNode series : answer.path("data").path("result")) {
            for (JsonNode point : series.path("values")) {
                points += point.path(1).asText().equals("NaN") ? 0 : 1;
            }
        }
        return points;
    }

    /** The only value of a query. */
    double value(String promql) throws IOException {
        List<Series> series = query(promql);
        if (series.size() != 1) {
            throw new AssertionError(promql + " has " + series.size() + " series");
        }
        return series.get(0).value();
    }

    /** A query's values by one label or several, joined with {@code |}. */
    Map<String, Double> values(String promql, String... labels) throws IOException {
        Map<String, Double> values = new TreeMap<>();
        for (Series series : query(promql)) {
            List<String> key = new ArrayList<>();
            for (String label : labels) {
                key.add(series.label(label));
            }
            if (values.put(String.join("|", key), series.value()) != null) {
                throw new AssertionError(promql + " has two series with " + key);
            }
        }
        return values;
    }

    /** All exemplars of the series a selector finds, whenever they were made. */
    JsonNode exemplars(String selector) throws IOException {
        Instant now = Instant.now();
        return get("/api/v1/query_exemplars?query=" + encoded(selector) + "&start="
                        + now.minus(Duration.ofDays(365)).getEpochSecond() + "&end=" + now.getEpochSecond())
                .path("data");
    }

    JsonNode target() throws IOException {
        return targets().path(0);
    }

    JsonNode targets() throws IOException {
        return get("/api/v1/targets?state=active").path("data").path("activeTargets");
    }

    /** What {@code /api/v1/rules} says of each rule. */
    List<JsonNode> rules() throws IOException {
        List<JsonNode> rules = new ArrayList<>();
        for (JsonNode group : get("/api/v1/rules").path("data").path("groups")) {
            group.path("rules").forEach(rules::add);
        }
        return rules;
    }

    private JsonNode get(String path) throws IOException {
        return HttpGet.json(address.resolve(path));
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    String log() {
        return running.output();
    }

    @Override
    public void close() {
        running.close();
    }
}
