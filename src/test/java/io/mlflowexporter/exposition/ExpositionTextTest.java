package io.mlflowexporter.exposition;

import static io.mlflowexporter.exposition.ExampleFamilies.durations;
import static io.mlflowexporter.exposition.ExampleFamilies.family;
import static io.mlflowexporter.exposition.ExampleFamilies.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mlflowexporter.metric.Family;
import io.mlflowexporter.metric.Family.Value;
import io.mlflowexporter.metric.FamilyDeclaration;
import io.mlflowexporter.metric.FamilyDeclaration.Fold;
import io.mlflowexporter.testing.Promtool;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Given these families, a scrape says exactly this text. */
class ExpositionTextTest {
    private static final Exposition ALL_TYPES = Scrapes.render(
            family(ExampleFamilies.RUNS, value(3, "bikes", "training", "finished")),
            family(ExampleFamilies.STARTED, value(4, "bikes", "training")),
            family(ExampleFamilies.ALIAS, value(1, "bikes", "champion", "7")),
            family(ExampleFamilies.DURATION, durations(List.of("bikes", "training", "finished"), 0.5, 42, 700_000)));

    @Test
    void text004() {
        assertThat(Scrapes.text(ALL_TYPES, Scrapes.TEXT)).isEqualTo("""
                # HELP mlflow_runs Help of mlflow_runs.
                # TYPE mlflow_runs gauge
                mlflow_runs{experiment="bikes",phase="training",status="finished"} 3.0
                # HELP mlflow_runs_started_total Help of mlflow_runs_started_total.
                # TYPE mlflow_runs_started_total counter
                mlflow_runs_started_total{experiment="bikes",phase="training"} 4.0
                # HELP mlflow_model_alias_info Help of mlflow_model_alias_info.
                # TYPE mlflow_model_alias_info gauge
                mlflow_model_alias_info{alias="champion",model="bikes",version="7"} 1
                # HELP mlflow_run_duration_seconds Help of mlflow_run_duration_seconds.
                # TYPE mlflow_run_duration_seconds histogram
                mlflow_run_duration_seconds_bucket{experiment="bikes",phase="training",status="finished",le="1.0"} 1
                mlflow_run_duration_seconds_bucket{experiment="bikes",phase="training",status="finished",le="5.0"} 1
                mlflow_run_duration_seconds_bucket{experiment="bikes",phase="training",status="finished",le="15.0"} 1
                mlflow_run_duration_seconds_bucket{experiment="bikes",phase="training",status="finished",le="30.0"} 1
                mlflow_run_duration_seconds_bucket{experiment="bikes",phase="training",status="finished",le="60.0"} 2
                mlflow_run_duration_seconds_bucket{experiment="bikes",phase="training",status="finished",le="120.0"} 2
                mlflow_run_duration_seconds_bucket{experiment="bikes",phase="training",status="finished",le="300.0"} 2
                mlflow_run_duration_seconds_bucket{experiment="bikes",phase="training",status="finished",le="600.0"} 2
                mlflow_run_duration_seconds_bucket{experiment="bikes",phase="training",status="finished",le="1800.0"} 2
                mlflow_run_duration_seconds_bucket{experiment="bikes",phase="training",status="finished",le="3600.0"} 2
                mlflow_run_duration_seconds_bucket{experiment="bikes",phase="training",status="finished",le="7200.0"} 2
                mlflow_run_duration_seconds_bucket{experiment="bikes",phase="training",status="finished",le="14400.0"} 2
                mlflow_run_duration_seconds_bucket{experiment="bikes",phase="training",status="finished",le="28800.0"} 2
                mlflow_run_duration_seconds_bucket{experiment="bikes",phase="training",status="finished",le="86400.0"} 2
                mlflow_run_duration_seconds_bucket{experiment="bikes",phase="training",status="finished",le="172800.0"} 2
                mlflow_run_duration_seconds_bucket{experiment="bikes",phase="training",status="finished",le="604800.0"} 2
                mlflow_run_duration_seconds_bucket{experiment="bikes",phase="training",status="finished",le="+Inf"} 3
                mlflow_run_duration_seconds_count{experiment="bikes",phase="training",status="finished"} 3
                mlflow_run_duration_seconds_sum{experiment="bikes",phase="training",status="finished"} 700042.5
                """);
        Promtool.check(Scrapes.all(ALL_TYPES, Scrapes.TEXT));
    }

