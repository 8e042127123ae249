package io.mlflowexporter.backfill;

import static org.assertj.core.api.Assertions.assertThat;

import io.mlflowexporter.config.Config;
import io.mlflowexporter.config.ConfigLoader;
import io.mlflowexporter.cost.CostModel;
import io.mlflowexporter.cost.pricing.PricingFileLoader;
import io.mlflowexporter.demo.SimulatedMlflow;
import io.mlflowexporter.demo.life.DemoPricingFile;
import io.mlflowexporter.demo.life.SimulationOptions;
import io.mlflowexporter.kpi.KpiFile;
import io.mlflowexporter.mlflow.MlflowSource;
import io.mlflowexporter.mlflow.rest.RestMlflowSource;
import io.mlflowexporter.pipeline.Engines;
import io.mlflowexporter.refresh.RefreshBench;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is written of the past is what an exporter says then, or would have said. */
final class BackfillTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final Duration HOUR = Duration.ofHours(1);

    private final AtomicReference<Instant> clock = new AtomicReference<>(NOW);
    private Map<String, String> settings = Map.of();

    @BeforeEach
    void costs() throws Exception {
        settings = Map.of(
                "cost.file",
                DemoPricingFile.file(LocalDate.ofInstant(NOW, ZoneOffset.UTC)).toString());
    }

    private SimulatedMlflow mlflow(boolean workspaces) throws Exception {
        return SimulatedMlflow.start(
                SimulationOptions.defaults().withClock(clock::get).withWorkspaces(workspaces));
    }

    private String backfill(SimulatedMlflow mlflow, Predicate<String> families, BackfillTimes... pieces)
            throws Exception {
        Map<String, String> all = new HashMap<>(settings);
        all.put("mlflow.tracking_uri", mlflow.uri().toString());
        all.put("mlflow.max_requests_per_second", "10000");
        Config config = ConfigLoader.load(Optional.empty(), Map.of(), all).config();
        Optional<CostModel> model = Optional.of(
                CostModel.of(PricingFileLoader.load(config.cost().file().orElseThrow())));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (MlflowSource source = RestMlflowSource.open(config.mlflow(), new PrometheusRegistry(), clock::get)) {
            Backfill.read(
                            config,
                            source,
                            () -> Engines.of(config, () -> model, KpiFile.EMPTY),
                            clock.get(),
                            new Backfill.Selection(families, false),
                            line -> {})
                    .write(List.of(pieces), new TreeMap<>(), piece -> out, (done, total) -> {});
        }
        return out.toString(StandardCharsets.UTF_8);
    }

    /** Unix seconds to series to value. */
    private static NavigableMap<Long, Map<String, Double>> read(String text) {
        NavigableMap<Long, Map<String, Double>> times = new TreeMap<>();
        for (String line : text.lines().filter(it -> !it.startsWith("#")).toList()) {
            int time = line.lastIndexOf(' ');
            int value = line.lastIndexOf(' ', time - 1);
            Double twice = times.computeIfAbsent(Long.parseLong(line.substring(time + 1)), t -> new HashMap<>())
                    .put(line.substring(0, value), Double.parseDouble(line.substring(value + 1, time)));
            assertThat(twice).as(line).isNull();
        }
        return times;
    }

    /** What a scrape says of families that can be told of the past. */
    private static Map<String, Double> scraped(String text, Set<String> families) {
        Map<String, Double> series = new HashMap<>();
        for (String line : text.lines().filter(it -> !it.startsWith("#")).toList()) {
            int value = line.lastIndexOf(' ');
            // Aliases are of the present; so are KPIs that follow one.
            boolean ofAlias = line.startsWith("mlflow_kpi") && !line.contains("model=\"\"") && line.contains("model=");
            if (families.contains(family(line)) && !ofAlias) {
                series.put(line.substring(0, value), Double.parseDouble(line.substring(value + 1)));
            }
        }
        return series;
    }

    private static String family(String series) {
        return series.replaceFirst("[{ ].*", "");
    }

    private static Set<String> families(Map<String, Double> series) {
        Set<String> names = new HashSet<>();
        series.keySet().forEach(one -> names.add(family(one)));
        return names;
    }

    @Test
    void endsWithWhatAnExporterThatStartsThenSays() throws Exception {
        for (boolean workspaces : new boolean[] {false, true}) {
            settings = new LinkedHashMap<>(settings);
            if (workspaces) {
                settings.put("mlflow.workspaces", "*");
            }
            try (SimulatedMlflow mlflow = mlflow(workspaces);
                    RefreshBench exporter = new RefreshBench(mlflow.uri(), settings)) {
                exporter.refresh(Duration.ZERO);
                Map<String, Double> last = read(backfill(
                                mlflow, name -> true, new BackfillTimes(NOW.minus(HOUR), NOW, HOUR)))
                        .lastEntry()
                        .getValue();
                assertThat(differences(last, scraped(exporter.scrape(), families(last))))
                        .isEmpty();
                assertThat(families(last))
                        .contains(
                                "mlflow_runs",
                                "mlflow_runs_stale",
                                "mlflow_run_duration_seconds_bucket",
                                "mlflow_step_duration_seconds_sum",
                                "mlflow_compute_spend_total",
                                "mlflow_compute_cost",
                                "mlflow_cost_forecast",
                                "mlflow_budget_spent_ratio",
                                "mlflow_model_versions_created_total",
                                "mlflow_kpi")
                        .doesNotContain("mlflow_up", "mlflow_deployments_total", "mlflow_model_alias_info");
            }
        }
    }

    @Test
    void saysOfThePastWhatAnExporterSaidThen() throws Exception {
        try (SimulatedMlflow mlflow = mlflow(false);
                RefreshBench exporter = new RefreshBench(mlflow.uri(), settings)) {
            exporter.refresh(Duration.ZERO);
            Set<String> exact = Set.of(
                    "mlflow_experiment_created_timestamp_seconds",
                    "mlflow_registered_model_created_timestamp_seconds",
                    "mlflow_model_versions_created_total",
                    "mlflow_runs_started_total",
                    "mlflow_runs_ended_total",
                    "mlflow_run_duration_seconds_bucket",
                    "mlflow_run_duration_seconds_count",
                    "mlflow_oldest_active_run_age_seconds",
                    "mlflow_price_per_hour");
            Map<String, Double> said = scraped(exporter.scrape(), exact);
            // The world goes on: runs end and start, versions are made, some runs are deleted.
            clock.set(NOW.plus(Duration.ofHours(30)));
            Map<String, Double> told = read(backfill(mlflow, name -> true, new BackfillTimes(NOW, clock.get(), HOUR)))
                    .firstEntry()
                    .getValue();
            // One run of the demo has a start in the future, by a clock that is ahead: it is told from then on.
            assertThat(differences(scraped(text(told), exact), said))
                    .containsExactly(
                            "mlflow_oldest_active_run_age_seconds{experiment=\"bikes\",phase=\"other\"} told null, said 0.0",
                            "mlflow_runs_started_total{experiment=\"bikes\",phase=\"other\"} told 194.0, said 195.0");
        }
    }

    /** Each series that is not the same in both. */
    private static List<String> differences(Map<String, Double> told, Map<String, Double> said) {
        Set<String> all = new TreeSet<>(told.keySet());
        all.addAll(said.keySet());
        return all.stream()
                .filter(name -> !Objects.equals(told.get(name), said.get(name)))
                .map(name -> name + " told " + told.get(name) + ", said " + said.get(name))
                .toList();
    }

    private static String text(Map<String, Double> series) {
        StringBuilder text = new StringBuilder();
        series.forEach(
                (name, value) -> text.append(name).append(' ').append(value).append('\n'));
        return text.toString();
    }

    @Test
    void countersNeverFallAndPiecesAreOneHistory() throws Exception {
        try (SimulatedMlflow mlflow = mlflow(false)) {
            BackfillTimes steps = new BackfillTimes(NOW.minus(Duration.ofDays(50)), NOW, Duration.ofDays(1));
            Predicate<String> some = name -> name.endsWith("_total") || name.endsWith("_duration_seconds");
            String whole = backfill(mlflow, some, steps);
            NavigableMap<Long, Map<String, Double>> times = read(whole);
            assertThat(times.size()).isEqualTo((int) steps.count());
            Map<String, Double> before = new HashMap<>();
            times.forEach((time, series) -> {
                series.forEach((name, value) -> assertThat(value)
                        .as("%s at %s", name, time)
                        .isGreaterThanOrEqualTo(before.getOrDefault(name, 0.0)));
                assertThat(series.keySet().containsAll(before.keySet()))
                        .as("at %s", time)
                        .isTrue();
                before.putAll(series);
            });
            String pieces =
                    backfill(mlflow, some, steps.split(Duration.ofDays(9)).toArray(BackfillTimes[]::new));
            assertThat(pieces.lines().filter(line -> line.equals("# EOF"))).hasSize(6);
            assertThat(read(pieces).equals(times)).isTrue();
        }
    }

    @Test
    void everyFamilyIsToldOrLeftOutWithAReason() throws Exception {
        String page = Files.readString(Path.of("docs", "backfill.md"));
        try (SimulatedMlflow mlflow = mlflow(false);
                RefreshBench exporter = new RefreshBench(mlflow.uri(), settings)) {
            exporter.refresh(Duration.ZERO);
            String text = backfill(mlflow, name -> true, new BackfillTimes(NOW, NOW, HOUR));
            Set<String> told = families(read(text).lastEntry().getValue());
            exporter.scrape()
                    .lines()
                    .filter(line -> line.startsWith("mlflow_") && !line.startsWith("mlflow_exporter_"))
                    .map(BackfillTest::family)
                    .filter(name -> !told.contains(name))
                    .map(name -> name.replaceFirst("_(bucket|count|sum)$", ""))
                    .forEach(name -> assertThat(page).as("left out").contains("`" + name + "`"));
        }
    }
}
