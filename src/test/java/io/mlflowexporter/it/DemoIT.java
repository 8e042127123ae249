package io.mlflowexporter.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.mlflowexporter.testing.Promtool;
import io.prometheus.metrics.expositionformats.generated.com_google_protobuf_4_36_2.Metrics.MetricFamily;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What a new user gets from one command. */
final class DemoIT {
    /** The Accept header of Prometheus 2.42, without and with native histograms. */
    private static final String CLASSIC =
            "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
                    + "text/plain;version=0.0.4;q=0.5,*/*;q=0.1";

    private static final String NATIVE =
            "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited,"
                    + "application/openmetrics-text;version=1.0.0;q=0.8,"
                    + "application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1";

    /** The contract's families of the snapshot: the ones with a budget. */
    private static final List<String> SNAPSHOT = List.of(
            "mlflow_snapshot_timestamp_seconds",
            "mlflow_snapshot_complete",
            "mlflow_experiments",
            "mlflow_experiment_created_timestamp_seconds",
            "mlflow_registered_models",
            "mlflow_registered_model_created_timestamp_seconds",
            "mlflow_model_versions",
            "mlflow_model_version_created_timestamp_seconds",
            "mlflow_model_alias_info",
            "mlflow_runs",
            "mlflow_runs_started_total",
            "mlflow_runs_ended_total",
            "mlflow_run_duration_seconds",
            "mlflow_oldest_active_run_age_seconds",
            "mlflow_recent_run_info",
            "mlflow_recent_run_started_timestamp_seconds",
            "mlflow_recent_run_duration_seconds",
            "mlflow_estimator_runs",
            "mlflow_exporter_catalog_entries",
            "mlflow_exporter_anomalies",
            "mlflow_exporter_series",
            "mlflow_exporter_series_dropped");

    /** The contract's families of the moment. */
    private static final List<String> LIVE = List.of(
            "mlflow_up",
            "mlflow_exporter_build_info",
            "mlflow_exporter_refreshes_total",
            "mlflow_exporter_refresh_duration_seconds",
            "mlflow_exporter_api_requests_total",
            "mlflow_exporter_api_request_duration_seconds",
            "mlflow_exporter_api_received_bytes_total");

    private static ExporterJar jar;

    @BeforeAll
    static void start() {
        jar = ExporterJar.demo("demo", "--seed", "7");
    }

    @AfterAll
    static void stop() {
        jar.close();
    }

    @Test
    void everyFamilyHasASampleAndNoneIsCut() throws IOException {
        String text = text();
        Map<String, Double> samples = samples(text);
        List<String> families = new ArrayList<>(SNAPSHOT);
        families.addAll(LIVE);
        for (String family : families) {
            String series = family + (text.contains("# TYPE " + family + " histogram\n") ? "_count" : "");
            assertThat(samples.keySet()).as(family).anyMatch(key -> key.equals(series) || key.startsWith(series + "{"));
            assertThat(text).contains("# HELP " + family + " ", "# TYPE " + family + " ");
        }
        for (String family : SNAPSHOT) {
            assertThat(samples)
                    .as("series dropped of " + family)
                    .containsEntry("mlflow_exporter_series_dropped{family=\"" + family + "\"}", 0.0);
        }
        assertThat(samples)
                .containsEntry("mlflow_up", 1.0)
                .containsEntry("mlflow_snapshot_complete", 1.0)
                .containsEntry("mlflow_exporter_refresh_progress_ratio", 1.0);
        samples.forEach((series, value) -> {
            if (series.startsWith("mlflow_exporter_series_dropped{")) {
                assertThat(value).as(series).isZero();
            }
        });
    }

    @Test
    void noSeriesIsThereTwice() throws IOException {
        List<String> series = text().lines()
                .filter(line -> !line.startsWith("#"))
                .map(line -> line.substring(0, line.lastIndexOf(' ')))
                .toList();
        assertThat(series).doesNotHaveDuplicates().hasSizeGreaterThan(1_000);
    }

    @Test
    void promtoolHasNothingToSay() throws IOException {
        Promtool.check(text());
    }

    @Test
    void theFormatIsAsPrometheusAsks() throws IOException {
        HttpGet.Answer plain = HttpGet.get(jar.metrics("/metrics"));
        assertThat(plain.contentType()).startsWith("text/plain; version=0.0.4");
        assertThat(plain.text()).doesNotContain("# EOF");

        HttpGet.Answer classic = HttpGet.get(jar.metrics("/metrics"), "Accept", CLASSIC);
        assertThat(classic.contentType()).startsWith("application/openmetrics-text; version=1.0.0");
        assertThat(classic.text())
                .endsWith("# EOF\n")
                .containsPattern("_bucket\\{.*} \\S+ # \\{run_id=\"[0-9a-f]{32}\"}");

        HttpGet.Answer protobuf = HttpGet.get(jar.metrics("/metrics"), "Accept", NATIVE);
        assertThat(protobuf.contentType()).startsWith("application/vnd.google.protobuf");
        List<MetricFamily> families = families(protobuf.body());
        assertThat(families)
                .extracting(MetricFamily::getName)
                .doesNotHaveDuplicates()
                .containsAll(SNAPSHOT);
        assertThat(families)
                .filteredOn(family -> family.getName().equals("mlflow_run_duration_seconds"))
                .flatExtracting(MetricFamily::getMetricList)
                .isNotEmpty()
                .allSatisfy(metric -> {
                    assertThat(metric.getHistogram().getPositiveSpanCount()).isPositive();
                    assertThat(metric.getHistogram().getBucketCount()).isPositive();
                });
    }

