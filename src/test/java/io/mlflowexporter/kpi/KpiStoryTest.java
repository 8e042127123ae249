package io.mlflowexporter.kpi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mlflowexporter.catalog.Catalog;
import io.mlflowexporter.catalog.sync.FullSynchronizer;
import io.mlflowexporter.config.Config;
import io.mlflowexporter.config.ConfigLoader;
import io.mlflowexporter.cost.WindowCost;
import io.mlflowexporter.metric.Family.Value;
import io.mlflowexporter.mlflow.Run;
import io.mlflowexporter.mlflow.RunStatus;
import io.mlflowexporter.settings.SettingsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a scrape tells of KPIs after these runs logged these metrics. */
final class KpiStoryTest {
    private static final Instant NOW = Instant.parse("2026-03-31T00:00:00Z");
    private static final long HOUR = 3_600_000;

    @TempDir
    private Path directory;

    private final MetricsMlflow mlflow = new MetricsMlflow();
    private List<WindowCost> costs = List.of();
    private Kpis.Report report = new Kpis.Report(List.of(), KpiOverview.NOTHING);

    private static WindowCost cost(String window, String experiment, String phase, String currency, double amount) {
        return new WindowCost("", window, experiment, phase, "finished", currency, amount);
    }

    private static long hoursAgo(long hours) {
        return NOW.toEpochMilli() - hours * HOUR;
    }

    private KpiFile book(String yaml) throws Exception {
        return KpiFileLoader.load(Files.writeString(directory.resolve("kpis.yaml"), yaml));
    }

    private void look(KpiFile book, boolean builtIn) throws Exception {
        look(Kpis.of(book, builtIn), new Catalog());
    }

    private void look(Kpis kpis, Catalog catalog) throws Exception {
        Config config = ConfigLoader.defaults();
        FullSynchronizer synchronizer = new FullSynchronizer(mlflow, config, kpis::needs, () -> NOW);
        synchronizer.tracking(List.of(""), catalog, (step, done, total, read) -> {});
        synchronizer.registry(List.of(""), catalog);
        report = kpis.refresh(catalog, NOW.toEpochMilli(), costs);
    }

    /** The samples of a family, a line each: labels and value. */
    private String says(String family) {
        return report.families().stream()
                .filter(it -> it.declaration().name().equals(family))
                .flatMap(it -> it.samples().stream())
                .map(Value.class::cast)
                .map(value -> String.join(" ", value.labelValues()).replaceAll(" +", " ") + " " + value.value())
                .sorted()
                .collect(Collectors.joining("\n"));
    }

    @Test
    void aWellKnownMetricIsAKpiWhereItIsLogged() throws Exception {
        mlflow.run("r1", "churn", hoursAgo(48), "accuracy", 0.75);
        mlflow.run("r2", "churn", hoursAgo(24), "accuracy", 0.5);
        mlflow.run("r3", "churn", hoursAgo(24 * 40), "accuracy", 0.99);
        mlflow.run("r4", "bikes", hoursAgo(1), "loss", 1.0);
        look(KpiFile.EMPTY, true);

        assertThat(says("mlflow_kpi")).isEqualTo("""
                accuracy churn best 0.75
                accuracy churn latest 0.5
                accuracy churn mean 0.625""");
        assertThat(says("mlflow_kpi_target")).isEmpty();
        assertThat(says("mlflow_kpi_target_met")).isEmpty();
        assertThat(says("mlflow_kpi_observed_timestamp_seconds"))
                .contains("latest " + hoursAgo(24) / 1000.0, "best " + hoursAgo(48) / 1000.0);
        assertThat(report.overview().idle()).isEmpty();

        look(KpiFile.EMPTY, false);
        assertThat(says("mlflow_kpi")).isEmpty();
    }

    @Test
    void anotherFileIsInForceFromTheNextReadingOn() throws Exception {
        mlflow.run("r1", "shop", hoursAgo(3), "clicks", 5.0, "views", 8.0);
        AtomicReference<KpiFile> file =
                new AtomicReference<>(book("kpis: [{name: a, value: clicks, target: 4, select: [latest]}]\n"));
        Kpis kpis = new Kpis(file::get, false);
        Catalog catalog = new Catalog();
        look(kpis, catalog);
        assertThat(says("mlflow_kpi")).isEqualTo("a shop latest 5.0");

        file.set(book("kpis: [{name: b, value: views, target: 3, select: [latest]}]\n"));
        report = kpis.refresh(catalog, NOW.toEpochMilli(), costs);
        assertThat(says("mlflow_kpi")).as("its metric is not read yet").isEqualTo("a shop latest 5.0");

        look(kpis, catalog);
        assertThat(says("mlflow_kpi")).isEqualTo("b shop latest 8.0");
        assertThat(says("mlflow_kpi_target")).isEqualTo("b 3.0");
    }

