package io.mlflowexporter.exposition;

import static io.mlflowexporter.exposition.ExampleFamilies.durations;
import static io.mlflowexporter.exposition.ExampleFamilies.family;
import static io.mlflowexporter.exposition.ExampleFamilies.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mlflowexporter.checkpoint.fields.SectionBytes;
import io.mlflowexporter.metric.FamilyDeclaration;
import io.mlflowexporter.metric.FamilyDeclaration.Fold;
import io.mlflowexporter.testing.Promtool;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ExpositionTest {
    private final PrometheusRegistry live = new PrometheusRegistry();
    private final Exposition exposition = Scrapes.render(
            family(ExampleFamilies.RUNS, value(3, "bikes", "training", "finished")),
            family(ExampleFamilies.STARTED, value(4, "bikes", "training")),
            family(ExampleFamilies.DURATION, durations(List.of("bikes", "training", "finished"), 42)),
            family(ExampleFamilies.ALIAS, value(1, "bikes", "champion", "7")));

    @ParameterizedTest
    @CsvSource({
        "mlflow_runs,mlflow_runs",
        "mlflow_runs_started_total,mlflow_runs_started_total",
        "mlflow_runs_started,mlflow_runs_started_total",
        "mlflow_run_duration_seconds,mlflow_run_duration_seconds",
        "mlflow_run_duration_seconds_bucket,mlflow_run_duration_seconds",
        "mlflow_run_duration_seconds_sum,mlflow_run_duration_seconds",
        "mlflow_run_duration_seconds_count,mlflow_run_duration_seconds",
        "mlflow_model_alias_info,mlflow_model_alias_info",
        "mlflow_exporter_series,mlflow_exporter_series",
        "live_things_total,live_things_total"
    })
    void aNameSelectsItsFamily(String name, String family) {
        Counter.builder().name("live_things_total").help("h").register(live).inc();

        assertThat(types(scrape(exposition, Scrapes.TEXT, Scrapes.NOW, name))).containsExactly(family);
    }

    @Test
    void severalNamesSelectAllOfThemAndNothingElse() {
        assertThat(types(scrape(
                        exposition, Scrapes.TEXT, Scrapes.NOW, "mlflow_runs", "mlflow_model_alias_info", "unknown")))
                .containsExactly("mlflow_runs", "mlflow_model_alias_info");
        assertThat(scrape(exposition, Scrapes.TEXT, Scrapes.NOW, "unknown")).isEmpty();
        assertThat(scrape(exposition, Scrapes.OPENMETRICS, Scrapes.NOW, "unknown"))
                .isEqualTo("# EOF\n");
    }

    @Test
    void aSectionIsWithdrawnWhenItsTimeIsOver() {
        Instant expiry = Scrapes.NOW.plusSeconds(60);
        Exposition sections = Scrapes.renderer()
                .render(
                        List.of(
                                new SectionInput(
                                        "tracking",
                                        List.of(family(ExampleFamilies.STARTED, value(1, "a", "b"))),
                                        expiry),
                                Scrapes.always(family(ExampleFamilies.ALIAS, value(1, "m", "a", "1")))),
                        false);

        assertThat(scrape(sections, Scrapes.TEXT, expiry))
                .contains("mlflow_runs_started_total{")
                .contains("mlflow_exporter_series{family=\"mlflow_runs_started_total\"} 1.0");
        assertThat(scrape(sections, Scrapes.TEXT, expiry.plusMillis(1)))
                .contains("mlflow_model_alias_info{")
                .doesNotContain("mlflow_runs_started_total")
                .contains("mlflow_exporter_series{family=\"mlflow_exporter_series\"} 3.0");
    }

    @ParameterizedTest
    @ValueSource(strings = {Scrapes.TEXT, Scrapes.OPENMETRICS, Scrapes.PROTOBUF})
    void whatIsReadBackIsServedAlike(String accept) throws IOException {
        SectionInput runs = new SectionInput(
                "runs",
                List.of(
                        family(ExampleFamilies.RUNS, value(3, "a\nb", "training", "finished")),
                        family(ExampleFamilies.STARTED, value(1, "a", "x"), value(2, "b", "x"), value(4, "c", "x")),
                        family(ExampleFamilies.DURATION, durations(List.of("a", "training", "finished"), 0, 3, 1e6))),
                Scrapes.NOW);
        ExpositionRenderer renderer = new ExpositionRenderer(Scrapes.config(2, 100));
        Exposition written = renderer.render(
                List.of(runs, Scrapes.always(family(ExampleFamilies.ALIAS, value(1, "m", "champion", "3")))), true);

        Exposition again = SectionBytes.again(written::write, Exposition::read);

        for (Instant at : List.of(Scrapes.NOW, Scrapes.NOW.plusMillis(1))) {
            assertThat(Scrapes.bytes(again.scrape(Scrapes.request(accept, false), live, at)))
                    .isEqualTo(Scrapes.bytes(written.scrape(Scrapes.request(accept, false), live, at)));
        }
        assertThat(again.series()).isEqualTo(written.series());
    }

    @ParameterizedTest
    @ValueSource(strings = {Scrapes.TEXT, Scrapes.OPENMETRICS, Scrapes.PROTOBUF})
    void compressedIsTheSame(String accept) {
        Gauge.builder().name("live_thing").help("h").register(live).set(1);

        ScrapeBody plain = exposition.scrape(Scrapes.request(accept, false), live, Scrapes.NOW);
        ScrapeBody gzip = exposition.scrape(Scrapes.request(accept, true), live, Scrapes.NOW);

        assertThat(Scrapes.gunzip(Scrapes.bytes(gzip))).isEqualTo(Scrapes.bytes(plain));
        assertThat(gzip.gzip()).isTrue();
        assertThat(plain.gzip()).isFalse();
        assertThat(gzip.contentType()).isEqualTo(plain.contentType());
    }

    @Test
    void liveMetricsAreJoinedOnce() {
        Gauge.builder().name("live_thing").help("h").register(live).set(1);
        Gauge.builder().name("mlflow_runs").help("in the way").register(live).set(99);
        Counter.builder()
                .name("mlflow_runs_started")
                .help("in the way")
                .register(live)
                .inc(99);

        for (String accept : List.of(Scrapes.TEXT, Scrapes.OPENMETRICS)) {
            String all = scrape(exposition, accept, Scrapes.NOW);
            assertThat(all).contains("live_thing 1.0\n").doesNotContain("99");
            assertThat(types(all)).doesNotHaveDuplicates();
        }
        assertThat(scrape(exposition, Scrapes.OPENMETRICS, Scrapes.NOW))
                .endsWith("live_thing 1.0\n# EOF\n")
                .containsOnlyOnce("# EOF");
        Promtool.check(scrape(exposition, Scrapes.TEXT, Scrapes.NOW));
    }

    @Test
    void beforeTheFirstRefreshOnlyLiveMetricsAreThere() {
        Gauge.builder().name("mlflow_up").help("h").register(live).set(0);

        assertThat(scrape(Exposition.EMPTY, Scrapes.TEXT, Scrapes.NOW))
                .isEqualTo("# HELP mlflow_up h\n# TYPE mlflow_up gauge\nmlflow_up 0.0\n");
    }

    @Test
    void dottedNamesAreWrittenAsAskedFor() {
        assertThat(scrape(exposition, Scrapes.TEXT + ";escaping=dots", Scrapes.NOW))
                .contains("mlflow__runs__started__total{");
        assertThat(scrape(exposition, Scrapes.TEXT + ";escaping=allow-utf-8", Scrapes.NOW))
                .contains("mlflow_runs_started_total{");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'' | text/plain; version=0.0.4; charset=utf-8",
                "*/* | text/plain; version=0.0.4; charset=utf-8",
                "text/html,application/xhtml+xml,*/*;q=0.8 | text/plain; version=0.0.4; charset=utf-8",
                "application/openmetrics-text;version=1.0.0;q=0.8,text/plain;version=0.0.4;q=0.5,*/*;q=0.1 |"
                        + " application/openmetrics-text; version=1.0.0; charset=utf-8",
                "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited,"
                        + "application/openmetrics-text;version=1.0.0;q=0.8 |"
                        + " application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily;"
                        + " encoding=delimited"
            })
    void theFormatIsNegotiatedAsClientJavaDoes(String accept, String contentType) {
        assertThat(exposition
                        .scrape(Scrapes.request(accept, false), live, Scrapes.NOW)
                        .contentType())
                .isEqualTo(contentType);
    }

    @Test
    void familiesThatWriteTheSameNameAreRefused() {
        FamilyDeclaration count = ExampleFamilies.declare(
                "mlflow_run_duration_seconds_count", FamilyDeclaration.Type.GAUGE, List.of(), Fold.NEVER);

        assertThatThrownBy(() -> Scrapes.renderer()
                        .render(
                                List.of(
                                        Scrapes.always(family(ExampleFamilies.RUNS)),
                                        Scrapes.always(family(ExampleFamilies.RUNS))),
                                false))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the family mlflow_runs is there twice");
        assertThatThrownBy(() -> Scrapes.render(family(ExampleFamilies.DURATION), family(count)))
                .hasMessageContaining("both write mlflow_run_duration_seconds_count");
        assertThatThrownBy(() -> Scrapes.render(family(ExpositionFamilies.SERIES)))
                .hasMessageContaining("mlflow_exporter_series is there twice");
    }

    @Test
    void whatIsScrapedIsMadeBeforeTheNextScrape() {
        Demand demand = new Demand();
        Variant text = new Variant(Format.TEXT, io.prometheus.metrics.config.EscapingScheme.ALLOW_UTF8);
        Variant dots = new Variant(Format.TEXT, io.prometheus.metrics.config.EscapingScheme.DOTS_ESCAPING);

        assertThat(demand.next()).isEmpty();
        demand.ask(dots);
        demand.ask(text);
        for (int i = 0; i < 10; i++) {
            assertThat(demand.next()).containsExactlyInAnyOrder(text, dots);
        }
        assertThat(demand.next()).isEmpty();
    }

    private String scrape(Exposition from, String accept, Instant now, String... names) {
        return Scrapes.utf8(Scrapes.bytes(from.scrape(Scrapes.request(accept, false, names), live, now)));
    }

    private static Stream<String> types(String text) {
        return text.lines().filter(line -> line.startsWith("# TYPE ")).map(line -> line.split(" ", -1)[2]);
    }
}
