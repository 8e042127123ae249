package io.mlflowexporter.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mlflowexporter.audit.server.AuditedServer;
import io.mlflowexporter.catalog.PhaseRules;
import io.mlflowexporter.config.ConfigLoader;
import io.mlflowexporter.config.LoadedConfig;
import io.mlflowexporter.demo.SimulatedMlflow;
import io.mlflowexporter.demo.life.DemoKpis;
import io.mlflowexporter.demo.life.DemoPricingFile;
import io.mlflowexporter.demo.life.SimulationOptions;
import io.mlflowexporter.metric.FamilyDeclaration;
import io.mlflowexporter.metrics.MetricCatalogue;
import io.mlflowexporter.mlflow.rest.MlflowRequests;
import io.mlflowexporter.refresh.RefreshBench;
import io.mlflowexporter.testing.ScriptedServer;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
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
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** An exporter that is right has no differences; each planted fault is found, and nothing else. */
final class AuditTest {
    private static final InstantSource CLOCK = InstantSource.fixed(RefreshBench.START);

    private static SimulatedMlflow mlflow;
    private static Map<String, String> settings;
    private static RefreshBench exporter;
    private static String scrape;

    @BeforeAll
    static void start() throws Exception {
        mlflow = SimulatedMlflow.start(SimulationOptions.defaults().withClock(CLOCK));
        settings = Map.of(
                "cost.file",
                DemoPricingFile.file(LocalDate.ofInstant(RefreshBench.START, ZoneOffset.UTC))
                        .toString(),
                "kpi.file",
                DemoKpis.file().toString());
        exporter = new RefreshBench(mlflow.uri(), settings);
        exporter.refresh(Duration.ZERO);
        scrape = exporter.scrape();
    }

    @AfterAll
    static void stop() {
        exporter.close();
        mlflow.close();
    }

    private static LoadedConfig loaded(Map<String, String> more) throws Exception {
        Map<String, String> all = new HashMap<>(settings);
        all.put("mlflow.tracking_uri", mlflow.uri().toString());
        all.putAll(more);
        return ConfigLoader.load(Optional.empty(), Map.of(), all);
    }

    private static AuditedServer server(LoadedConfig loaded) throws Exception {
        return MlflowRequests.open(loaded.config().mlflow(), CLOCK)::tracking;
    }

    private static Audit audit(Map<String, String> more) throws Exception {
        LoadedConfig loaded = loaded(more);
        AuditedServer server = server(loaded);
        return new Audit(loaded, server, server, PhaseRules.defaults(), CLOCK);
    }

    @Test
    void anExporterThatIsRightHasNoDifferences() throws Exception {
        AuditResult result = audit(Map.of()).check(scrape);
        assertThat(result.differences()).isEmpty();
        assertThat(result.countersEqual()).isTrue();
        assertThat(result.snapshot()).isEqualTo(RefreshBench.START);
        assertThat(result.runs()).isEqualTo(706);
        assertThat(result.series()).isGreaterThan(1_000);
    }

    @Test
    void wholeSearchesFewVersionsAndNoBuiltInKpisAreComparedToo() throws Exception {
        Map<String, String> other = Map.of(
                "delivery.whole_search", "true",
                "exposition.versions_per_model", "3",
                "delivery.aliases", "ch*",
                "delivery.stages", "*",
                "kpi.built_in", "false");
        Map<String, String> all = new HashMap<>(settings);
        all.putAll(other);
        try (RefreshBench bench = new RefreshBench(mlflow.uri(), all)) {
            bench.refresh(Duration.ZERO);
            assertThat(bench.scrape()).contains("mlflow_deployments_total{alias=\"stage:");
            assertThat(audit(other).check(bench.scrape()).differences()).isEmpty();
        }
    }

    @Test
    void whatTheSeriesBudgetFoldedIsHeldAgainstItsSum() throws Exception {
        Map<String, String> narrow = new HashMap<>(settings);
        narrow.put("exposition.series_per_family", "12");
        narrow.put("exposition.max_label_length", "16");
        try (RefreshBench small = new RefreshBench(mlflow.uri(), narrow)) {
            small.refresh(Duration.ZERO);
            String text = small.scrape();
            assertThat(text).contains("experiment=\"_other\"");
            Audit audit = audit(Map.of("exposition.series_per_family", "12", "exposition.max_label_length", "16"));
            assertThat(audit.check(text).differences()).isEmpty();
            String wrong = PlantedFaults.changed(
                    text, "mlflow_runs\\{experiment=\"_other\",phase=\"other\",status=\"finished\"} (\\S+)", 1);
            assertThat(audit.check(wrong).differences()).hasSize(1);
        }
    }