    @Test
    void aRatioHasATargetAndZeroImpressionsHaveNoValue() throws Exception {
        mlflow.run("r1", "shop", hoursAgo(3), "clicks", 5.0, "impressions", 100.0);
        mlflow.run("r2", "shop", hoursAgo(2), "clicks", 3.0, "impressions", 100.0);
        mlflow.run("r3", "shop", hoursAgo(1), "clicks", 0.0, "impressions", 0.0);
        mlflow.run("r4", "shop", hoursAgo(1), "clicks", Double.NaN, "impressions", 9.0);
        mlflow.run("r5", "shop", hoursAgo(1), "clicks", 7.0);
        look(book("""
                kpis:
                  - {name: ctr, value: clicks / impressions, target: 0.04}
                """), false);

        assertThat(says("mlflow_kpi")).isEqualTo("""
                ctr shop best 0.05
                ctr shop latest 0.03
                ctr shop mean 0.04""");
        assertThat(says("mlflow_kpi_target")).isEqualTo("ctr 0.04");
        assertThat(says("mlflow_kpi_target_met")).isEqualTo("""
                ctr shop best 1.0
                ctr shop latest 0.0
                ctr shop mean 1.0""");
        assertThat(says("mlflow_kpi_unusable_runs")).isEqualTo("""
                ctr division_by_zero 1.0
                ctr not_finite 1.0""");
        assertThat(report.overview().values())
                .filteredOn(value -> value.selector().equals("best"))
                .extracting(KpiOverview.KpiValue::run)
                .containsExactly("r1 r1");
    }

    @Test
    void anImprovementHasItsPriceInPoints() throws Exception {
        costs = List.of(
                cost("7d", "churn", "training", "EUR", 30),
                cost("7d", "churn", "tuning", "EUR", 10),
                cost("30d", "churn", "training", "EUR", 90),
                cost("30d", "churn", "training", "USD", 9),
                cost("30d", "bikes", "training", "EUR", 8),
                cost("1d", "churn", "training", "EUR", 1),
                cost("7d", "new", "training", "EUR", 1));
        mlflow.run("r1", "churn", hoursAgo(24 * 40), "accuracy", 0.5);
        mlflow.run("r2", "churn", hoursAgo(24 * 10), "accuracy", 0.75);
        mlflow.run("r3", "churn", hoursAgo(24), "accuracy", 0.625);
        // Lower is better, and a unit of its own.
        mlflow.run("b1", "bikes", hoursAgo(24 * 31), "rmse", 60.0);
        mlflow.run("b2", "bikes", hoursAgo(1), "rmse", 56.0);
        // Better by rounding only.
        mlflow.run("b3", "bikes", hoursAgo(24 * 31), "mae", 0.3);
        mlflow.run("b4", "bikes", hoursAgo(1), "mae", 0.1 * 3 - 1e-16);
        // Better by a hair.
        mlflow.run("b5", "bikes", hoursAgo(24 * 31), "r2", 0.9);
        mlflow.run("b6", "bikes", hoursAgo(1), "r2", 0.9005);
        // Nothing to compare with.
        mlflow.run("n1", "new", hoursAgo(1), "accuracy", 0.9);
        look(KpiFile.EMPTY, true);

        assertThat(says("mlflow_kpi_cost_per_point")).isEqualTo("""
                30d accuracy churn EUR 3.6
                30d accuracy churn USD 0.36
                30d rmse bikes EUR 2.0""");
    }

    @Test
    void theLeastImprovementThatCountsCanBeTold() throws Exception {
        costs = List.of(cost("30d", "churn", "training", "EUR", 90));
        mlflow.run("r1", "churn", hoursAgo(24 * 40), "accuracy", 0.91, "recall", 0.91);
        mlflow.run("r2", "churn", hoursAgo(24), "accuracy", 0.92, "recall", 0.9101);
        look(book("""
                kpis:
                  - {name: a, value: accuracy, unit: ratio, least_improvement: 0.01}
                  - {name: b, value: accuracy, unit: ratio, least_improvement: 0.02}
                  - {name: c, value: recall, unit: ratio}
                  - {name: d, value: recall, unit: ratio, least_improvement: 0}
                """), false);
        assertThat(says("mlflow_kpi_cost_per_point").lines().map(line -> line.replaceAll(" [0-9.]+$", "")))
                .containsExactly("30d a churn EUR", "30d d churn EUR");

        assertThatThrownBy(() -> book("""
                kpis:
                  - {name: a, value: accuracy, least_improvement: -1}
                """)).hasMessageContaining("least_improvement: \"-1\" is negative");
    }

    @Test
    void whatAKpiIsAboutIsTold() throws Exception {
        mlflow.run("r1", "churn", hoursAgo(1), "accuracy", 0.91);
        look(book("""
                kpis:
                  - {name: ctr, description: Clicks, subject: data_quality, value: clicks, unit: '%', direction: lower}
                """), true);
        assertThat(says("mlflow_kpi_definition_info")).isEqualTo("""
                accuracy accuracy ratio higher 1.0
                ctr data_quality % lower 1.0""");
        assertThat(report.overview().values())
                .extracting(KpiOverview.KpiValue::subject)
                .containsOnly("accuracy");
    }

