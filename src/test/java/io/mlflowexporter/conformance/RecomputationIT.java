package io.mlflowexporter.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.mlflowexporter.conformance.ScrapeText.Series;
import io.mlflowexporter.testing.PythonEnvironment;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the exporter serves of a server is what MLflow's Python client and pandas make of it, series by series. */
final class RecomputationIT {
    private static final int RECENT_RUNS = 20;
    private static final int VERSIONS_PER_MODEL = 5;

    /** Not recomputed: what is about the exporter and its reading. */
    private static final Set<String> ABOUT_READING =
            Set.of("mlflow_up", "mlflow_snapshot_timestamp_seconds", "mlflow_snapshot_complete");

    /** Nor what needs a story to be told of: it has a test of its own. */
    private static final Pattern OF_A_STORY = Pattern.compile(
            "mlflow_(kpi|step_duration|deployment_lead_time|deployment_restore_time|run_queue|retry_storm)_?.*");

    /** Nor LLM traces and MLflow 3's other objects, of which {@code recompute.py} knows nothing yet. */
    private static final Pattern OF_TRACES_AND_OBJECTS = Pattern.compile(
            "mlflow_(traces?_|llm_|assessment|prompt|logged_models|evaluation_datasets|scorers|gateway_budget).*");

    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource(value = ConformanceTarget.class, mode = EnumSource.Mode.EXCLUDE, names = "SIMULATED_DEMO")
    void everySeriesIsRecomputed(ConformanceTarget target) throws Exception {
        URI uri = target.uri();
        Map<Series, JsonNode> expected = recomputed(target, target.python().orElseThrow(), uri);
        Map<Series, Double> served = served(target, uri);

        assertThat(served.keySet()).containsExactlyInAnyOrderElementsOf(expected.keySet());
        expected.forEach((series, value) -> {
            double actual = served.get(series);
            if (value.isNull()) {
                assertThat(actual).as("%s", series).isNotNegative();
            } else if (series.name().endsWith("_sum")) {
                // The order of addition is not the same, so the last bits may differ.
                double sum = value.asDouble();
                assertThat(actual).as("%s", series).isCloseTo(sum, within(1e-12 * Math.abs(sum)));
            } else {
                assertThat(actual).as("%s", series).isEqualTo(value.asDouble());
            }
        });
    }

    private static Map<Series, JsonNode> recomputed(ConformanceTarget target, PythonEnvironment python, URI uri)
            throws Exception {
        List<String> arguments = new ArrayList<>(List.of(
                uri.toString(),
                "--recent",
                Integer.toString(RECENT_RUNS),
                "--versions",
                Integer.toString(VERSIONS_PER_MODEL)));
        if (target.withWorkspaces()) {
            arguments.add("--workspaces");
            arguments.add(String.join(",", target.workspaces()));
        }
        String output = python.run(Duration.ofMinutes(2), "recompute.py", Map.of(), arguments.toArray(String[]::new));
        Map<Series, JsonNode> series = new HashMap<>();
        // What libraries say while they are imported comes before.
        new ObjectMapper()
                .readTree(output.substring(output.lastIndexOf("\n[") + 1))
                .forEach(node -> {
                    Map<String, String> labels = new HashMap<>();
                    node.path("labels")
                            .properties()
                            .forEach(label ->
                                    labels.put(label.getKey(), label.getValue().asText()));
                    assertThat(series.put(new Series(node.path("name").asText(), labels), node.path("value")))
                            .isNull();
                });
        assertThat(series).hasSizeGreaterThan(300);
        return series;
    }

    private Map<Series, Double> served(ConformanceTarget target, URI uri) throws Exception {
        Path config = folder.resolve("exporter.yaml");
        Files.writeString(
                config,
                "mlflow:\n  tracking_uri: " + uri + "\n  page_size: 9\n  max_requests_per_second: 10000\n"
                        + (target.withWorkspaces() ? "  workspaces: ['*']\n" : "")
                        + "exposition:\n  recent_runs: " + RECENT_RUNS
                        + "\n  versions_per_model: " + VERSIONS_PER_MODEL + "\n");
        try (ExporterProcess exporter = new ExporterProcess(config)) {
            Map<Series, Double> series = new HashMap<>(ScrapeText.read(exporter.scrape()));
            Set<Series> others = new HashSet<>(series.keySet());
            others.removeIf(s -> s.name().startsWith("mlflow_")
                    && !s.name().startsWith("mlflow_exporter_")
                    && !ABOUT_READING.contains(s.name())
                    && !OF_A_STORY.matcher(s.name()).matches()
                    && !OF_TRACES_AND_OBJECTS.matcher(s.name()).matches());
            series.keySet().removeAll(others);
            return series;
        }
    }
}