    @Test
    void whatHappenedSinceTheSnapshotIsNoDifference() throws Exception {
        AtomicReference<Instant> clock = new AtomicReference<>(RefreshBench.START);
        try (SimulatedMlflow living =
                        SimulatedMlflow.start(SimulationOptions.defaults().withClock(clock::get));
                RefreshBench early = new RefreshBench(living.uri(), settings)) {
            early.refresh(Duration.ZERO);
            clock.set(RefreshBench.START.plus(Duration.ofMinutes(90)));
            LoadedConfig loaded =
                    loaded(Map.of("mlflow.tracking_uri", living.uri().toString()));
            AuditedServer reader = server(loaded);
            Audit audit = new Audit(loaded, reader, reader, PhaseRules.defaults(), clock::get);
            AuditResult later = audit.check(early.scrape());
            assertThat(later.runs()).isEqualTo(706);
            // A run that was scheduled then and runs now, and aliases and stages that moved: MLflow keeps no times of
            // these. The next snapshot has them.
            assertThat(later.differences())
                    .extracting(AuditResult.Difference::series)
                    .allSatisfy(
                            series -> assertThat(series)
                                    .containsPattern(
                                            "^mlflow_model_alias_info|^mlflow_model_versions_by_stage|experiment=\"bikes\".*phase=\"training\""
                                                    + "|resource=\"m5.xlarge\"|^mlflow_cost_forecast.*bikes|^mlflow_kpi_cost_per_point|^mlflow_kpi.*model=|^mlflow_(team|project)_compute_cost|^mlflow_budget"));
            early.refresh(Duration.ofMinutes(90));
            String next = early.scrape();
            assertThat(audit.check(next).differences()).isEmpty();
            assertThat(next).contains("\nmlflow_last_deployment_timestamp_seconds{");
            assertThat(audit.check(PlantedFaults.changed(
                                    next, "mlflow_cost_per_deployed_version\\{.*window=\"30d\"} (\\S+)", 0.1))
                            .differences())
                    .extracting(AuditResult.Difference::series)
                    .as("a run was seen to wait: costs may be less than MLflow makes them")
                    .isEmpty();
            assertThat(audit.check(PlantedFaults.changed(
                                    next, "mlflow_last_deployment_timestamp_seconds\\{.*} (\\S+)", 3600))
                            .differences())
                    .hasSize(1);
        }
    }

    @Test
    void runsMadeWhileTheSnapshotWasReadAreNoDifference() throws Exception {
        AtomicReference<Instant> clock = new AtomicReference<>(RefreshBench.START);
        try (SimulatedMlflow living =
                        SimulatedMlflow.start(SimulationOptions.defaults().withClock(clock::get));
                RefreshBench slow = new RefreshBench(living.uri(), settings)) {
            clock.set(RefreshBench.START.plus(Duration.ofMinutes(60)));
            slow.refresh(Duration.ZERO);
            LoadedConfig loaded =
                    loaded(Map.of("mlflow.tracking_uri", living.uri().toString()));
            AuditedServer reader = server(loaded);
            Audit audit = new Audit(loaded, reader, reader, PhaseRules.defaults(), clock::get);
            AuditResult result = audit.check(slow.scrape());
            assertThat(result.differences()).isEmpty();
            assertThat(result.runs()).isGreaterThan(706);
            assertThat(result.countersEqual()).isTrue();
            assertThat(result.snapshot()).isEqualTo(RefreshBench.START);
            String wrong = PlantedFaults.changed(
                    slow.scrape(),
                    "mlflow_runs\\{experiment=\"bikes\",phase=\"training\",status=\"finished\"} (\\S+)",
                    1);
            assertThat(audit.check(wrong).differences()).hasSize(1);
        }
    }

