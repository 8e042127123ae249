package io.mlflowexporter.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.mlflowexporter.catalog.sync.IncrementalSynchronizer;
import io.mlflowexporter.config.Config;
import io.mlflowexporter.config.ConfigLoader;
import io.mlflowexporter.cost.CostModel;
import io.mlflowexporter.cost.pricing.PricingFileLoader;
import io.mlflowexporter.demo.SimulatedMlflow;
import io.mlflowexporter.demo.life.DemoKpis;
import io.mlflowexporter.demo.life.DemoPricingFile;
import io.mlflowexporter.demo.life.SimulationOptions;
import io.mlflowexporter.exposition.ScrapeRequest;
import io.mlflowexporter.kpi.KpiFileLoader;
import io.mlflowexporter.metric.FamilyDeclaration;
import io.mlflowexporter.mlflow.MlflowSource;
import io.mlflowexporter.mlflow.ShardedSource;
import io.mlflowexporter.mlflow.rest.RestMlflowSource;
import io.mlflowexporter.pipeline.Engines;
import io.mlflowexporter.refresh.ExporterContext;
import io.mlflowexporter.refresh.ExporterStatus.Outcome;
import io.mlflowexporter.refresh.Refresher;
import io.mlflowexporter.testing.Exposed;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Several shards say together what one exporter says alone, family by family. */
final class ShardSumsTest {
    private static final Path RULES = Path.of("deploy/prometheus/shard-sums.yaml");
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final InstantSource CLOCK = () -> NOW;

    private record Series(String name, Map<String, String> labels) {}

    private static Map<Series, Double> scrape(SimulatedMlflow mlflow, int index, int total) throws Exception {
        PrometheusRegistry live = new PrometheusRegistry();
        Config config = ConfigLoader.load(
                        Optional.empty(),
                        Map.of(),
                        Map.of(
                                "traces.group_by",
                                "metadata:mlflow.trace.user",
                                "mlflow.tracking_uri",
                                mlflow.uri().toString(),
                                "exposition.recent_runs",
                                "10000",
                                "cost.histories",
                                "0",
                                "refresh.resync_share",
                                "1",
                                "shard.index",
                                Integer.toString(index),
                                "shard.total",
                                Integer.toString(total)))
                .config();
        MlflowSource source = ShardedSource.of(
                RestMlflowSource.open(config.mlflow(), live, CLOCK),
                config.shard().index(),
                config.shard().total());
        Optional<CostModel> costs = Optional.of(
                CostModel.of(PricingFileLoader.load(DemoPricingFile.file(LocalDate.ofInstant(NOW, ZoneOffset.UTC)))));
        Engines engines = Engines.of(config, () -> costs, KpiFileLoader.load(DemoKpis.file()));
        Refresher refresher = new Refresher(
                new ExporterContext(config, CLOCK, live, "1", "r"),
                source,
                new IncrementalSynchronizer(source, config.sync(), engines::needs, CLOCK),
                engines,
                Optional.empty());
        assertThat(refresher.refresh()).isEqualTo(Outcome.COMPLETE);
        // The first reading is no resync; what a resync says is there after the second.
        assertThat(refresher.refresh()).isEqualTo(Outcome.COMPLETE);
        StringBuilder text = new StringBuilder();
        for (byte[] segment : refresher
                .exposition()
                .scrape(new ScrapeRequest("", false, Set.of()), live, NOW)
                .segments()) {
            text.append(new String(segment, StandardCharsets.UTF_8));
        }
        Map<Series, Double> series = new HashMap<>();
        Exposed.parse(text.toString())
                .forEach(sample ->
                        series.put(new Series(sample.name(), sample.labels()), Double.valueOf(sample.value())));
        return series;
    }

    private static Map<Series, Double> of(FamilyDeclaration family, Map<Series, Double> all) {
        Map<Series, Double> found = new HashMap<>();
        all.forEach((series, value) -> {
            if (ShardSums.series(family).contains(series.name())) {
                found.put(series, value);
            }
        });
        return found;
    }

