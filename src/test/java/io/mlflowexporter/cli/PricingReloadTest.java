package io.mlflowexporter.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.mlflowexporter.cost.CostModel;
import io.mlflowexporter.cost.pricing.PricingFileLoader;
import io.mlflowexporter.settings.SettingsException;
import io.mlflowexporter.web.pages.ReloadAnswer;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A reload is all or nothing. */
final class PricingReloadTest {
    private static final String GOOD = """
            currency: EUR
            resources: [{name: a, prices: [{per_hour: 1}]}]
            default_uses: [{resource: a}]
            """;

    @TempDir
    private Path directory;

    private final PrometheusRegistry registry = new PrometheusRegistry();
    private Instant now = Instant.parse("2026-03-01T12:00:00Z");
    private Path file = Path.of("");

    @BeforeEach
    void file() {
        file = directory.resolve("book.yaml");
    }

    private PricingReload holder() throws IOException, SettingsException {
        Files.writeString(file, GOOD);
        return new PricingReload(Optional.of(PricingFileLoader.load(file)), registry, () -> now);
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

    private double successful() {
        return gauge("mlflow_exporter_config_last_reload_successful");
    }

    private Instant successTime() {
        return Instant.ofEpochSecond((long) gauge("mlflow_exporter_config_last_reload_success_timestamp_seconds"));
    }

    @Test
    void aGoodBookReplacesTheOneInForce() throws IOException, SettingsException {
        PricingReload holder = holder();
        Optional<CostModel> first = holder.model();
        Instant start = now;
        assertThat(first).isPresent();
        assertThat(successful()).isEqualTo(1);
        assertThat(successTime()).isEqualTo(start);

        now = now.plusSeconds(60);
        Files.writeString(file, GOOD + "budgets: [{name: b, amount: 1}]\n");
        ReloadAnswer answer = holder.reload();

        assertThat(answer)
                .isEqualTo(new ReloadAnswer(true, "reloaded " + file + ": 1 resource, 0 rules, 1 budget, 0 overheads"));
        assertThat(holder.model()).isPresent().isNotEqualTo(first);
        assertThat(successTime()).isEqualTo(now);
    }

    @Test
    void aBadOneLeavesItInForceAndTellsEveryProblem() throws IOException, SettingsException {
        PricingReload holder = holder();
        Optional<CostModel> first = holder.model();
        Instant start = now;

        now = now.plusSeconds(60);
        Files.writeString(file, "resources: [{name: a, prices: [{per_hour: -1}]}]\nrules: [{user: [u]}]\n");
        ReloadAnswer answer = holder.reload();

        assertThat(answer.done()).isFalse();
        assertThat(answer.text().replace(directory + "/", "")).isEqualTo("""
                book.yaml:1: resources[0].prices[0].per_hour: "-1" is negative or no number
                book.yaml:2: rules[0].uses: is missing: the rule names no resource; write [] if such runs cost nothing
                not reloaded; the cost book read before stays in force""");
        assertThat(holder.model()).isEqualTo(first);
        assertThat(successful()).isZero();
        assertThat(successTime()).isEqualTo(start);

        Files.delete(file);
        assertThat(holder.reload().text()).contains("book.yaml: no such file");
        assertThat(holder.model()).isEqualTo(first);

        Files.writeString(file, GOOD);
        assertThat(holder.reload().done()).isTrue();
        assertThat(successful()).isEqualTo(1);
        assertThat(successTime()).isEqualTo(now);
    }

    @Test
    void withoutABookThereIsNothingToReload() {
        PricingReload holder = new PricingReload(Optional.empty(), registry, () -> now);

        assertThat(holder.model()).isEmpty();
        assertThat(holder.reload()).isEqualTo(new ReloadAnswer(true, "nothing to reload: cost.file is not set"));
        assertThat(successful()).isEqualTo(1);
    }
}
