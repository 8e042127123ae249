package io.mlflowexporter.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A real Prometheus scrapes the jar, as OpenMetrics with classic histograms and as protobuf with native ones; what its
 * queries answer is what MLflow's REST API says. The simulated server's clock all but stands still meanwhile.
 */
final class PrometheusIT {
    /** What the demo's run names stand for. */
    private static final Map<String, String> PHASES = Map.of(
            "Tuning", "tuning",
            "Training", "training",
            "Evaluations", "evaluation",
            "Explanations", "explanation",
            "Promotion", "promotion",
            "Inference", "inference",
            "data-prep", "data",
            "feature-engineering", "data");

    private static final String BY_RUN_NAME =
            "mlflow_recent_run_duration_seconds * on (run_id) group_left (run_name, status) mlflow_recent_run_info";

    @TempDir
    private static Path directory;

    private static ExporterJar jar;
    private static Prometheus classic;
    private static Prometheus nativeHistograms;
    private static List<JsonNode> experiments;
    private static List<JsonNode> runs;
    private static MlflowByHand mlflow;

    @BeforeAll
    static void start() throws IOException {
        jar = ExporterJar.demo("demo-for-prometheus", "--seed", "7", "--speed", "0.000001");
        classic = Prometheus.scraping(directory, "prometheus-classic", jar.metrics("/"), "exemplar-storage");
        nativeHistograms = Prometheus.scraping(
                directory, "prometheus-native", jar.metrics("/"), "native-histograms,exemplar-storage");
        mlflow = new MlflowByHand(jar.mlflow());
        experiments = mlflow.experiments();
        runs = mlflow.runs();
    }

    @AfterAll
    static void stop() throws Exception {
        for (AutoCloseable part : Arrays.asList(nativeHistograms, classic, jar)) {
            if (part != null) {
                part.close();
            }
        }
    }

    private static List<Prometheus> both() {
        return List.of(classic, nativeHistograms);
    }

    @Test
    void experimentCreationByLifecycleStage() throws IOException {
        Map<String, Double> created = new TreeMap<>();
        Map<String, Double> counts = new TreeMap<>();
        for (JsonNode experiment : experiments) {
            String stage = experiment.path("lifecycle_stage").asText();
            created.put(
                    experiment.path("experiment_id").asText() + "|"
                            + experiment.path("name").asText() + "|" + stage,
                    seconds(experiment.path("creation_time")));
            counts.merge(stage, 1.0, Double::sum);
        }
        assertThat(counts).containsOnlyKeys("active", "deleted");
        for (Prometheus prometheus : both()) {
            assertThat(prometheus.values(
                            "mlflow_experiment_created_timestamp_seconds",
                            "experiment_id",
                            "experiment",
                            "lifecycle_stage"))
                    .isEqualTo(created);
            assertThat(prometheus.values("mlflow_experiments", "lifecycle_stage"))
                    .isEqualTo(counts);
        }
    }

    @Test
    void modelAndVersionCreation() throws IOException {
        Map<String, Double> models = new TreeMap<>();
        Map<String, Double> versionCounts = new TreeMap<>();
        Map<String, Double> versions = new TreeMap<>();
        Set<String> aliases = new HashSet<>();
        for (JsonNode model : mlflow.models()) {
            String name = model.path("name").asText();
            models.put(name, seconds(model.path("creation_timestamp")));
            for (JsonNode alias : model.path("aliases")) {
                aliases.add(name + "|" + alias.path("alias").asText() + "|"
                        + alias.path("version").asText());
            }
        }
        for (JsonNode version : mlflow.versions()) {
            String name = version.path("name").asText();
            versionCounts.merge(name, 1.0, Double::sum);
            versions.put(name + "|" + version.path("version").asText(), seconds(version.path("creation_timestamp")));
        }
        for (Prometheus prometheus : both()) {
            assertThat(prometheus.values("mlflow_registered_model_created_timestamp_seconds", "model"))
                    .isEqualTo(models)
                    .hasSize(3);
            assertThat(prometheus.value("mlflow_registered_models")).isEqualTo(models.size());
            assertThat(prometheus.values("mlflow_model_versions", "model")).isEqualTo(versionCounts);
            Map<String, Double> newest =
                    prometheus.values("mlflow_model_version_created_timestamp_seconds", "model", "version");
            assertThat(versions).containsAllEntriesOf(newest);
            // All versions of a model, or the newest twenty.
            assertThat(newest)
                    .hasSize(versionCounts.values().stream()
                            .mapToInt(count -> Math.min(20, count.intValue()))
                            .sum());
            assertThat(prometheus
                            .values("mlflow_model_alias_info", "model", "alias", "version")
                            .keySet())
                    .isEqualTo(aliases)
                    .isNotEmpty();
        }
    }