    /** Nothing was deployed yet, and nothing has waited, when the simulated server is looked at once. */
    private static final Set<String> OF_A_STORY = Set.of(
            "mlflow_last_deployment_timestamp_seconds", "mlflow_cost_per_deployed_version", "mlflow_run_queue_seconds");

    /** By the real clock, so that it is never the same twice. */
    private static final Set<String> MEASURED =
            Set.of("mlflow_exporter_resync_answer_seconds_total", "mlflow_exporter_resync_expected_seconds");

    @Test
    void everyFamilyOfTheShardsMakesUpTheWhole() throws Exception {
        try (SimulatedMlflow mlflow =
                SimulatedMlflow.start(SimulationOptions.defaults().withClock(CLOCK))) {
            Map<Series, Double> whole = scrape(mlflow, 0, 1);
            List<Map<Series, Double>> shards =
                    List.of(scrape(mlflow, 0, 3), scrape(mlflow, 1, 3), scrape(mlflow, 2, 3));
            for (FamilyDeclaration family : ShardSums.families()) {
                Map<Series, Double> expected = of(family, whole);
                Map<Series, Double> together = new HashMap<>();
                for (Map<Series, Double> shard : shards) {
                    of(family, shard)
                            .forEach((series, value) ->
                                    together.merge(series, value, (a, b) -> switch (ShardSums.operator(family.name())) {
                                        case "max" -> Math.max(a, b);
                                        case "min" -> Math.min(a, b);
                                        default -> a + b;
                                    }));
                }
                if (!OF_A_STORY.contains(family.name())) {
                    assertThat(together.keySet()).as(family.name()).isNotEmpty();
                }
                assertThat(together.keySet()).as(family.name()).isEqualTo(expected.keySet());
                if (MEASURED.contains(family.name())) {
                    continue;
                }
                expected.forEach((series, value) -> {
                    if (family.name().equals("mlflow_budget_forecast_ratio")) {
                        // Of each day the greater of two estimates is taken, by each shard for itself.
                        assertThat(together.get(series)).as("%s", series).isBetween(value * 0.8, value * 1.5);
                    } else {
                        assertThat(together.get(series))
                                .as("%s", series)
                                .isCloseTo(value, within(Math.abs(value) * 1e-9));
                    }
                });
            }
            assertThat(shards)
                    .allMatch(shard ->
                            of(runs(), shard).size() < of(runs(), whole).size());
        }
    }

    private static FamilyDeclaration runs() {
        return ShardSums.families().stream()
                .filter(family -> family.name().equals("mlflow_runs"))
                .findFirst()
                .orElseThrow();
    }

    /** So that other programs can tell which shard has an experiment, and no version ever moves one. */
    @Test
    void theShardOfAnExperimentIsItsIdsHash() {
        assertThat(List.of("0", "1", "2", "3", "a", "foobar").stream().map(id -> ShardedSource.shard(id, 1_000_000)))
                .containsExactlyElementsOf(List.of("0", "1", "2", "3", "a", "foobar").stream()
                        .map(ShardSumsTest::reference)
                        .toList());
        // Test vectors of the FNV authors: fnv1a_32("a") = e40c292c, fnv1a_32("foobar") = bf9cf968.
        assertThat(ShardedSource.shard("a", 1_000_000)).isEqualTo((int) (0xe40c292cL % 1_000_000));
        assertThat(ShardedSource.shard("foobar", 1_000_000)).isEqualTo((int) (0xbf9cf968L % 1_000_000));
    }

    private static int reference(String id) {
        long hash = 2166136261L;
        for (byte b : id.getBytes(StandardCharsets.UTF_8)) {
            hash = ((hash ^ (b & 0xff)) * 16777619L) & 0xffffffffL;
        }
        return (int) (hash % 1_000_000);
    }

    @Test
    void rulesAreFresh() throws IOException {
        if (Boolean.getBoolean("regenerate")) {
            Files.writeString(RULES, ShardSums.rules());
        }
        assertThat(RULES)
                .as("stale; run: mvn -q test -Dtest=ShardSumsTest -Dregenerate=true")
                .usingCharset(StandardCharsets.UTF_8)
                .hasContent(ShardSums.rules());
    }
}
