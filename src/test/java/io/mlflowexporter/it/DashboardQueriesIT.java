package io.mlflowexporter.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.mlflowexporter.dashboards.Asked;
import io.mlflowexporter.dashboards.Dashboards;
import io.mlflowexporter.dashboards.Query;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real Prometheus that scraped the demo has an answer for every query of every dashboard. */
final class DashboardQueriesIT {
    private static final Duration RANGE = Duration.ofDays(30);
    private static final Duration STEP = Duration.ofHours(1);

    @TempDir
    private static Path directory;

    private static ExporterJar jar;
    private static Prometheus prometheus;
    private static Asked asked;

    @BeforeAll
    static void start() throws IOException {
        Path config = Files.writeString(
                directory.resolve("config.yaml"), "checkpoint: {file: " + directory.resolve("checkpoint") + "}\n");
        jar = ExporterJar.demo("demo-for-dashboards", "--config", config.toString(), "--interval", "2s");
        prometheus = Prometheus.scraping(directory, "prometheus-dashboards", jar.metrics("/"), "exemplar-storage");
        // A rate needs two scrapes, also where the end of a range is the last full second; some families come with the
        // second refresh.
        Await.until(
                "two refreshes, and scrapes of what they read",
                Duration.ofMinutes(1),
                () -> prometheus.query("min(count_over_time(mlflow_runs_ended_total[1m])) >= 4"
                        + " and min(mlflow_exporter_refreshes_total{outcome=\"complete\"}) >= 2"),
                found -> !found.isEmpty());
        String currency = prometheus.query("mlflow_compute_cost").get(0).label("currency");
        asked = Asked.all(currency, STEP.toSeconds() + "s", RANGE.toDays() + "d", RANGE.toSeconds(), STEP.toMillis());
    }

    @AfterAll
    static void stop() {
        prometheus.close();
        jar.close();
    }

    @Test
    void noPanelIsEmptyButThoseThatSayWhy() throws IOException {
        List<String> empty = new ArrayList<>();
        for (Query query : Dashboards.queries()) {
            if (query.emptyBecause().isEmpty() && points(query) == 0) {
                empty.add(query + "\n  " + asked.of(query.expression()));
            }
        }
        assertThat(empty).isEmpty();
    }

    @Test
    void everyVariableHasValues() throws IOException {
        List<String> empty = new ArrayList<>();
        for (Query query : Dashboards.variableQueries()) {
            // The demo's server has no workspaces; all of them then stands for none.
            boolean told = query.panel().equals("workspace")
                    || prometheus.query(asked.of(query.expression())).stream()
                            .anyMatch(series -> !series.label(query.panel()).isEmpty());
            if (!told) {
                empty.add(query.toString());
            }
        }
        assertThat(empty).isEmpty();
    }

    private static long points(Query query) throws IOException {
        String promql = asked.of(query.expression());
        if (query.instant()) {
            return prometheus.query(promql).stream()
                    .filter(series -> !Double.isNaN(series.value()))
                    .count();
        }
        Instant now = Instant.now();
        return prometheus.points(promql, now.minus(RANGE), now, STEP);
    }
}
