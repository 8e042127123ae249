package io.mlflowexporter.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.mlflowexporter.conformance.ScrapeText.Series;
import io.mlflowexporter.testing.MlflowServer;
import io.mlflowexporter.testing.PythonEnvironment;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a real MLflow's registry is made to hold by its own client, step by step, is told as what it is, also where the
 * exporter was away for some of the steps.
 */
final class DeliveryIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final long ASK_AGAIN_NANOS = 100_000_000;
    private static final Map<String, String> CHAMPION = Map.of("model", "story", "alias", "champion");
    private static final Map<String, String> CHALLENGER = Map.of("model", "story", "alias", "challenger");
    private static final String DEPLOYMENTS = "mlflow_deployments_total";

    @TempDir
    Path folder;

    /** The Python client, which waits for what to do. */
    private static final class Team implements AutoCloseable {
        private final Process process;
        private final BufferedReader out;
        private final Writer in;

        Team(PythonEnvironment python, URI mlflow) throws IOException {
            process = new ProcessBuilder(
                            python.python().toString(),
                            PythonEnvironment.script("story.py").toString(),
                            mlflow.toString())
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            out = process.inputReader(StandardCharsets.UTF_8);
            in = process.outputWriter(StandardCharsets.UTF_8);
            await("ready");
        }

        void does(String step) throws IOException {
            in.write(step + "\n");
            in.flush();
            await("done " + step);
        }

        private void await(String said) throws IOException {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                if (line.equals(said)) {
                    return;
                }
            }
            throw new AssertionError("the client ended before it said: " + said);
        }

        @Override
        public void close() throws IOException {
            in.close();
            process.destroy();
        }
    }

    @Test
    void aStoryOnMlflow3() throws Exception {
        story(PythonEnvironment.MLFLOW3);
    }

    @Test
    void aStoryOnMlflow2() throws Exception {
        story(PythonEnvironment.MLFLOW2);
    }

    private void story(PythonEnvironment python) throws Exception {
        python.python();
        try (MlflowServer mlflow = MlflowServer.start(python);
                Team team = new Team(python, mlflow.uri())) {
            Path config = Files.writeString(
                    folder.resolve("exporter.yaml"), """
                    mlflow: {tracking_uri: %s, max_requests_per_second: 10000}
                    refresh: {interval: 1s}
                    checkpoint: {file: %s, interval: 0s}
                    """.formatted(mlflow.uri(), folder.resolve("checkpoint")));
            team.does("begin");
            try (ExporterProcess exporter = new ExporterProcess(config)) {
                Map<Series, Double> first = ScrapeText.read(exporter.scrape());
                assertThat(value(first, DEPLOYMENTS, CHAMPION))
                        .as("seen, not deployed")
                        .isEqualTo(0);
                assertThat(kpi(first, "champion")).isEqualTo(0.5);

                team.does("promote");
                Map<Series, Double> promoted = until(exporter, DEPLOYMENTS, CHAMPION, 1);
                assertThat(value(promoted, "mlflow_rollbacks_total", CHAMPION)).isEqualTo(0);
                assertThat(value(promoted, "mlflow_deployment_lead_time_seconds_count", CHAMPION))
                        .isEqualTo(1);
                assertThat(value(promoted, "mlflow_deployment_lead_time_seconds_sum", CHAMPION))
                        .isBetween(0.0, 120.0);
                assertThat(kpi(promoted, "champion")).isEqualTo(0.75);

                team.does("roll-back");
                Map<Series, Double> rolledBack = until(exporter, "mlflow_rollbacks_total", CHAMPION, 1);
                assertThat(value(rolledBack, DEPLOYMENTS, CHAMPION)).isEqualTo(2);
                assertThat(value(rolledBack, "mlflow_deployment_failures_total", CHAMPION))
                        .isEqualTo(1);
                assertThat(value(rolledBack, "mlflow_deployment_restore_time_seconds_count", CHAMPION))
                        .isEqualTo(1);
                assertThat(value(rolledBack, "mlflow_deployment_lead_time_seconds_count", CHAMPION))
                        .isEqualTo(1);
                assertThat(kpi(rolledBack, "champion")).isEqualTo(0.5);
            }
            Instant away = Instant.now();
            team.does("challenge");
            team.does("promote-again");
            try (ExporterProcess exporter = new ExporterProcess(config)) {
                Map<Series, Double> back = until(exporter, DEPLOYMENTS, CHAMPION, 3);
                assertThat(value(back, DEPLOYMENTS, CHALLENGER)).isEqualTo(1);
                assertThat(value(back, "mlflow_rollbacks_total", CHAMPION)).isEqualTo(1);
                assertThat(value(back, "mlflow_deployment_lead_time_seconds_count", CHAMPION))
                        .isEqualTo(2);
                assertThat(value(back, "mlflow_last_deployment_timestamp_seconds", CHAMPION))
                        .as("when it was seen")
                        .isGreaterThanOrEqualTo((double) away.getEpochSecond());
                assertThat(kpi(back, "champion")).isEqualTo(0.875);
                assertThat(kpi(back, "challenger")).isEqualTo(0.75);
                Map<String, String> clicks =
                        Map.of("kpi", "click_through_rate", "experiment", "story", "model", "", "selector", "mean");
                assertThat(value(back, "mlflow_kpi", clicks)).isCloseTo(0.05, within(1e-12));
                Map<String, String> fit = Map.of("experiment", "story", "step", "fit");
                assertThat(value(back, "mlflow_step_duration_seconds_count", fit))
                        .isEqualTo(3);
                assertThat(value(back, "mlflow_step_duration_seconds_sum", fit)).isEqualTo(212.5);

                team.does("take-away");
                until(exporter, "mlflow_alias_deletions_total", CHALLENGER, 1);
                team.does("delete-version");
                Map<Series, Double> deleted = until(exporter, "mlflow_model_versions", Map.of("model", "story"), 2);
                assertThat(value(deleted, "mlflow_model_versions_created_total", Map.of("model", "story")))
                        .isEqualTo(3);
                assertThat(value(deleted, "mlflow_alias_deletions_total", CHAMPION))
                        .isEqualTo(1);
                assertThat(value(deleted, DEPLOYMENTS, CHAMPION)).isEqualTo(3);
                assertThat(deleted).doesNotContainKey(new Series("mlflow_kpi", accuracy("champion")));
            }
        }
    }

    private static Map<String, String> accuracy(String alias) {
        return Map.of("kpi", "accuracy", "experiment", "story", "model", "story", "selector", alias);
    }

    private static double kpi(Map<Series, Double> scrape, String alias) {
        return value(scrape, "mlflow_kpi", accuracy(alias));
    }

    private static double value(Map<Series, Double> scrape, String family, Map<String, String> labels) {
        return scrape.getOrDefault(new Series(family, labels), Double.NaN);
    }

    /** The first scrape in which a series has a value. */
    private static Map<Series, Double> until(
            ExporterProcess exporter, String family, Map<String, String> labels, double wanted) throws Exception {
        Instant end = Instant.now().plus(LIMIT);
        Map<Series, Double> last = Map.of();
        while (Instant.now().isBefore(end)) {
            last = ScrapeText.read(exporter.scrape());
            if (value(last, family, labels) == wanted) {
                return last;
            }
            LockSupport.parkNanos(ASK_AGAIN_NANOS);
        }
        throw new AssertionError(family + labels + " was not " + wanted + " but " + value(last, family, labels));
    }
}