    @Test
    void openMetrics() {
        assertThat(Scrapes.text(ALL_TYPES, Scrapes.OPENMETRICS).lines().filter(line -> !line.contains("_bucket")))
                .containsExactly(
                        "# TYPE mlflow_runs gauge",
                        "# HELP mlflow_runs Help of mlflow_runs.",
                        "mlflow_runs{experiment=\"bikes\",phase=\"training\",status=\"finished\"} 3.0",
                        "# TYPE mlflow_runs_started counter",
                        "# HELP mlflow_runs_started Help of mlflow_runs_started_total.",
                        "mlflow_runs_started_total{experiment=\"bikes\",phase=\"training\"} 4.0",
                        "# TYPE mlflow_model_alias info",
                        "# HELP mlflow_model_alias Help of mlflow_model_alias_info.",
                        "mlflow_model_alias_info{alias=\"champion\",model=\"bikes\",version=\"7\"} 1",
                        "# TYPE mlflow_run_duration_seconds histogram",
                        "# HELP mlflow_run_duration_seconds Help of mlflow_run_duration_seconds.",
                        "mlflow_run_duration_seconds_count"
                                + "{experiment=\"bikes\",phase=\"training\",status=\"finished\"} 3",
                        "mlflow_run_duration_seconds_sum"
                                + "{experiment=\"bikes\",phase=\"training\",status=\"finished\"} 700042.5",
                        "# EOF");
        assertThat(Scrapes.text(ALL_TYPES, Scrapes.OPENMETRICS))
                .contains("le=\"1.0\"} 1 # {run_id=\"run0\"} 0.5 1700000000.000\n")
                .contains("le=\"60.0\"} 2 # {run_id=\"run1\"} 42.0 1700000001.000\n")
                .contains("le=\"+Inf\"} 3 # {run_id=\"run2\"} 700000.0 1700000002.000\n");
    }

    @Test
    void workspacesAreALabelWhereTheyAreOn() {
        Family runs = family(
                ExampleFamilies.STARTED,
                new Value("red", List.of("a", "training"), 1),
                new Value("blue", List.of("a", "training"), 2));
        Family up = family(
                ExampleFamilies.declare("mlflow_exporter_x", FamilyDeclaration.Type.GAUGE, List.of(), Fold.NEVER),
                value(1));
        List<SectionInput> sections = List.of(Scrapes.always(runs, up));

        assertThat(Scrapes.text(Scrapes.renderer().render(sections, true), Scrapes.TEXT))
                .isEqualTo("""
                # HELP mlflow_runs_started_total Help of mlflow_runs_started_total.
                # TYPE mlflow_runs_started_total counter
                mlflow_runs_started_total{experiment="a",phase="training",workspace="blue"} 2.0
                mlflow_runs_started_total{experiment="a",phase="training",workspace="red"} 1.0
                # HELP mlflow_exporter_x Help of mlflow_exporter_x.
                # TYPE mlflow_exporter_x gauge
                mlflow_exporter_x 1.0
                """);
        assertThat(Scrapes.text(Scrapes.renderer().render(sections, false), Scrapes.TEXT))
                .contains("mlflow_runs_started_total{experiment=\"a\",phase=\"training\"} 3.0\n");
    }

