package io.mlflowexporter.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mlflowexporter.catalog.PhaseRules;
import io.mlflowexporter.config.ConfigLoader;
import io.mlflowexporter.config.LoadedConfig;
import io.mlflowexporter.demo.DemoCostBook;
import io.mlflowexporter.demo.SimulatedMlflow;
import io.mlflowexporter.demo.SimulationOptions;
import io.mlflowexporter.refresh.Bench;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.mlflow.tracking.MlflowClient;

/** An exporter that is right has no differences; each planted fault is found, and nothing else. */
final class AuditTest {
    private static final InstantSource CLOCK = InstantSource.fixed(Bench.START);

    private static SimulatedMlflow mlflow;
    private static MlflowClient client;
    private static Map<String, String> settings;
    private static Bench exporter;
    private static String scrape;

    @BeforeAll
    static void start() throws Exception {
        mlflow = SimulatedMlflow.start(SimulationOptions.defaults().withClock(CLOCK));
        client = new MlflowClient(mlflow.uri().toString());
        settings = Map.of(
                "cost.file",
                DemoCostBook.file(LocalDate.ofInstant(Bench.START, ZoneOffset.UTC))
                        .toString());
        exporter = new Bench(mlflow.uri(), settings);
        exporter.refresh(Duration.ZERO);
        scrape = exporter.scrape();
    }

    @AfterAll
    static void stop() {
        exporter.close();
        client.close();
        mlflow.close();
    }

    private static LoadedConfig loaded(Map<String, String> more) throws Exception {
        Map<String, String> all = new HashMap<>(settings);
        all.put("mlflow.tracking_uri", mlflow.uri().toString());
        all.putAll(more);
        return ConfigLoader.load(Optional.empty(), Map.of(), all);
    }

    private static Audit audit(Map<String, String> more) throws Exception {
        return new Audit(loaded(more), client, client, PhaseRules.defaults(), CLOCK);
    }

    @Test
    void anExporterThatIsRightHasNoDifferences() throws Exception {
        AuditResult result = audit(Map.of()).check(scrape);
        assertThat(result.differences()).isEmpty();
        assertThat(result.countersEqual()).isTrue();
        assertThat(result.snapshot()).isEqualTo(Bench.START);
        assertThat(result.runs()).isEqualTo(706);
        assertThat(result.series()).isGreaterThan(1_000);
    }

    @Test
    void whatTheSeriesBudgetFoldedIsHeldAgainstItsSum() throws Exception {
        Map<String, String> narrow = new HashMap<>(settings);
        narrow.put("exposition.series_per_family", "12");
        narrow.put("exposition.max_label_length", "16");
        try (Bench small = new Bench(mlflow.uri(), narrow)) {
            small.refresh(Duration.ZERO);
            String text = small.scrape();
            assertThat(text).contains("experiment=\"_other\"");
            Audit audit = audit(Map.of("exposition.series_per_family", "12", "exposition.max_label_length", "16"));
            assertThat(audit.check(text).differences()).isEmpty();
            String wrong =
                    changed(text, "mlflow_runs\\{experiment=\"_other\",phase=\"other\",status=\"finished\"} (\\S+)", 1);
            assertThat(audit.check(wrong).differences()).hasSize(1);
        }
    }

    @Test
    void whatHappenedSinceTheSnapshotIsNoDifference() throws Exception {
        AtomicReference<Instant> clock = new AtomicReference<>(Bench.START);
        try (SimulatedMlflow living =
                        SimulatedMlflow.start(SimulationOptions.defaults().withClock(clock::get));
                MlflowClient reader = new MlflowClient(living.uri().toString());
                Bench early = new Bench(living.uri(), settings)) {
            early.refresh(Duration.ZERO);
            clock.set(Bench.START.plus(Duration.ofMinutes(90)));
            Audit audit = new Audit(loaded(Map.of()), reader, reader, PhaseRules.defaults(), clock::get);
            AuditResult later = audit.check(early.scrape());
            assertThat(later.runs()).isEqualTo(706);
            // A run that was scheduled then and runs now, and aliases that moved: MLflow keeps no times of these. The
            // next
            // snapshot has them.
            assertThat(later.differences())
                    .extracting(AuditResult.Difference::series)
                    .allSatisfy(series -> assertThat(series)
                            .containsPattern("^mlflow_model_alias_info|experiment=\"bikes\".*phase=\"training\""
                                    + "|resource=\"m5.xlarge\"|^mlflow_(team|project)_compute_cost|^mlflow_budget"));
            early.refresh(Duration.ofMinutes(90));
            assertThat(audit.check(early.scrape()).differences()).isEmpty();
        }
    }