    @Test
    void theDocumentationNamesEveryFamilyAndThoseComparedAre() throws Exception {
        String page = Files.readString(Path.of("docs", "audit.md"));
        assertThat(MetricCatalogue.families())
                .extracting(FamilyDeclaration::name)
                .filteredOn(name -> !name.matches("mlflow_(exporter_(?!anomalies)|snapshot_|up$).*"))
                .allSatisfy(name -> assertThat(page).contains("`" + name + "`"));
        String table = page.substring(page.indexOf("## What is compared"), page.indexOf("Of these families"));
        List<String> compared = Pattern.compile("`(mlflow_\\w+)`")
                .matcher(table)
                .results()
                .map(family -> family.group(1))
                .toList();
        String wrong = scrape;
        for (String family : compared) {
            String sample = "\n" + family + "(_sum)?(\\{.*})? ";
            assertThat(wrong).containsPattern(sample);
            wrong = wrong.replaceFirst("(" + sample + ").*", "$1-7.0");
        }
        assertThat(audit(Map.of()).check(wrong).differences())
                .extracting(difference -> difference.series().replaceFirst("(_sum)?(\\{.*)?$", ""))
                .containsExactlyInAnyOrderElementsOf(compared);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("io.mlflowexporter.audit.PlantedFaults#all")
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
        String remembers = PlantedFaults.changed(scrape, "mlflow_exporter_catalog_entries\\{kind=\"runs\"} (\\S+)", 1);
        String started = "mlflow_runs_started_total\\{experiment=\"bikes\",phase=\"training\"} (\\S+)";
        AuditResult more = audit(Map.of()).check(PlantedFaults.changed(remembers, started, 1));
        assertThat(more.countersEqual()).isFalse();
        assertThat(more.differences()).isEmpty();
        assertThat(audit(Map.of())
                        .check(PlantedFaults.changed(remembers, started, -1))
                        .differences())
                .hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"NaN", "+Inf", "-Inf"})
    void whatIsNoNumberIsToldByItsSeries(String number) throws Exception {
        for (String family : List.of("deployments", "rollbacks", "deployment_failures", "alias_deletions")) {
            String wrong = scrape.replaceFirst("(\nmlflow_" + family + "_total\\{.*} ).*", "$1" + number);
            assertThat(audit(Map.of()).check(wrong).differences())
                    .extracting(AuditResult.Difference::series)
                    .anySatisfy(series -> assertThat(series).startsWith("mlflow_" + family + "_total{"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"NaN", "+Inf", "-Inf", "1e308"})
    void aSnapshotOfNoTimeIsNone(String number) {
        assertThatThrownBy(() -> audit(Map.of())
                        .check(scrape.replaceFirst("(\nmlflow_snapshot_timestamp_seconds ).*", "$1" + number)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("no snapshot");
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
        StringWriter csv = new StringWriter();
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
                .filter(line -> line.startsWith("mlflow_compute_spend_total{"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
        assertThat(sum).isCloseTo(served, org.assertj.core.api.Assertions.within(1e-6));
    }

    /** Each server gets its own credentials, and one that sends elsewhere gets no further. */
    @Test
    void credentialsStayWithTheirHost() throws Exception {
        try (ScriptedServer tracking = ScriptedServer.start();
                ScriptedServer registry = ScriptedServer.start();
                ScriptedServer elsewhere = ScriptedServer.start()) {
            tracking.otherwise(request -> ScriptedServer.json("{}"));
            registry.otherwise(request ->
                    ScriptedServer.status(307, "", "Location: " + elsewhere.uri("localhost") + request.target()));
            LoadedConfig loaded = loaded(Map.of(
                    "mlflow.tracking_uri", tracking.uri().toString(),
                    "mlflow.auth.token", "tracking-token",
                    "mlflow.registry_uri", registry.uri().toString(),
                    "mlflow.registry_auth.token", "registry-token",
                    "mlflow.retries", "0"));
            MlflowRequests mlflow = MlflowRequests.open(loaded.config().mlflow(), CLOCK);
            Audit audit = new Audit(loaded, mlflow::tracking, mlflow::registry, PhaseRules.defaults(), CLOCK);

            assertThatThrownBy(() -> audit.write(new StringWriter()))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("cannot read MLflow")
                    .hasMessageContaining("redirected");
            assertThat(tracking.requests())
                    .isNotEmpty()
                    .allMatch(it -> it.headers().get("authorization").equals("Bearer tracking-token"));
            assertThat(registry.requests())
                    .isNotEmpty()
                    .allMatch(it -> it.headers().get("authorization").equals("Bearer registry-token"));
            assertThat(elsewhere.requests()).isEmpty();
        }
    }

    @Test
    void pagesWithoutAnEndAreNotReadForever() throws Exception {
        try (ScriptedServer server = ScriptedServer.start()) {
            server.otherwise(request -> ScriptedServer.json("{\"next_page_token\": \"again\"}"));
            LoadedConfig loaded =
                    loaded(Map.of("mlflow.tracking_uri", server.uri().toString()));
            AuditedServer asked = server(loaded);

            assertThatThrownBy(() ->
                            new Audit(loaded, asked, asked, PhaseRules.defaults(), CLOCK).write(new StringWriter()))
                    .hasMessageContaining("the server's pages have no end");
        }
    }
}