    @Test
    void seriesAreCountedPerFamily() {
        Exposition exposition = new ExpositionRenderer(Scrapes.config(2, 200))
                .render(
                        List.of(Scrapes.always(
                                family(
                                        ExampleFamilies.STARTED,
                                        value(1, "a", "tuning"),
                                        value(2, "b", "tuning"),
                                        value(3, "c", "tuning")),
                                family(ExampleFamilies.ALIAS))),
                        false);

        assertThat(Scrapes.all(exposition, Scrapes.TEXT)).isEqualTo("""
                # HELP mlflow_runs_started_total Help of mlflow_runs_started_total.
                # TYPE mlflow_runs_started_total counter
                mlflow_runs_started_total{experiment="_other",phase="tuning"} 3.0
                mlflow_runs_started_total{experiment="c",phase="tuning"} 3.0
                # HELP mlflow_exporter_series Series the family has in this scrape, a histogram's counted as one.
                # TYPE mlflow_exporter_series gauge
                mlflow_exporter_series{family="mlflow_exporter_series"} 4.0
                mlflow_exporter_series{family="mlflow_exporter_series_dropped"} 4.0
                mlflow_exporter_series{family="mlflow_model_alias_info"} 0.0
                mlflow_exporter_series{family="mlflow_runs_started_total"} 2.0
                # HELP mlflow_exporter_series_dropped Series of the family that were folded into _other or left out, because it is over its budget.
                # TYPE mlflow_exporter_series_dropped gauge
                mlflow_exporter_series_dropped{family="mlflow_exporter_series"} 0.0
                mlflow_exporter_series_dropped{family="mlflow_exporter_series_dropped"} 0.0
                mlflow_exporter_series_dropped{family="mlflow_model_alias_info"} 0.0
                mlflow_exporter_series_dropped{family="mlflow_runs_started_total"} 2.0
                """);
        assertThat(exposition.series())
                .containsExactly(
                        new FamilySeries("mlflow_runs_started_total", 2, 2),
                        new FamilySeries("mlflow_model_alias_info", 0, 0));
    }

    @Test
    void hostileNamesBreakNoFormat() {
        String[] names = {
            "quote\" backslash\\ newline\n tab\t",
            "} 1\nmlflow_up 0",
            "emoji 😀 \u202e \u2028",
            "lone \ud83d surrogate",
            "nul \0 escape \u001b[31m",
            "x".repeat(10_000),
            "",
            "_other"
        };
        Value[] samples = new Value[names.length];
        for (int i = 0; i < names.length; i++) {
            samples[i] = value(i, names[i], "training");
        }
        Exposition exposition = Scrapes.render(family(ExampleFamilies.STARTED, samples));

        assertThat(Scrapes.text(exposition, Scrapes.TEXT).lines().skip(2))
                .hasSize(names.length)
                .allMatch(line ->
                        line.matches("(?s)mlflow_runs_started_total\\{experiment=\".*\",phase=\"training\"} [0-7]\\.0"))
                .contains("mlflow_runs_started_total"
                        + "{experiment=\"quote\\\" backslash\\\\ newline\\n tab\t\",phase=\"training\"} 0.0")
                .contains("mlflow_runs_started_total{experiment=\"lone \uFFFD surrogate\",phase=\"training\"} 3.0")
                .contains("mlflow_runs_started_total{experiment=\"_other_\",phase=\"training\"} 7.0");
        Promtool.check(Scrapes.all(exposition, Scrapes.TEXT));
        assertThat(Scrapes.all(exposition, Scrapes.OPENMETRICS)).endsWith("# EOF\n");
        assertThat(ExpositionProtobufTest.families(exposition)).hasSize(3);
    }

    @Test
    void aCounterBesideAGaugeOfItsOpenMetricsNameIsRefused() {
        assertThatThrownBy(() -> Scrapes.render(
                        family(
                                ExampleFamilies.declare(
                                        "mlflow_compute_cost", FamilyDeclaration.Type.GAUGE, List.of(), Fold.NEVER),
                                value(1)),
                        family(
                                ExampleFamilies.declare(
                                        "mlflow_compute_cost_total",
                                        FamilyDeclaration.Type.COUNTER,
                                        List.of(),
                                        Fold.NEVER),
                                value(2))))
                .hasMessage("the families mlflow_compute_cost and mlflow_compute_cost_total both write"
                        + " mlflow_compute_cost");
    }
}