    @Test
    void whereLowerIsBetterTheLeastIsBestAndTheTargetAtMost() throws Exception {
        mlflow.run("r1", "bikes", hoursAgo(2), "rmse", 50.0);
        mlflow.run("r2", "bikes", hoursAgo(1), "rmse", 70.0);
        look(book("""
                kpis:
                  - {name: rmse, value: rmse, direction: lower, target: 60, select: [latest, best]}
                """), true);

        assertThat(says("mlflow_kpi_target_met")).isEqualTo("""
                rmse bikes best 1.0
                rmse bikes latest 0.0""");
        assertThat(says("mlflow_kpi")).isEqualTo("""
                rmse bikes best 50.0
                rmse bikes latest 70.0""");
    }

    @Test
    void anAliasTellsTheValueOfItsVersionsRun() throws Exception {
        mlflow.run("r1", "churn", hoursAgo(24 * 90), "f1_score", 0.7);
        mlflow.run("r2", "churn", hoursAgo(1), "f1_score", 0.75);
        mlflow.version("m", "1", "r1");
        mlflow.version("m", "2", "r2");
        mlflow.alias("m", "champion", "1");
        mlflow.alias("m", "challenger", "2");
        mlflow.alias("m", "gone", "7");
        look(book("""
                kpis:
                  - {name: f1, value: f1_score, select: [], aliases: ["*"]}
                """), false);

        assertThat(says("mlflow_kpi")).isEqualTo("""
                f1 churn m challenger 0.75
                f1 churn m champion 0.7""");
    }

    @Test
    void whatOnlyAnAliasTellsIsAKpiTooWhoseRunFailed() throws Exception {
        mlflow.put(
                "r1", "churn", hoursAgo(1), RunStatus.FAILED, Map.of("f1_score", new Run.Metric(0.7, hoursAgo(1), 0)));
        mlflow.version("m", "1", "r1");
        mlflow.alias("m", "champion", "1");
        look(book("""
                kpis:
                  - {name: own, value: f1_score}
                """), true);

        assertThat(says("mlflow_kpi_definition_info")).isEqualTo("""
                f1 accuracy ratio higher 1.0
                own business higher 1.0""");
        assertThat(report.overview().idle()).isEmpty();
    }

    @Test
    void scopeAndPatternsNarrow() throws Exception {
        mlflow.run("r1", "shop-a", hoursAgo(1), "VAL/acc", 0.5);
        mlflow.run("r2", "shop-b", hoursAgo(1), "val/acc", 0.6);
        mlflow.run("r3", "test", hoursAgo(1), "val/acc", 0.1);
        look(book("""
                kpis:
                  - {name: error, value: '1 - "val/*"', experiment: ["shop-*"], select: [latest]}
                """), false);

        assertThat(says("mlflow_kpi")).isEqualTo("""
                error shop-a latest 0.5
                error shop-b latest 0.4""");
    }

    @Test
    void aKpiThatNobodyLogsIsNamed() throws Exception {
        mlflow.run("r1", "shop", hoursAgo(1), "clicks", 5.0);
        look(book("""
                kpis:
                  - {name: churn_rate, value: churned / customers}
                """), true);

        assertThat(report.overview().idle())
                .singleElement()
                .asString()
                .contains("kpi churn_rate", "kpis.yaml:2", "churned / customers");
    }

    @Test
    void everyMistakeInTheFileIsToldWithItsLine() {
        assertThatThrownBy(() -> book("""
                kpis:
                  - {name: a, value: clicks /}
                  - {name: B!, value: x}
                  - {name: c, value: x, direktion: lower}
                  - {name: d}
                """))
                .isInstanceOfSatisfying(
                        SettingsException.class,
                        e -> assertThat(e.problems())
                                .extracting(Object::toString)
                                .satisfiesExactlyInAnyOrder(
                                        line -> assertThat(line).contains("kpis.yaml:2", "kpis[0].value"),
                                        line -> assertThat(line).contains("kpis.yaml:3", "name"),
                                        line -> assertThat(line).contains("kpis.yaml:4", "direktion", "direction"),
                                        line -> assertThat(line).contains("kpis.yaml:5", "kpis[3].value")));
        assertThatThrownBy(() -> book("kpis: [{name: a, value: x}, {name: a, value: y}]"))
                .isInstanceOfSatisfying(
                        SettingsException.class,
                        e -> assertThat(e.problems()).singleElement().asString().contains("twice"));
    }

    @Test
    void theExampleIsValid() throws Exception {
        assertThat(KpiFileLoader.load(Path.of("docs/kpis.example.yaml")).kpis()).hasSize(3);
    }
}