    /** Adds to the number in the pattern's group. */
    private static String changed(String text, String pattern, double by) {
        Pattern found = Pattern.compile(pattern);
        assertThat(found.matcher(text).find()).as(pattern).isTrue();
        return found.matcher(text)
                .replaceFirst(match -> match.group()
                                .substring(
                                        0,
                                        match.group().length() - match.group(1).length())
                                .replace("$", "\\$")
                        + (Double.parseDouble(match.group(1)) + by));
    }

    private static Arguments fault(String name, String found, UnaryOperator<String> fault) {
        return Arguments.of(name, found, fault);
    }

    private static UnaryOperator<String> swapped(String pattern) {
        return text -> {
            List<MatchResult> found =
                    Pattern.compile(pattern).matcher(text).results().toList();
            String first = found.get(0).group(1);
            String second = found.get(1).group(1);
            return text.substring(0, found.get(0).start(1))
                    + second
                    + text.substring(found.get(0).end(1), found.get(1).start(1))
                    + first
                    + text.substring(found.get(1).end(1));
        };
    }

    static Stream<Arguments> faults() {
        String training = "\\{experiment=\"bikes\",phase=\"training\"";
        return Stream.of(
                fault(
                        "a count off by one",
                        "mlflow_runs{",
                        text -> changed(text, "mlflow_runs" + training + ",status=\"finished\"} (\\S+)", 1)),
                fault("a series missing", "mlflow_runs{", text -> text.replaceFirst("\nmlflow_runs\\{.*", "")),
                fault(
                        "a series too many",
                        "mlflow_runs{experiment=\"ghost\"",
                        text -> text + "mlflow_runs{experiment=\"ghost\",phase=\"other\",status=\"running\"} 1.0\n"),
                fault(
                        "a cost off by 1 %",
                        "mlflow_compute_cost_total{",
                        text -> changed(
                                text,
                                "mlflow_compute_cost_total\\{currency=\"EUR\",experiment=\"bikes\",phase=\"training\",.*} (\\S+)",
                                0.0168)),
                fault(
                        "a wrong currency",
                        "mlflow_compute_cost{currency=\"USD\"",
                        text -> text.replaceFirst(
                                "\nmlflow_compute_cost\\{currency=\"EUR\"", "\nmlflow_compute_cost{currency=\"USD\"")),
                fault(
                        "windows mixed up",
                        "mlflow_compute_cost{",
                        swapped(
                                "mlflow_compute_cost\\{currency=\"EUR\",experiment=\"recommendations\",outcome=\"finished\","
                                        + "phase=\"training\",window=\"(?:7d|30d)\"} (\\S+)")),
                fault(
                        "a bucket too low",
                        "mlflow_run_duration_seconds_bucket{",
                        text -> changed(
                                text,
                                "mlflow_run_duration_seconds_bucket" + training
                                        + ",status=\"finished\",le=\"3600.0\"} (\\S+)",
                                -1)),
                fault(
                        "a stale run forgotten",
                        "mlflow_runs_stale{",
                        text -> text.replaceFirst("(\nmlflow_runs_stale\\{.*} )[1-9]\\S*", "$10.0")),
                fault(
                        "an alias on another version",
                        "mlflow_model_alias_info{",
                        text -> text.replaceFirst("(\nmlflow_model_alias_info\\{.*version=\")\\d+", "$19999")),
                fault(
                        "a counter too low",
                        "mlflow_runs_started_total{",
                        text -> changed(text, "mlflow_runs_started_total" + training + "} (\\S+)", -1)),
                fault(
                        "a price of yesterday",
                        "mlflow_price_per_hour{",
                        text -> changed(text, "mlflow_price_per_hour\\{.*resource=\"m5.xlarge\".*} (\\S+)", 0.01)),
                fault(
                        "a budget spent less",
                        "mlflow_budget_spent_ratio{",
                        text -> changed(text, "mlflow_budget_spent_ratio\\{budget=\"bikes\"} (\\S+)", -0.01)),
                fault(
                        "a share of errors of another window",
                        "mlflow_run_error_ratio{",
                        text -> changed(text, "mlflow_run_error_ratio" + training + ",window=\"30d\"} (\\S+)", 0.01)),
                fault(
                        "a success forgotten",
                        "mlflow_last_success_timestamp_seconds{",
                        text -> changed(text, "mlflow_last_success_timestamp_seconds" + training + "} (\\S+)", -60)),
                fault(
                        "a retry storm that is none",
                        "mlflow_retry_storm_runs{",
                        text -> text + "mlflow_retry_storm_runs{experiment=\"bikes\",phase=\"promotion\"} 2.0\n"),
                fault(
                        "one failure of a retry storm not counted",
                        "mlflow_retry_storm_runs{",
                        text -> changed(text, "mlflow_retry_storm_runs\\{.*} (\\S+)", -1)),
                fault(
                        "a run that waits overlooked",
                        "mlflow_oldest_scheduled_run_age_seconds{",
                        text -> text.replaceFirst("\nmlflow_oldest_scheduled_run_age_seconds\\{.*", "")),
                fault(
                        "more waits than runs",
                        "mlflow_run_queue_seconds_count{",
                        text -> text
                                + "mlflow_run_queue_seconds_count{experiment=\"bikes\",phase=\"training\"} 1000.0\n"),
                fault(
                        "unpriced time hidden",
                        "mlflow_compute_unpriced_seconds_total{",
                        text -> text.replaceFirst("\nmlflow_compute_unpriced_seconds_total\\{.*", "")));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("faults")
    void eachPlantedFaultIsFound(String name, String found, UnaryOperator<String> fault) throws Exception {
        String doctored = fault.apply(scrape);
        assertThat(doctored).isNotEqualTo(scrape);
        assertThat(audit(Map.of()).check(doctored).differences())
                .isNotEmpty()
                .hasSizeLessThanOrEqualTo(2)
                .anySatisfy(difference -> assertThat(difference.series()).startsWith(found));
    }

    @Test
    void countersMaySayMoreWhereTheExporterRemembersRunsThatAreGone() throws Exception {
        String remembers = changed(scrape, "mlflow_exporter_catalog_entries\\{kind=\"runs\"} (\\S+)", 1);
        String started = "mlflow_runs_started_total\\{experiment=\"bikes\",phase=\"training\"} (\\S+)";
        AuditResult more = audit(Map.of()).check(changed(remembers, started, 1));
        assertThat(more.countersEqual()).isFalse();
        assertThat(more.differences()).isEmpty();
        assertThat(audit(Map.of()).check(changed(remembers, started, -1)).differences())
                .hasSize(1);
    }

    @Test
    void whatIsNoScrapeIsToldSo() throws Exception {
        assertThatThrownBy(() -> audit(Map.of()).check("<html>"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("not a scrape");
        assertThatThrownBy(() -> audit(Map.of()).check("mlflow_up 0\n"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("no snapshot");
    }

    @Test
    void runsAreWrittenWithWhatTheyCost() throws Exception {
        StringBuilder csv = new StringBuilder();
        audit(Map.of()).write(csv);
        List<String> lines = csv.toString().lines().toList();
        assertThat(lines.get(0)).startsWith("run_id,experiment,phase,user,").endsWith(",currency,cost");
        double sum = lines.stream()
                .skip(1)
                .map(line -> line.substring(line.lastIndexOf(',') + 1))
                .filter(cost -> !cost.isEmpty())
                .mapToDouble(Double::parseDouble)
                .sum();
        double served = scrape.lines()
                .filter(line -> line.startsWith("mlflow_compute_cost_total{"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
        assertThat(sum).isCloseTo(served, org.assertj.core.api.Assertions.within(1e-6));
    }

    @Test
    void cellsAreNoFormulas() {
        assertThat(RunsCsv.cell("=1+1")).isEqualTo("'=1+1");
        assertThat(RunsCsv.cell("@a,\"b\"")).isEqualTo("\"'@a,\"\"b\"\"\"");
        assertThat(RunsCsv.cell("-5")).isEqualTo("'-5");
        assertThat(RunsCsv.cell("a-b")).isEqualTo("a-b");
        assertThat(RunsCsv.cell("a\nb")).isEqualTo("\"a\nb\"");
    }
}
