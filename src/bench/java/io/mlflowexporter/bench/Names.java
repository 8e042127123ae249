package io.mlflowexporter.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.mlflowexporter.demo.SimulatedMlflow;
import io.mlflowexporter.demo.life.SimulationOptions;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;

/** What names cost that somebody chose to be expensive, and what a model takes. */
final class Names {
    private static final Duration LIMIT = Duration.ofMinutes(20);
    private static final int BITS = 12;
    private static final int EXPERIMENTS = 1 << BITS;
    private static final int MODELS = 2_000;
    private static final int ALIASES = 5;
    private static final String HEAP = "256m";
    private static final JsonMapper JSON = new JsonMapper();
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private Names() {}

    /**
     * Measures.
     *
     * @param rounds of which medians are taken
     */
    static void run(Path jar, Report report, int rounds) throws IOException, InterruptedException {
        try (SimulatedMlflow normal = experiments(false);
                SimulatedMlflow colliding = experiments(true)) {
            double[] ratios = new double[rounds];
            double[] normalSeconds = new double[rounds];
            double[] collidingSeconds = new double[rounds];
            for (int i = 0; i < rounds; i++) {
                normalSeconds[i] = firstRead(jar, normal);
                collidingSeconds[i] = firstRead(jar, colliding);
                ratios[i] = collidingSeconds[i] / normalSeconds[i];
            }
            report.add(
                    "first_read_colliding_vs_normal",
                    Report.median(ratios),
                    "≤ 1.5",
                    String.format(
                            Locale.ROOT,
                            "%,d experiments with a run each, whose names and users have one hash code: %.1f s to the first"
                                    + " snapshot; with other names %.1f s",
                            EXPERIMENTS,
                            Report.median(collidingSeconds),
                            Report.median(normalSeconds)));
        }
        double few = heapWithModels(jar, 1);
        double many = heapWithModels(jar, MODELS);
        report.add(
                "heap_bytes_per_model",
                (many - few) / (MODELS - 1),
                "none",
                String.format(
                        Locale.ROOT,
                        "live heap with %,d models of %d aliases each %.1f MiB, with one %.1f MiB",
                        MODELS,
                        ALIASES,
                        many / (1 << 20),
                        few / (1 << 20)));
    }

    private static SimulatedMlflow experiments(boolean colliding) throws IOException, InterruptedException {
        SimulatedMlflow server =
                SimulatedMlflow.start(SimulationOptions.defaults().withRuns(0));
        long now = System.currentTimeMillis();
        for (int i = 0; i < EXPERIMENTS; i++) {
            String name = name(i, colliding);
            String id = post(server, "experiments/create", "{\"name\": \"" + name + "\"}")
                    .path("experiment_id")
                    .asText();
            String run = post(
                            server,
                            "runs/create",
                            "{\"experiment_id\": \"" + id + "\", \"run_name\": \"" + name + "\", \"user_id\": \"" + name
                                    + "\", \"start_time\": " + (now - 60_000 + i) + "}")
                    .at("/run/info/run_id")
                    .asText();
            post(
                    server,
                    "runs/update",
                    "{\"run_id\": \"" + run + "\", \"status\": \"FINISHED\", \"end_time\": " + now + "}");
        }
        return server;
    }

    /** As long as the others, and with the hash code of all of its kind. */
    private static String name(int number, boolean colliding) {
        StringBuilder name = new StringBuilder();
        for (int bit = 0; bit < BITS; bit++) {
            boolean set = (number >> bit & 1) != 0;
            name.append(colliding ? (set ? "BB" : "Aa") : set ? "Ba" : "Aa");
        }
        return name.toString();
    }

    private static double firstRead(Path jar, SimulatedMlflow server) throws IOException, InterruptedException {
        try (Exporter exporter = Exporter.start(jar, server.uri(), "5s", HEAP)) {
            double seconds = exporter.awaitSnapshot(LIMIT);
            exporter.stop();
            return seconds;
        }
    }

    private static double heapWithModels(Path jar, int models) throws IOException, InterruptedException {
        try (SimulatedMlflow server =
                SimulatedMlflow.start(SimulationOptions.defaults().withRuns(0))) {
            for (int i = 0; i < models; i++) {
                post(server, "registered-models/create", "{\"name\": \"model" + i + "\"}");
                post(server, "model-versions/create", "{\"name\": \"model" + i + "\", \"source\": \"s3://models/m\"}");
                for (int alias = 0; alias < ALIASES; alias++) {
                    post(
                            server,
                            "registered-models/alias",
                            "{\"name\": \"model" + i + "\", \"alias\": \"alias" + alias + "\", \"version\": \"1\"}");
                }
            }
            try (Exporter exporter = Exporter.start(jar, server.uri(), "5s", HEAP)) {
                exporter.awaitSnapshot(LIMIT);
                exporter.awaitRefresh(LIMIT);
                exporter.scrape();
                double bytes = exporter.liveHeapBytes();
                exporter.stop();
                return bytes;
            }
        }
    }

    private static JsonNode post(SimulatedMlflow server, String path, String body)
            throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(server.uri().resolve("/api/2.0/mlflow/" + path))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        HttpResponse<String> answer = HTTP.send(request, HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() != 200) {
            throw new IOException(path + ": " + answer.statusCode() + " " + answer.body());
        }
        return JSON.readTree(answer.body());
    }
}