    @Test
    void runTimePerPhase() throws IOException {
        Map<String, Double> sums = new TreeMap<>();
        Map<String, Double> counts = new TreeMap<>();
        for (JsonNode run : runs) {
            JsonNode info = run.path("info");
            if (MlflowByHand.hasDuration(info)) {
                String phase = PHASES.getOrDefault(info.path("run_name").asText(), "other");
                sums.merge(phase, MlflowByHand.duration(info), Double::sum);
                counts.merge(phase, 1.0, Double::sum);
            }
        }
        assertThat(sums).hasSize(8);
        Map<String, Double> classicSums = classic.values("sum by (phase) (mlflow_run_duration_seconds_sum)", "phase");
        Map<String, Double> nativeSums =
                nativeHistograms.values("histogram_sum(sum by (phase) (mlflow_run_duration_seconds))", "phase");
        assertThat(classicSums).hasSameSizeAs(sums);
        assertThat(nativeSums).hasSameSizeAs(sums);
        // The order of adding up leaves its trace in the last digits.
        sums.forEach((phase, sum) -> {
            assertThat(classicSums.get(phase)).as(phase).isCloseTo(sum, within(1e-6));
            assertThat(nativeSums.get(phase)).as(phase).isCloseTo(sum, within(1e-6));
        });
        assertThat(classic.values("sum by (phase) (mlflow_run_duration_seconds_count)", "phase"))
                .isEqualTo(counts);
        assertThat(nativeHistograms.values("histogram_count(sum by (phase) (mlflow_run_duration_seconds))", "phase"))
                .isEqualTo(counts);
    }

    @Test
    void timesAndStartsOfTheNewestRuns() throws IOException {
        List<JsonNode> newest = runs.stream()
                .map(run -> run.path("info"))
                .filter(info -> info.path("lifecycle_stage").asText().equals("active"))
                .sorted((a, b) -> Long.compare(
                        b.path("start_time").asLong(), a.path("start_time").asLong()))
                .limit(100)
                .toList();
        Map<String, Double> starts = new TreeMap<>();
        Map<String, Double> durations = new TreeMap<>();
        int untold = 0;
        for (JsonNode info : newest) {
            String id = info.path("run_id").asText();
            starts.put(experiment(info) + "|" + id, seconds(info.path("start_time")));
            String status = info.path("status").asText();
            boolean ended = MlflowByHand.ENDED.contains(status);
            if (status.equals("RUNNING") || (ended && !MlflowByHand.hasDuration(info))) {
                // Until now, or without an end until the last activity.
                untold++;
            } else if (ended) {
                durations.put(
                        id + "|" + info.path("run_name").asText() + "|" + status.toLowerCase(Locale.ROOT),
                        MlflowByHand.duration(info));
            }
        }
        for (Prometheus prometheus : both()) {
            assertThat(prometheus.values("mlflow_recent_run_started_timestamp_seconds", "experiment", "run_id"))
                    .isEqualTo(starts);
            Map<String, Double> times = prometheus.values(BY_RUN_NAME, "run_id", "run_name", "status");
            assertThat(times).containsAllEntriesOf(durations).hasSize(durations.size() + untold);
        }
    }

