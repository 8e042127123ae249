package io.mlflowexporter.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.mlflowexporter.catalog.Catalog;
import io.mlflowexporter.catalog.sync.IncrementalSynchronizer;
import io.mlflowexporter.catalog.sync.MlflowWriter;
import io.mlflowexporter.config.Config;
import io.mlflowexporter.config.ConfigLoader;
import io.mlflowexporter.cost.pricing.PricingFileLoader;
import io.mlflowexporter.demo.SimulatedMlflow;
import io.mlflowexporter.demo.life.SimulationOptions;
import io.mlflowexporter.mlflow.rest.RestMlflowSource;
import io.mlflowexporter.testing.Exposed;
import io.mlflowexporter.testing.MlflowServer;
import io.mlflowexporter.testing.PythonEnvironment;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The examples of docs/cost-model.md, "How long a run was busy", executed by an MLflow server: the runs are written to it as
 * clients do, step by step, and read over REST.
 */
final class BusyTimeIT {
    private static final Pattern SECTION = Pattern.compile("(?ms)^## How long a run was busy\n(.*?)(?=^## )");
    private static final Pattern BLOCK = Pattern.compile("(?ms)^```(yaml|csv|prometheus)\n(.*?)^```$");
    private static final Pattern AS_OF = Pattern.compile("# As of (\\S+)");

    @TempDir
    private Path directory;

    private Instant now = Instant.EPOCH;
    private final Map<String, String> experiments = new HashMap<>();
    private final Map<String, String> runs = new HashMap<>();
    private final Map<String, String> statuses = new HashMap<>();

    @Test
    void theSimulatedServer() throws Exception {
        SimulationOptions options = SimulationOptions.defaults().withRuns(0).withClock(() -> now);
        try (SimulatedMlflow server = SimulatedMlflow.start(options)) {
            execute(server.uri());
        }
    }

    @Test
    void mlflow3() throws Exception {
        real(PythonEnvironment.MLFLOW3);
    }

    @Test
    void mlflow2() throws Exception {
        real(PythonEnvironment.MLFLOW2);
    }

    private void real(PythonEnvironment python) throws Exception {
        python.python();
        try (MlflowServer server = MlflowServer.start(python)) {
            execute(server.uri());
        }
    }

    private void execute(URI uri) throws Exception {
        Matcher section = SECTION.matcher(Files.readString(Path.of("docs/cost-model.md")));
        assertThat(section.find()).isTrue();
        Matcher block = BLOCK.matcher(section.group(1));
        assertThat(block.find()).isTrue();
        CostModel model =
                CostModel.of(PricingFileLoader.load(Files.writeString(directory.resolve("book.yaml"), block.group(2))));
        Config config = ConfigLoader.load(Optional.empty(), Map.of(), Map.of("mlflow.tracking_uri", uri.toString()))
                .config();
        MlflowWriter writer = new MlflowWriter(uri);
        Ledger ledger = new Ledger(() -> Optional.of(model));
        Catalog catalog = new Catalog();
        try (RestMlflowSource source = RestMlflowSource.open(config.mlflow(), new PrometheusRegistry(), () -> now)) {
            IncrementalSynchronizer synchronizer =
                    new IncrementalSynchronizer(source, config.sync(), ledger::needs, () -> now);
            int shown = 0;
            while (block.find()) {
                if (block.group(1).equals("csv")) {
                    write(writer, block.group(2));
                } else {
                    Matcher asOf = AS_OF.matcher(block.group(2));
                    assertThat(asOf.lookingAt()).isTrue();
                    now = Scenario.instant(asOf.group(1));
                    synchronizer.tracking(source.workspaces(), catalog, (step, done, total, read) -> {});
                    Ledger.Report report = ledger.refresh(catalog, now.toEpochMilli(), Costs.RULES);
                    shows(Costs.scrape(report.families(), false), block.group(2));
                    shown++;
                }
            }
            assertThat(shown).isGreaterThanOrEqualTo(5);
        }
    }

    private void write(MlflowWriter writer, String table) {
        List<String> lines = table.lines().toList();
        String[] columns = lines.get(0).split(",", -1);
        for (String line : lines.subList(1, lines.size())) {
            String[] cells = line.split(",", -1);
            Map<String, String> row = new HashMap<>();
            for (int i = 0; i < columns.length; i++) {
                row.put(columns[i], cells[i]);
            }
            String name = row.getOrDefault("run", "");
            String experiment =
                    experiments.computeIfAbsent(row.getOrDefault("experiment", "churn"), writer::experiment);
            String run = runs.computeIfAbsent(name, n -> writer.run(experiment, "training", millis(row, "start")));
            String status = row.getOrDefault("status", "").toUpperCase(java.util.Locale.ROOT);
            if (!status.equals(statuses.put(name, status))) {
                writer.status(run, status, millis(row, "end"));
            }
            if (millis(row, "last_metric") != 0) {
                writer.metric(run, "loss", 0.5, millis(row, "last_metric"));
            }
        }
    }

    private static long millis(Map<String, String> row, String column) {
        String time = row.getOrDefault(column, "");
        return time.isEmpty() ? 0 : Scenario.instant(time).toEpochMilli();
    }

    private static void shows(String scrape, String expected) {
        Map<String, Double> served = samples(scrape);
        samples(expected).forEach((series, value) -> {
            assertThat(served).as(scrape).containsKey(series);
            assertThat(served.get(series)).as(series).isCloseTo(value, within(1e-9 * Math.max(1, value)));
        });
    }

    private static Map<String, Double> samples(String text) {
        Map<String, Double> samples = new HashMap<>();
        Exposed.parse(text)
                .forEach(sample -> samples.put(
                        sample.name() + new java.util.TreeMap<>(sample.labels()), Double.parseDouble(sample.value())));
        return samples;
    }
}
