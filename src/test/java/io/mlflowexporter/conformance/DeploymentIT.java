package io.mlflowexporter.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.mlflowexporter.conformance.ScrapeText.Series;
import io.mlflowexporter.testing.MlflowServer;
import io.mlflowexporter.testing.PythonEnvironment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a real MLflow's registry is made to hold by its own client, step by step, is told as what it is, also where the
 * exporter was away for some of the steps.
 */
final class DeploymentIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final long ASK_AGAIN_NANOS = 100_000_000;
    private static final double ROUNDING = 1e-9;
    /** How late a look may be in this test, seconds. */
    private static final double PATIENCE = 300;

    private static final String DEPLOYMENTS = "mlflow_deployments_total";
    private static final String ROLLBACKS = "mlflow_rollbacks_total";
    private static final String LEAD_TIME = "mlflow_deployment_lead_time_seconds";
    private static final String ANOMALIES = "mlflow_exporter_anomalies";
    private static final String[] CHAMPION = {"model", "story", "alias", "champion"};
    private static final String[] CHALLENGER = {"model", "story", "alias", "challenger"};
    private static final String[] FALLBACK = {"model", "story", "alias", "fallback"};
    private static final String[] PRODUCTION = {"model", "story", "alias", "stage:Production"};
    private static final String[] TRAINED = {"experiment", "story", "phase", "training", "status", "finished"};

    private static final String BOOK = """
            currency: EUR
            resources:
              - name: node
                prices: [{per_hour: 2}]
            default_uses: [{resource: node}]
            """;
    private static final String KPIS = """
            kpis:
              - {name: accuracy, value: accuracy, unit: ratio, target: 0.8}
              - {name: conversion, value: orders / visits, aliases: []}
            """;

    /** To the second, as metrics tell it exactly then. */
    private final Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);

    @TempDir
    Path folder;

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
                ModelTeam team = new ModelTeam(python, mlflow.uri(), now)) {
            Path config = Files.writeString(folder.resolve("exporter.yaml"), """
                    mlflow: {tracking_uri: %s, max_requests_per_second: 10000}
                    refresh: {interval: 1s}
                    checkpoint: {file: %s, interval: 0s}
                    cost: {file: %s}
                    kpi: {file: %s}
                    """.formatted(
                            mlflow.uri(),
                            folder.resolve("checkpoint"),
                            Files.writeString(folder.resolve("book.yaml"), BOOK),
                            Files.writeString(folder.resolve("kpis.yaml"), KPIS)));
            team.does("begin");
            try (ExporterProcess exporter = new ExporterProcess(config)) {
                promotedAndRolledBack(team, exporter);
            }
            Instant away = Instant.now();
            team.does("challenge");
            team.does("train-3");
            team.does("promote-3");
            try (ExporterProcess exporter = new ExporterProcess(config)) {
                back(exporter, away);
                unreliable(team, exporter);
                stages(team, exporter);
                deletions(team, exporter, python);
            }
        }
    }

    /** Version 1 came of 2 hours that ended 10 days ago, version 2 of 1.5 hours that began 4 hours ago. */
    private void promotedAndRolledBack(ModelTeam team, ExporterProcess exporter) throws Exception {
        Map<Series, Double> first = ScrapeText.read(exporter.scrape());
        says(first, 0, DEPLOYMENTS, CHAMPION);
        says(first, 0, DEPLOYMENTS, PRODUCTION);
        says(first, 0.5, "mlflow_kpi", accuracy("champion"));
        says(first, 0.8, "mlflow_kpi_target", "kpi", "accuracy");
        says(first, 0, "mlflow_kpi_target_met", accuracy("champion"));
        says(first, ago(Duration.ofDays(10)), "mlflow_kpi_observed_timestamp_seconds", accuracy("champion"));
        says(first, 4, "mlflow_model_version_cost", version("1"));
        silent(first, "mlflow_cost_per_deployed_version", "window", "30d", "currency", "EUR");

        team.does("train-2");
        until(exporter, 2, "mlflow_runs_ended_total", TRAINED);
        team.does("promote-2");
        Map<Series, Double> promoted = until(exporter, 1, DEPLOYMENTS, CHAMPION);
        says(promoted, 0, ROLLBACKS, CHAMPION);
        says(promoted, 1, LEAD_TIME + "_count", CHAMPION);
        assertThat(value(promoted, LEAD_TIME + "_sum", CHAMPION)).isBetween(4 * 3600.0, 4 * 3600 + PATIENCE);
        says(promoted, 0.75, "mlflow_kpi", accuracy("champion"));
        says(promoted, 0, "mlflow_kpi_target_met", accuracy("champion"));
        says(promoted, 3, "mlflow_cost_per_deployed_version", "window", "7d", "currency", "EUR");
        says(promoted, 7, "mlflow_cost_per_deployed_version", "window", "30d", "currency", "EUR");

        team.does("roll-back");
        Map<Series, Double> rolledBack = until(exporter, 1, ROLLBACKS, CHAMPION);
        says(rolledBack, 2, DEPLOYMENTS, CHAMPION);
        says(rolledBack, 1, "mlflow_deployment_failures_total", CHAMPION);
        says(rolledBack, 1, "mlflow_deployment_restore_time_seconds_count", CHAMPION);
        says(rolledBack, 1, LEAD_TIME + "_count", CHAMPION);
        says(rolledBack, 0.5, "mlflow_kpi", accuracy("champion"));
    }

    /** Meanwhile version 2 became challenger, and version 3, of an hour that began 2 hours ago, champion. */
    private void back(ExporterProcess exporter, Instant away) throws Exception {
        Map<Series, Double> back = until(exporter, 3, DEPLOYMENTS, CHAMPION);
        says(back, 1, DEPLOYMENTS, CHALLENGER);
        says(back, 1, ROLLBACKS, CHAMPION);
        says(back, 2, LEAD_TIME + "_count", CHAMPION);
        assertThat(value(back, LEAD_TIME + "_sum", CHAMPION)).isBetween(6 * 3600.0, 6 * 3600 + 2 * PATIENCE);
        assertThat(value(back, "mlflow_last_deployment_timestamp_seconds", CHAMPION))
                .as("when it was seen")
                .isGreaterThanOrEqualTo((double) away.getEpochSecond());
        for (String selector : List.of("champion", "latest", "best")) {
            says(back, 0.875, "mlflow_kpi", accuracy(selector));
            says(back, 1, "mlflow_kpi_target_met", accuracy(selector));
            says(back, ago(Duration.ofHours(1)), "mlflow_kpi_observed_timestamp_seconds", accuracy(selector));
        }
        says(back, 0.75, "mlflow_kpi", accuracy("challenger"));
        says(back, 0, "mlflow_kpi_target_met", accuracy("challenger"));
        says(back, 0.05, "mlflow_kpi", kpi("click_through_rate", "mean"));
        says(back, 0.25, "mlflow_kpi", kpi("conversion", "mean"));
        says(back, 1, "mlflow_kpi_unusable_runs", "kpi", "conversion", "reason", "division_by_zero");
        says(back, 1, "mlflow_kpi_unusable_runs", "kpi", "conversion", "reason", "not_finite");
        says(back, 3, "mlflow_step_duration_seconds_count", "experiment", "story", "step", "fit");
        says(back, 212.5, "mlflow_step_duration_seconds_sum", "experiment", "story", "step", "fit");
        says(back, 1, ANOMALIES, "kind", "unreadable_step");

        says(back, 4, "mlflow_model_version_cost", version("1"));
        says(back, 3, "mlflow_model_version_cost", version("2"));
        says(back, 2, "mlflow_model_version_cost", version("3"));
        says(back, (3 + 2) / 2.0, "mlflow_cost_per_deployed_version", "window", "1d", "currency", "EUR");
        says(back, (4 + 3 + 2) / 2.0, "mlflow_cost_per_deployed_version", "window", "30d", "currency", "EUR");
        // From 0.5 to 0.875 are 37.5 points; before the last 30 days nothing was known.
        says(back, (3 + 2) / 37.5, "mlflow_kpi_cost_per_point", perPoint("7d"));
        silent(back, "mlflow_kpi_cost_per_point", perPoint("30d"));
    }

    private void unreliable(ModelTeam team, ExporterProcess exporter) throws Exception {
        String[] training = {"experiment", "story", "phase", "training"};
        team.does("fail");
        Map<Series, Double> once = until(
                exporter, 1, "mlflow_runs_ended_total", "experiment", "story", "phase", "training", "status", "failed");
        silent(once, "mlflow_retry_storm_runs", training);

        team.does("fail-again");
        Map<Series, Double> twice = until(exporter, 2, "mlflow_retry_storm_runs", training);
        says(twice, 2 / 4.0, "mlflow_run_error_ratio", inWindow("1d", training));
        says(twice, 2 / 4.0, "mlflow_run_error_ratio", inWindow("7d", training));
        says(twice, 2 / 5.0, "mlflow_run_error_ratio", inWindow("30d", training));
        says(twice, ago(Duration.ofHours(1)), "mlflow_last_success_timestamp_seconds", training);

        String[] inference = {"experiment", "story", "phase", "inference"};
        team.does("queue");
        Map<Series, Double> waits =
                until(exporter, 1, "mlflow_runs", "experiment", "story", "phase", "inference", "status", "scheduled");
        assertThat(value(waits, "mlflow_oldest_scheduled_run_age_seconds", inference))
                .isBetween(20 * 60.0, 20 * 60 + PATIENCE);
        silent(waits, "mlflow_run_queue_seconds_count", inference);
        team.does("run");
        Map<Series, Double> runs = until(exporter, 1, "mlflow_run_queue_seconds_count", inference);
        assertThat(value(runs, "mlflow_run_queue_seconds_sum", inference)).isBetween(20 * 60.0, 20 * 60 + PATIENCE);
        silent(runs, "mlflow_oldest_scheduled_run_age_seconds", inference);
        silent(runs, "mlflow_last_success_timestamp_seconds", inference);
    }

    private static void stages(ModelTeam team, ExporterProcess exporter) throws Exception {
        team.does("stage-3");
        Map<Series, Double> moved = until(exporter, 1, DEPLOYMENTS, PRODUCTION);
        says(moved, 0, ROLLBACKS, PRODUCTION);
        says(moved, 1, LEAD_TIME + "_count", PRODUCTION);
        team.does("stage-1");
        Map<Series, Double> movedBack = until(exporter, 2, DEPLOYMENTS, PRODUCTION);
        says(movedBack, 1, ROLLBACKS, PRODUCTION);
        says(movedBack, 1, "mlflow_deployment_failures_total", PRODUCTION);
        says(movedBack, 3, DEPLOYMENTS, CHAMPION);
    }

    private static void deletions(ModelTeam team, ExporterProcess exporter, PythonEnvironment python) throws Exception {
        team.does("take-away");
        until(exporter, 1, "mlflow_alias_deletions_total", CHALLENGER);

        team.does("fall-back");
        Map<Series, Double> aliased = until(exporter, 1, DEPLOYMENTS, FALLBACK);
        says(aliased, 0, ANOMALIES, "kind", "alias_without_version");
        team.does("delete-2");
        // Of MLflow 2 the alias stays, of MLflow 3 it goes with its version.
        boolean stays = python == PythonEnvironment.MLFLOW2;
        Map<Series, Double> dangling = stays
                ? until(exporter, 1, ANOMALIES, "kind", "alias_without_version")
                : until(exporter, 1, "mlflow_alias_deletions_total", FALLBACK);
        says(dangling, stays ? 1 : 0, ANOMALIES, "kind", "alias_without_version");
        says(dangling, stays ? 0 : 1, "mlflow_alias_deletions_total", FALLBACK);
        says(dangling, 2, "mlflow_model_versions", "model", "story");
        says(dangling, 1, DEPLOYMENTS, FALLBACK);
        says(dangling, 0, ROLLBACKS, FALLBACK);
        silent(dangling, "mlflow_model_version_cost", version("2"));

        team.does("retire");
        until(exporter, 1, "mlflow_alias_deletions_total", CHAMPION);
        team.does("delete-3");
        Map<Series, Double> deleted = until(exporter, 1, "mlflow_model_versions", "model", "story");
        says(deleted, 3, "mlflow_model_versions_created_total", "model", "story");
        says(deleted, 1, "mlflow_alias_deletions_total", CHAMPION);
        says(deleted, 3, DEPLOYMENTS, CHAMPION);
        silent(deleted, "mlflow_kpi", accuracy("champion"));
        says(deleted, 0.875, "mlflow_kpi", accuracy("latest"));

        team.does("rename");
        String[] renamed = {"model", "tale", "alias", "champion"};
        Map<Series, Double> goesOn = until(exporter, 1, DEPLOYMENTS, renamed);
        says(goesOn, 1, ROLLBACKS, renamed);
        says(goesOn, 3, DEPLOYMENTS, CHAMPION);
        says(goesOn, 1, "mlflow_model_versions_created_total", "model", "tale");
    }

    private double ago(Duration duration) {
        return now.minus(duration).getEpochSecond();
    }

    private static String[] accuracy(String selector) {
        return selector.startsWith("cha")
                ? new String[] {"kpi", "accuracy", "experiment", "story", "model", "story", "selector", selector}
                : kpi("accuracy", selector);
    }

    private static String[] kpi(String kpi, String selector) {
        return new String[] {"kpi", kpi, "experiment", "story", "model", "", "selector", selector};
    }

    private static String[] version(String version) {
        return new String[] {"model", "story", "version", version, "currency", "EUR"};
    }

    private static String[] perPoint(String window) {
        return new String[] {"window", window, "kpi", "accuracy", "experiment", "story", "currency", "EUR"};
    }

    private static String[] inWindow(String window, String... labels) {
        return Stream.concat(Stream.of("window", window), Stream.of(labels)).toArray(String[]::new);
    }

    private static Series series(String family, String... labels) {
        Map<String, String> byName = new HashMap<>();
        for (int i = 0; i < labels.length; i += 2) {
            byName.put(labels[i], labels[i + 1]);
        }
        return new Series(family, byName);
    }

    private static double value(Map<Series, Double> scrape, String family, String... labels) {
        return scrape.getOrDefault(series(family, labels), Double.NaN);
    }

    private static void says(Map<Series, Double> scrape, double expected, String family, String... labels) {
        assertThat(value(scrape, family, labels))
                .as(series(family, labels).toString())
                .isCloseTo(expected, within(ROUNDING));
    }

    private static void silent(Map<Series, Double> scrape, String family, String... labels) {
        assertThat(scrape).doesNotContainKey(series(family, labels));
    }

    /** The first scrape in which a series has a value. */
    private static Map<Series, Double> until(ExporterProcess exporter, double wanted, String family, String... labels)
            throws Exception {
        Instant end = Instant.now().plus(LIMIT);
        Map<Series, Double> last = Map.of();
        while (Instant.now().isBefore(end)) {
            last = ScrapeText.read(exporter.scrape());
            if (value(last, family, labels) == wanted) {
                return last;
            }
            LockSupport.parkNanos(ASK_AGAIN_NANOS);
        }
        throw new AssertionError(series(family, labels) + " was not " + wanted + " but " + value(last, family, labels));
    }
}
