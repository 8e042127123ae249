package io.mlflowexporter.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.mlflowexporter.config.ConfigLoader;
import io.mlflowexporter.cost.CostModel;
import io.mlflowexporter.kpi.KpiFile;
import io.mlflowexporter.reload.ReloadAnswer;
import io.mlflowexporter.reload.Reloads;
import io.mlflowexporter.settings.SettingsException;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files are taken over when they change or when somebody asks; each is all or nothing. */
final class ReloadedFilesTest {
    private static final String GOOD = """
            currency: EUR
            resources: [{name: a, prices: [{per_hour: 1}]}]
            default_uses: [{resource: a}]
            """;
    private static final String BAD = """
            resources: [{name: a, prices: [{per_hour: -1}]}]
            rules: [{user: [u]}]
            """;
    private static final String KPIS = "kpis: [{name: loss, value: loss}]\n";

    @TempDir
    private Path directory;

    private final PrometheusRegistry registry = new PrometheusRegistry();
    private final AtomicLong nanos = new AtomicLong();
    private Instant now = Instant.parse("2026-03-01T12:00:00Z");
    private final Reloads reloads = new Reloads(registry, () -> now, nanos::get);
    private Path book = Path.of("");
    private Path kpis = Path.of("");

    @BeforeEach
    void files() throws IOException {
        book = Files.writeString(directory.resolve("book.yaml"), GOOD);
        kpis = Files.writeString(directory.resolve("kpis.yaml"), KPIS);
    }

    private ReloadedFiles both() throws SettingsException {
        Map<String, String> named = Map.of("cost.file", book.toString(), "kpi.file", kpis.toString());
        return new ReloadedFiles(ConfigLoader.load(Optional.empty(), Map.of(), named), reloads);
    }

    private double gauge(String name) {
        return registry.scrape(metric -> metric.equals(name)).stream()
                .map(GaugeSnapshot.class::cast)
                .findFirst()
                .orElseThrow()
                .getDataPoints()
                .get(0)
                .getValue();
    }

    private double count(String file, String outcome) {
        return registry.scrape(metric -> metric.equals("mlflow_exporter_file_reloads")).stream()
                .flatMap(family -> ((CounterSnapshot) family).getDataPoints().stream())
                .filter(point -> file.equals(point.getLabels().get("file"))
                        && outcome.equals(point.getLabels().get("outcome")))
                .findFirst()
                .orElseThrow()
                .getValue();
    }

    private double successful() {
        return gauge("mlflow_exporter_config_last_reload_successful");
    }

    private Instant successTime() {
        return Instant.ofEpochSecond((long) gauge("mlflow_exporter_config_last_reload_success_timestamp_seconds"));
    }

    private void later() {
        nanos.addAndGet(Duration.ofSeconds(1).toNanos());
        now = now.plusSeconds(1);
    }

    @Test
    void aReloadTakesAllFilesOver() throws IOException, SettingsException {
        ReloadedFiles files = both();
        Optional<CostModel> first = files.prices();
        assertThat(successful()).isEqualTo(1);
        assertThat(successTime()).isEqualTo(now);

        later();
        Files.writeString(book, GOOD + "budgets: [{name: b, amount: 1}]\n");
        Files.writeString(kpis, "kpis: []\n");
        ReloadAnswer answer = reloads.reload();

        assertThat(answer)
                .isEqualTo(new ReloadAnswer(
                        true,
                        "reloaded " + book + ": 1 resource, 0 rules, 1 budget, 0 overheads\nreloaded " + kpis
                                + ": 0 KPIs"));
        assertThat(files.prices()).isPresent().isNotEqualTo(first);
        assertThat(files.kpis()).isEqualTo(KpiFile.EMPTY);
        assertThat(successTime()).isEqualTo(now);
        assertThat(count("pricing", "done")).isEqualTo(1);
        assertThat(count("kpi", "done")).isEqualTo(1);
    }

    @Test
    void aChangeIsTakenOverWithoutBeingAskedFor() throws IOException, SettingsException {
        ReloadedFiles files = both();
        Optional<CostModel> first = files.prices();

        Files.writeString(book, GOOD + "budgets: [{name: b, amount: 1}]\n");
        Files.writeString(kpis, "kpis: []\n");
        assertThat(files.prices()).as("within a second").isEqualTo(first);
        later();

        assertThat(files.prices()).isPresent().isNotEqualTo(first);
        assertThat(files.kpis()).isEqualTo(KpiFile.EMPTY);
    }

    @Test
    void aBadOneLeavesItInForceAndTellsEveryProblem() throws IOException, SettingsException {
        ReloadedFiles files = both();
        Optional<CostModel> first = files.prices();
        Instant start = now;

        later();
        Files.writeString(book, BAD);
        assertThat(files.prices()).isEqualTo(first);
        later();
        assertThat(files.prices()).isEqualTo(first);
        assertThat(count("pricing", "failed")).as("told once").isEqualTo(1);

        String refused = """
                book.yaml:1: resources[0].prices[0].per_hour: "-1" is negative or no number
                book.yaml:2: rules[0].uses: is missing: the rule names no resource; write [] if such runs cost nothing
                not reloaded; what was read before stays in force
                reloaded kpis.yaml: 1 KPI""";
        ReloadAnswer answer = reloads.reload();
        assertThat(answer.done()).isFalse();
        assertThat(answer.text().replace(directory + "/", "")).isEqualTo(refused);
        assertThat(successful()).isZero();
        assertThat(count("pricing", "failed")).isEqualTo(2);

        Files.delete(book);
        assertThat(reloads.reload().text()).contains("book.yaml: no such file");
        assertThat(files.prices()).isEqualTo(first);

        Files.writeString(book, GOOD);
        assertThat(reloads.reload().done()).isTrue();
        assertThat(successful()).isEqualTo(1);
        assertThat(successTime()).isEqualTo(now).isAfter(start);
    }

    @Test
    void withoutFilesThereIsNothingToReload() throws SettingsException {
        ReloadedFiles none = new ReloadedFiles(ConfigLoader.load(Optional.empty(), Map.of(), Map.of()), reloads);

        assertThat(none.prices()).isEmpty();
        assertThat(none.kpis()).isEqualTo(KpiFile.EMPTY);
        assertThat(reloads.reload())
                .isEqualTo(new ReloadAnswer(true, "nothing to reload: no setting names a file that is read again"));
        assertThat(successful()).isEqualTo(1);
    }
}
