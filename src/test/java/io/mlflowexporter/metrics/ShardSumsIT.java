package io.mlflowexporter.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.mlflowexporter.testing.Command;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Prometheus takes the rules over shards and computes what they say. */
final class ShardSumsIT {
    private static final Path RULES = Path.of("deploy/prometheus/shard-sums.yaml");

    @TempDir
    private Path directory;

    @Test
    void promtoolTakesThem() {
        assertRuns("check", "rules", RULES.toString());
    }

    @Test
    void theyAddUpWhatAddsUp() throws IOException {
        Path test = Files.writeString(directory.resolve("test.yaml"), """
                rule_files: ["%s"]
                evaluation_interval: 1m
                tests:
                  - interval: 1m
                    input_series:
                      - {series: 'mlflow_runs{job="mlflow",instance="a",experiment="x"}', values: '3x10'}
                      - {series: 'mlflow_runs{job="mlflow",instance="b",experiment="x"}', values: '4x10'}
                      - {series: 'mlflow_budget{job="mlflow",instance="a",budget="all"}', values: '100x10'}
                      - {series: 'mlflow_budget{job="mlflow",instance="b",budget="all"}', values: '100x10'}
                      - {series: 'mlflow_budget_spent_ratio{job="mlflow",instance="a",budget="all"}', values: '0.25x10'}
                      - {series: 'mlflow_budget_spent_ratio{job="mlflow",instance="b",budget="all"}', values: '0.5x10'}
                      - {series: 'mlflow_snapshot_complete{job="mlflow",instance="a"}', values: '1x10'}
                      - {series: 'mlflow_snapshot_complete{job="mlflow",instance="b"}', values: '0x10'}
                      - {series: 'mlflow_runs_started_total{job="mlflow",instance="a"}', values: '0+60x10'}
                      - {series: 'mlflow_runs_started_total{job="mlflow",instance="b"}', values: '0+120x10'}
                    promql_expr_test:
                      - expr: shards:mlflow_runs:sum
                        eval_time: 10m
                        exp_samples: [{labels: 'shards:mlflow_runs:sum{job="mlflow",experiment="x"}', value: 7}]
                      - expr: shards:mlflow_budget:max
                        eval_time: 10m
                        exp_samples: [{labels: 'shards:mlflow_budget:max{job="mlflow",budget="all"}', value: 100}]
                      - expr: shards:mlflow_budget_spent_ratio:sum
                        eval_time: 10m
                        exp_samples:
                          - {labels: 'shards:mlflow_budget_spent_ratio:sum{job="mlflow",budget="all"}', value: 0.75}
                      - expr: shards:mlflow_snapshot_complete:min
                        eval_time: 10m
                        exp_samples: [{labels: 'shards:mlflow_snapshot_complete:min{job="mlflow"}', value: 0}]
                      - expr: shards:mlflow_runs_started_total:rate5m
                        eval_time: 10m
                        exp_samples: [{labels: 'shards:mlflow_runs_started_total:rate5m{job="mlflow"}', value: 3}]
                """.formatted(RULES.toAbsolutePath()));
        assertRuns("test", "rules", test.toString());
    }

    private static void assertRuns(String... arguments) {
        List<String> command =
                new java.util.ArrayList<>(List.of(Command.require("promtool").toString()));
        command.addAll(List.of(arguments));
        Command.Result result = Command.run(Duration.ofMinutes(1), "", command);
        assertThat(result.exit()).as(result.output()).isZero();
    }
}
