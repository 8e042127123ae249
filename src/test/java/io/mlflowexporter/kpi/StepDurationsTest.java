package io.mlflowexporter.kpi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mlflowexporter.catalog.Catalog;
import io.mlflowexporter.catalog.KeptRows;
import io.mlflowexporter.catalog.sync.FullSynchronizer;
import io.mlflowexporter.checkpoint.fields.SectionBytes;
import io.mlflowexporter.config.Config;
import io.mlflowexporter.config.ConfigLoader;
import io.mlflowexporter.kpi.StepsConfig.Rule;
import io.mlflowexporter.kpi.StepsConfig.Unit;
import io.mlflowexporter.metric.Family;
import io.mlflowexporter.metric.Family.Distribution;
import io.mlflowexporter.mlflow.Run;
import io.mlflowexporter.mlflow.RunStatus;
import io.mlflowexporter.runs.RunSums;
import io.mlflowexporter.settings.value.Glob;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a scrape tells of steps after these runs logged how long theirs took. */
final class StepDurationsTest {
    private static final long END = 1_770_000_000_000L;

    private final MetricsMlflow mlflow = new MetricsMlflow();
    private final KeptRows<RunSums> sums = new KeptRows<>();
    private Catalog catalog = new Catalog();
    private StepDurations steps = new StepDurations(new StepsConfig(List.of()));

    /** The histograms, a line each: experiment, step, count and sum. */
    private String look() throws Exception {
        Config config = ConfigLoader.defaults();
        new FullSynchronizer(mlflow, config, steps::needs, () -> Instant.ofEpochMilli(END))
                .tracking(List.of(""), catalog, (step, done, total, read) -> {});
        Family family = steps.refresh(catalog);
        return family.samples().stream()
                .map(Distribution.class::cast)
                .map(sample -> String.join(" ", sample.labelValues()) + ": "
                        + sample.histogram().count() + " of "
                        + sample.histogram().sum() + " s")
                .sorted()
                .collect(Collectors.joining("\n"));
    }

    @Test
    void durationsAreKnownByTheirNamesAndUnits() throws Exception {
        mlflow.run("r1", "churn", END, "data_load_seconds", 90.0, "fit_time_ms", 1_500.0, "accuracy", 0.9);
        mlflow.run("r2", "churn", END, "data_load_seconds", 30.0, "duration_upload", 4.0, "eval_minutes", 2.0);

        assertThat(look()).isEqualTo("""
                churn data_load: 2 of 120.0 s
                churn eval: 1 of 120.0 s
                churn fit: 1 of 1.5 s
                churn upload: 1 of 4.0 s""");
    }

    @Test
    void aRunCountsOnceWhateverBecomesOfItsMetrics() throws Exception {
        mlflow.put("r1", "churn", END, RunStatus.RUNNING, Map.of("fit_seconds", new Run.Metric(5, END, 0)));
        assertThat(look()).isEmpty();

        mlflow.run("r1", "churn", END, "fit_seconds", 7.0);
        assertThat(look()).isEqualTo("churn fit: 1 of 7.0 s");

        mlflow.run("r1", "churn", END, "fit_seconds", 1.0);
        assertThat(look()).isEqualTo("churn fit: 1 of 7.0 s");

        mlflow.remove("r1");
        assertThat(look()).isEqualTo("churn fit: 1 of 7.0 s");
    }

    @Test
    void countsAndMetricsOutliveARestart() throws Exception {
        for (int i = 0; i < 70; i++) {
            mlflow.run("r" + i, "churn", END, i % 3 == 0 ? "loss" : "fit_seconds", 1.0);
        }
        String before = look();
        assertThat(before).isEqualTo("churn fit: 46 of 46.0 s");

        StepDurations restarted = new StepDurations(new StepsConfig(List.of()));
        restarted.restore(SectionBytes.again(steps::write, StepDurations::read));
        catalog = SectionBytes.again(catalog::write, Catalog::read);
        steps = restarted;

        assertThat(catalog.logged().of(1).names()).containsExactly("fit_seconds");
        assertThat(catalog.logged().of(1).values()).containsExactly(1.0);
        assertThat(catalog.logged().of(0).names()).isEmpty();
        mlflow.run("new", "churn", END, "fit_seconds", 4.0);
        assertThat(look()).isEqualTo("churn fit: 47 of 50.0 s");
        assertThatThrownBy(() -> SectionBytes.again(out -> out.number("counted", 1), StepDurations::read))
                .isInstanceOf(IOException.class);
    }

    @Test
    void whatIsNoDurationIsLeftOut() throws Exception {
        mlflow.run("r1", "churn", END, "fit_seconds", Double.NaN, "load_seconds", -1.0, "save_seconds", 1.0);

        assertThat(look()).isEqualTo("churn save: 1 of 1.0 s");
    }

    @Test
    void runsThatLoggedWhatIsNoDurationAreCounted() throws Exception {
        mlflow.run("r1", "churn", END, "fit_seconds", Double.NaN, "load_seconds", -1.0, "save_seconds", 1.0);
        mlflow.run("r2", "churn", END, "fit_seconds", Double.POSITIVE_INFINITY);
        mlflow.put("r3", "churn", END, RunStatus.RUNNING, Map.of("fit_seconds", new Run.Metric(-2, END, 0)));
        mlflow.run("r4", "churn", END, "fit_seconds", 0.0, "profit", -3.0);
        look();
        assertThat(unreadableSteps()).isEqualTo(3);

        mlflow.run("r2", "churn", END, "fit_seconds", 5.0);
        mlflow.remove("r1");
        look();
        assertThat(unreadableSteps()).isEqualTo(1);
    }

    private long unreadableSteps() {
        Catalog read = catalog;
        return sums.refresh(
                        read,
                        END,
                        () -> new RunSums(read, ConfigLoader.defaults().times(), row -> steps.unreadable(read, row)))
                .anomalies(0)
                .getOrDefault("unreadable_step", -1L);
    }

    @Test
    void ownRulesReplaceTheBuiltInOnes() throws Exception {
        steps = new StepDurations(new StepsConfig(List.of(new Rule(Glob.of("took.*"), Unit.HOURS))));
        mlflow.run("r1", "churn", END, "fit_seconds", 3.0, "took.training", 2.0);

        assertThat(look()).isEqualTo("churn training: 1 of 7200.0 s");
    }

    @ParameterizedTest
    @CsvSource({
        "*_seconds, data_load_seconds, data_load",
        "duration_*, Duration_Upload, upload",
        "step_*_ms, step_fit_ms, fit",
        "*_seconds, _seconds, _seconds",
        "total, total, total",
        "*_x_*, a_x_b, a_x_b",
    })
    void theStarNamesTheStep(String pattern, String metric, String step) {
        assertThat(StepDurations.name(Glob.of(pattern), metric)).isEqualTo(step);
    }
}
