package io.mlflowexporter.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mlflowexporter.testing.Command;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.function.ToLongFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the jar writes of the past becomes blocks of a real Prometheus, which then goes on with live scrapes. */
final class BackfillIT {
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final Duration BEFORE = Duration.ofHours(9);
    private static final String API = "/api/2.0/mlflow/";

    @TempDir
    private Path directory;

    private final Instant started = Instant.now();

    @Test
    void increasesOverTheSeamAreWhatMlflowHolds() throws Exception {
        Path config = directory.resolve("exporter.yaml");
        Path book = directory.resolve("book.yaml");
        Files.writeString(book, """
                currency: EUR
                resources: [{name: node, prices: [{per_hour: 60}]}]
                default_uses: [{resource: node}]
                """);
        Files.writeString(config, "cost:\n  file: " + book + "\n");
        try (ExporterJar jar = ExporterJar.demo(
                "demo-for-backfill", "--speed", "0.000001", "--interval", "1s", "--config", config.toString())) {
            blocks(jar, config);
            try (Prometheus prometheus =
                    Prometheus.scraping(directory, "prometheus-backfilled", jar.metrics("/"), "native-histograms")) {
                endARun(jar.mlflow());
                MlflowByHand mlflow = new MlflowByHand(jar.mlflow());
                List<JsonNode> runs = mlflow.runs();
                long ended = runs.stream()
                        .filter(run -> MlflowByHand.ENDED.contains(
                                run.path("info").path("status").asText()))
                        .count();
                Await.until(
                        "the run that ended after the seam",
                        LIMIT,
                        () -> prometheus.value("sum(mlflow_runs_ended_total)"),
                        value -> value == ended);
                assertSeam(prometheus, runs);
            }
        }
    }

    private Instant from() {
        return started.minus(BEFORE).truncatedTo(ChronoUnit.SECONDS);
    }

    private void blocks(ExporterJar jar, Path config) {
        String from = from().toString();
        Path text = directory.resolve("history.om");
        Command.Result written = Command.run(
                LIMIT,
                "",
                ExporterJar.commandLine(List.of(
                        "backfill",
                        "--config",
                        config.toString(),
                        "--mlflow.tracking-uri",
                        jar.mlflow().toString(),
                        "--from",
                        from,
                        "--label",
                        "job=mlflow",
                        "--label",
                        "instance=" + jar.metrics("/").getAuthority(),
                        "--output",
                        text.toString())));
        assertThat(written.output()).contains("Written: ").doesNotContain("WARN");
        assertThat(written.exit()).isZero();
        Command.Result blocks = Command.run(
                LIMIT,
                "",
                List.of(
                        Command.require("promtool").toString(),
                        "tsdb",
                        "create-blocks-from",
                        "openmetrics",
                        text.toString(),
                        directory.resolve("prometheus-backfilled-data").toString()));
        assertThat(blocks.exit()).as(blocks.output()).isZero();
    }

    private static void endARun(URI mlflow) throws IOException {
        ObjectNode run = HttpGet.JSON.createObjectNode();
        long now = Instant.now().toEpochMilli();
        String id = HttpGet.postJson(
                        mlflow.resolve(API + "runs/create"),
                        run.put("experiment_id", "0").put("start_time", now))
                .path("run")
                .path("info")
                .path("run_id")
                .asText();
        ObjectNode end = HttpGet.JSON.createObjectNode();
        HttpGet.postJson(
                mlflow.resolve(API + "runs/update"),
                end.put("run_id", id).put("status", "FINISHED").put("end_time", now + 1000));
    }

    private void assertSeam(Prometheus prometheus, List<JsonNode> runs) throws IOException {
        for (String counter : List.of(
                "mlflow_runs_started_total",
                "mlflow_runs_ended_total",
                "mlflow_run_duration_seconds_bucket",
                "mlflow_run_duration_seconds_sum",
                "mlflow_step_duration_seconds_bucket",
                "mlflow_model_versions_created_total",
                "mlflow_compute_spend_total",
                "mlflow_compute_seconds_total",
                "mlflow_compute_unpriced_seconds_total",
                "mlflow_outcome_spend_total")) {
            assertThat(prometheus.query("resets(" + counter + "[10h]) > 0"))
                    .as(counter)
                    .isEmpty();
        }
        long since = from().toEpochMilli();
        double begun = after(runs, since, info -> info.path("start_time").asLong());
        double ended = after(
                runs,
                since,
                info -> MlflowByHand.ENDED.contains(info.path("status").asText())
                        ? info.path("end_time").asLong()
                        : 0);
        assertThat(grown(prometheus, "mlflow_runs_started_total")).isEqualTo(begun);
        assertThat(grown(prometheus, "mlflow_runs_ended_total")).isEqualTo(ended);
        // It stretches to the ends of its window: by a step at most.
        assertThat(prometheus.value(
                        "sum(increase(mlflow_runs_started_total{phase=\"other\",experiment=\"bikes\"}[10h]))"))
                .isCloseTo(
                        prometheus.value("sum(max_over_time(mlflow_runs_started_total{phase=\"other\","
                                + "experiment=\"bikes\"}[10h]) - min_over_time(mlflow_runs_started_total{"
                                + "phase=\"other\",experiment=\"bikes\"}[10h]))"),
                        within(1.0));
        assertThat(prometheus.value("count(count by (job, instance) (mlflow_runs))"))
                .as("the series of the past are those of the present")
                .isEqualTo(1);
        assertThat(prometheus.value("count(count_over_time(mlflow_runs{experiment=\"bikes\"}[10h]) > 100)"))
                .isGreaterThan(3);
    }

    /** From the first time told until now; a series that came in between counts whole. */
    private double grown(Prometheus prometheus, String counter) throws IOException {
        double now = prometheus.value("sum(" + counter + ")");
        return now - prometheus.value("sum(" + counter + " @ " + from().getEpochSecond() + ")");
    }

    private static double after(List<JsonNode> runs, long since, ToLongFunction<JsonNode> time) {
        return runs.stream()
                .map(run -> run.path("info"))
                .filter(info -> time.applyAsLong(info) > since)
                .count();
    }
}