    @Test
    void gzipIsTheSameInLess() throws IOException {
        for (String accept : List.of("text/plain", CLASSIC, NATIVE)) {
            HttpGet.Answer zipped = HttpGet.get(jar.metrics("/metrics"), "Accept", accept, "Accept-Encoding", "gzip");
            HttpGet.Answer plain = HttpGet.get(jar.metrics("/metrics"), "Accept", accept);
            assertThat(zipped.encoding()).isEqualTo("gzip");
            assertThat(plain.encoding()).isEmpty();
            assertThat(zipped.contentType()).isEqualTo(plain.contentType());
            assertThat(zipped.body().length).isLessThan(plain.body().length / 3);
            assertThat(zipped.unzipped().body().length).isBetween(plain.body().length / 2, plain.body().length * 2);
        }
        String zipped = HttpGet.get(jar.metrics("/metrics?name%5B%5D=mlflow_experiments"), "Accept-Encoding", "gzip")
                .unzipped()
                .text();
        assertThat(zipped)
                .isEqualTo(HttpGet.get(jar.metrics("/metrics?name%5B%5D=mlflow_experiments"))
                        .text());
    }

    @Test
    void aScrapeMayAskForSomeFamilies() throws IOException {
        String text = HttpGet.get(jar.metrics("/metrics?name%5B%5D=mlflow_experiments&name%5B%5D=mlflow_up"))
                .text();
        assertThat(samples(text).keySet())
                .containsExactlyInAnyOrder(
                        "mlflow_experiments{lifecycle_stage=\"active\"}",
                        "mlflow_experiments{lifecycle_stage=\"deleted\"}",
                        "mlflow_up");
    }

    @Test
    void peopleAndOrchestratorsAreAnswered() throws IOException {
        assertThat(HttpGet.get(jar.web("/healthz")).status()).isEqualTo(200);
        HttpGet.Answer ready = HttpGet.get(jar.web("/readyz"));
        assertThat(ready.status()).isEqualTo(200);
        assertThat(ready.text()).isEqualTo("serving\n");
        JsonNode status = HttpGet.json(jar.web("/api/v1/status"));
        assertThat(status.path("ready").asBoolean()).isTrue();
        assertThat(status.at("/status/snapshot/incomplete")).isEmpty();
        assertThat(status.at("/status/snapshot/runs").asLong()).isGreaterThan(200);
        assertThat(status.path("config")).isNotEmpty();
        HttpGet.Answer page = HttpGet.get(jar.web("/"));
        assertThat(page.status()).isEqualTo(200);
        assertThat(page.contentType()).startsWith("text/html");
        assertThat(page.text()).contains("bikes", "churn-prediction", "mlflow_runs_started_total");
    }

    @Test
    void theSignalToStopIsObeyedQuietly() {
        try (ExporterJar stopped = ExporterJar.demo("demo-stopped", "--seed", "7")) {
            int exit = stopped.terminate();
            // 143 is what a JVM ended by SIGTERM says after all has been closed.
            assertThat(exit).isIn(0, 143);
            assertThat(stopped.log()).contains("Stopping", "Stopped");
            Logs.assertCalm(stopped.log());
        }
    }

    @Test
    void theLogIsCalm() {
        Logs.assertCalm(jar.log());
        assertThat(jar.log()).contains("First read complete");
    }

    private static String text() throws IOException {
        HttpGet.Answer answer = HttpGet.get(jar.metrics("/metrics"), "Accept", "text/plain;version=0.0.4");
        assertThat(answer.status()).isEqualTo(200);
        return answer.text();
    }

    /** Series as written to value; a label's value may hold spaces, a sample's has none. */
    private static Map<String, Double> samples(String text) {
        Map<String, Double> samples = new TreeMap<>();
        text.lines().filter(line -> !line.startsWith("#")).forEach(line -> {
            int space = line.lastIndexOf(' ');
            samples.put(
                    line.substring(0, space),
                    Double.parseDouble(line.substring(space + 1).replace("Inf", "Infinity")));
        });
        return samples;
    }

    private static List<MetricFamily> families(byte[] delimited) throws IOException {
        List<MetricFamily> families = new ArrayList<>();
        ByteArrayInputStream in = new ByteArrayInputStream(delimited);
        while (in.available() > 0) {
            families.add(MetricFamily.parseDelimitedFrom(in));
        }
        return families;
    }
}