    @Test
    void estimatorClasses() throws IOException {
        Map<String, Double> classes = new TreeMap<>();
        Map<String, Double> states = new TreeMap<>();
        for (JsonNode run : runs) {
            if (!run.path("info").path("lifecycle_stage").asText().equals("active")) {
                continue;
            }
            states.merge(run.path("info").path("status").asText().toLowerCase(Locale.ROOT), 1.0, Double::sum);
            String estimator = MlflowByHand.tag(run, "estimator_class");
            if (!estimator.isEmpty()) {
                classes.merge(experiment(run.path("info")) + "|" + estimator, 1.0, Double::sum);
            }
        }
        assertThat(classes).hasSizeGreaterThan(3);
        for (Prometheus prometheus : both()) {
            assertThat(prometheus.values("mlflow_estimator_runs", "experiment", "estimator_class"))
                    .isEqualTo(classes);
            assertThat(prometheus.values("sum by (status) (mlflow_runs)", "status"))
                    .isEqualTo(states);
        }
    }

    @Test
    void quantilesOfClassicAndNativeHistogramsAgree() throws IOException {
        List<Double> all = runs.stream()
                .map(run -> run.path("info"))
                .filter(MlflowByHand::hasDuration)
                .map(MlflowByHand::duration)
                .sorted()
                .toList();
        for (double quantile : new double[] {0.5, 0.9, 0.99}) {
            double wide = classic.value(
                    "histogram_quantile(" + quantile + ", sum by (le) (mlflow_run_duration_seconds_bucket))");
            double narrow =
                    nativeHistograms.value("histogram_quantile(" + quantile + ", sum(mlflow_run_duration_seconds))");
            double exact = all.get((int) Math.ceil(quantile * all.size()) - 1);
            // Neighbouring bounds: 9 % apart in the native histogram, a factor of 5 at most in the classic one.
            assertThat(narrow).as("native, quantile " + quantile).isBetween(exact / 1.1, exact * 1.1);
            assertThat(wide).as("classic, quantile " + quantile).isBetween(exact / 5, exact * 5);
            assertThat(wide).isBetween(narrow / 5, narrow * 5);
        }
    }

    @Test
    void exemplarsLeadToRuns() throws IOException {
        Set<String> ids = new HashSet<>();
        runs.forEach(run -> ids.add(run.path("info").path("run_id").asText()));
        assertExemplars(classic.exemplars("mlflow_run_duration_seconds_bucket"), ids);
        assertExemplars(nativeHistograms.exemplars("mlflow_run_duration_seconds"), ids);
    }

    private static void assertExemplars(JsonNode series, Set<String> runIds) {
        assertThat(series).isNotEmpty();
        for (JsonNode one : series) {
            for (JsonNode exemplar : one.path("exemplars")) {
                assertThat(runIds)
                        .contains(exemplar.path("labels").path("run_id").asText());
            }
        }
    }

    @Test
    void scrapesAreCleanAndNothingIsLost() throws IOException {
        for (Prometheus prometheus : both()) {
            assertThat(prometheus.value("up")).isEqualTo(1);
            assertThat(prometheus.target().path("health").asText()).isEqualTo("up");
            assertThat(prometheus.target().path("lastError").asText()).isEmpty();
            double scraped = prometheus.value("scrape_samples_scraped");
            assertThat(prometheus.value("scrape_samples_post_metric_relabeling"))
                    .isEqualTo(scraped)
                    .isBetween(300.0, 5_000.0);
            assertThat(prometheus.log().lines())
                    .noneMatch(line -> line.contains("level=warn") || line.contains("level=error"));
        }
        // The classic histogram's buckets are series of their own, the native one's are not.
        assertThat(nativeHistograms.value("scrape_samples_scraped"))
                .isLessThan(classic.value("scrape_samples_scraped"));
        assertThat(nativeHistograms.query("mlflow_run_duration_seconds"))
                .isNotEmpty()
                .allSatisfy(
                        series -> assertThat(series.histogram().path("buckets")).isNotEmpty());
        assertThat(nativeHistograms.query("mlflow_run_duration_seconds_bucket")).isEmpty();
    }

    private static String experiment(JsonNode info) {
        return experiments.stream()
                .filter(experiment -> experiment.path("experiment_id").equals(info.path("experiment_id")))
                .map(experiment -> experiment.path("name").asText())
                .findFirst()
                .orElseThrow();
    }

    private static double seconds(JsonNode millis) {
        return millis.asLong() / 1000.0;
    }
}
