package io.mlflowexporter.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mlflowexporter.audit.server.AuditedServer;
import io.mlflowexporter.audit.server.Observed;
import io.mlflowexporter.catalog.PhaseRules;
import io.mlflowexporter.catalog.sync.MlflowWriter;
import io.mlflowexporter.config.ConfigLoader;
import io.mlflowexporter.config.LoadedConfig;
import io.mlflowexporter.demo.SimulatedMlflow;
import io.mlflowexporter.demo.life.SimulationOptions;
import io.mlflowexporter.estimate.Estimates;
import io.mlflowexporter.estimate.NotNowException;
import io.mlflowexporter.estimate.RunHistory;
import io.mlflowexporter.mlflow.rest.MlflowRequests;
import io.mlflowexporter.refresh.RefreshBench;
import io.mlflowexporter.settings.value.ListenAddress;
import io.mlflowexporter.web.metrics.ScrapeCounts;
import io.mlflowexporter.web.pages.WebServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs waited and were resumed, which only the exporter saw: an audit that asks it compares both ways. */
final class AuditObservedTest {
    private static final long NOON = RefreshBench.START.toEpochMilli();
    private static final long MINUTE = 60_000;
    private static final long HOUR = 60 * MINUTE;

    @TempDir
    private static Path folder;

    private static final AtomicReference<Instant> CLOCK = new AtomicReference<>(RefreshBench.START);
    private static SimulatedMlflow mlflow;
    private static RefreshBench exporter;
    private static String scrape;
    private static Observed observed;
    private static LoadedConfig loaded;

    @BeforeAll
    static void watch() throws Exception {
        Path book = folder.resolve("book.yaml");
        Files.writeString(book, """
                currency: EUR
                resources: [{name: node, prices: [{per_hour: 10, valid_until: 2026-02-01}, {per_hour: 12, valid_from: 2026-02-01}]}]
                rules: [{phase: [training], uses: [{resource: node}], shared_by: tag:host}]
                default_uses: [{resource: node}]
                budgets: [{name: all, amount: 1000}]
                """);
        mlflow = SimulatedMlflow.start(SimulationOptions.defaults().withRuns(0).withClock(CLOCK::get));
        Map<String, String> settings =
                new HashMap<>(Map.of("cost.file", book.toString(), "refresh.stale_after", "24h"));
        exporter = new RefreshBench(mlflow.uri(), settings);
        happen();
        scrape = exporter.scrape();
        observed = Observed.read(asked());
        settings.put("mlflow.tracking_uri", mlflow.uri().toString());
        loaded = ConfigLoader.load(Optional.empty(), Map.of(), settings);
    }

    private static void happen() {
        MlflowWriter writer = new MlflowWriter(mlflow.uri());
        String experiment = writer.experiment("odd");
        String queued = writer.run(experiment, "train", NOON - 10 * HOUR);
        writer.status(queued, "SCHEDULED", 0);
        String queuedAndDone = writer.run(experiment, "train", NOON - 5 * HOUR);
        writer.status(queuedAndDone, "SCHEDULED", 0);
        String resumed = writer.run(experiment, "train", NOON - 240 * HOUR);
        writer.status(resumed, "FINISHED", NOON - 239 * HOUR);
        String failedOnce = writer.run(experiment, "train", NOON - 1000 * HOUR);
        writer.status(failedOnce, "FAILED", NOON - 990 * HOUR);
        String live = writer.run(experiment, "train", NOON - 100 * HOUR);
        writer.status(live, "KILLED", NOON - 98 * HOUR);
        String again = writer.run(experiment, "train", NOON - 2 * HOUR);
        String plain = writer.run(experiment, "train", NOON - 3 * HOUR);
        String waits = writer.run(experiment, "train", NOON - HOUR);
        writer.status(waits, "SCHEDULED", 0);
        String nested = writer.run(experiment, "child", NOON - 30 * MINUTE);
        writer.tag(nested, "mlflow.parentRunId", again);
        List.of(queued, queuedAndDone, plain, live).forEach(run -> writer.tag(run, "host", "h1"));
        refresh(Duration.ZERO);
        List.of(queued, queuedAndDone, resumed, failedOnce, live).forEach(run -> writer.status(run, "RUNNING", 0));
        writer.status(again, "SCHEDULED", 0);
        refresh(Duration.ofMinutes(1));
        refresh(Duration.ofMinutes(29));
        long then = CLOCK.get().toEpochMilli();
        writer.status(queuedAndDone, "FINISHED", then + 20 * MINUTE);
        writer.status(resumed, "FINISHED", then + 25 * MINUTE);
        writer.status(failedOnce, "FINISHED", then + 30 * MINUTE);
        refresh(Duration.ofMinutes(30));
        refresh(Duration.ofMinutes(7));
    }

    private static void refresh(Duration later) {
        CLOCK.set(CLOCK.get().plus(later));
        exporter.refresh(later);
    }

    /** What the exporter's listener for people answers. */
    private static String asked() throws Exception {
        RunHistory nothing = RunHistory.missing(Instant.EPOCH, List.of());
        try (WebServer web = new WebServer(
                ListenAddress.of("127.0.0.1:0"),
                () -> {
                    throw new AssertionError("not asked for");
                },
                () -> ScrapeCounts.NONE,
                List.of(),
                Optional.empty(),
                new Estimates(Optional::empty, wanted -> nothing, InstantSource.system()),
                exporter::observed,
                InstantSource.system())) {
            return HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(
                                            URI.create("http://127.0.0.1:" + web.port() + "/api/v1/observed-runs"))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
        }
    }

    @AfterAll
    static void stop() {
        exporter.close();
        mlflow.close();
    }

    private static AuditResult audit(String text, Optional<Observed> seen) throws Exception {
        AuditedServer server = MlflowRequests.open(loaded.config().mlflow(), CLOCK::get)::tracking;
        return new Audit(loaded, server, server, PhaseRules.defaults(), CLOCK::get).check(text, seen);
    }

    @Test
    void whatTheExporterSawIsAllThatIsMissing() throws Exception {
        assertThat(observed.runs()).hasSize(6);
        assertThat(scrape)
                .contains("mlflow_exporter_anomalies{kind=\"queued\"} 2.0")
                .contains("mlflow_exporter_anomalies{kind=\"resumed\"} 3.0");
        AuditResult result = audit(scrape, Optional.of(observed));
        assertThat(result.differences()).isEmpty();
        assertThat(result.timesKnown()).isTrue();
        assertThat(scrape)
                .as("what failed and was killed once and was resumed counts elsewhere now: those counters wait")
                .contains("mlflow_exporter_ledger_clamped_series 2.0");
        assertThat(result.countersEqual()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "mlflow_runs_ended_total\\{experiment=\"odd\",phase=\"training\",status=\"failed\"}",
                "mlflow_run_duration_seconds_sum\\{experiment=\"odd\",phase=\"training\",status=\"finished\"}",
                "mlflow_runs_stale\\{experiment=\"odd\",phase=\"training\"}",
                "mlflow_oldest_active_run_age_seconds\\{experiment=\"odd\",phase=\"training\"}",
                "mlflow_compute_cost_per_hour\\{.*}",
                "mlflow_compute_seconds_total\\{.*phase=\"training\".*}",
                "mlflow_compute_spend_total\\{.*phase=\"training\".*}",
                "mlflow_outcome_spend_total\\{.*outcome=\"finished\".*}",
                "mlflow_compute_cost\\{.*outcome=\"running\",.*window=\"1d\".*}",
                "mlflow_cost_forecast\\{.*}",
                "mlflow_budget_spent_ratio\\{.*}",
                "mlflow_budget_forecast_ratio\\{.*}"
            })
    void tooLittleIsFoundLikeTooMuch(String series) throws Exception {
        String sample = "\n" + series + " (\\S+)";
        Matcher found = Pattern.compile(sample).matcher(scrape);
        assertThat(found.find()).isTrue();
        double little = 0.001 + Double.parseDouble(found.group(1)) / 1000;
        for (double by : new double[] {-little, little}) {
            String wrong = PlantedFaults.changed(scrape, sample, by);
            assertThat(audit(wrong, Optional.of(observed)).differences())
                    .extracting(AuditResult.Difference::series)
                    .as("with the counters that wait, where one more says too much than waits")
                    .hasSizeLessThanOrEqualTo(3)
                    .anySatisfy(difference -> assertThat(difference).containsPattern("^" + series));
        }
    }

    @Test
    void withoutItsWordCostsAreOnlyHeldToBeNoMore() throws Exception {
        String less = PlantedFaults.changed(scrape, "\nmlflow_compute_spend_total\\{.*} (\\S+)", -1);
        AuditResult result = audit(less, Optional.empty());
        assertThat(result.differences()).isEmpty();
        assertThat(result.timesKnown()).isFalse();
    }

    @Test
    void wordOfAnotherSnapshotOrNotOfAllRunsIsOfNoUse() throws Exception {
        Observed later = new Observed(observed.snapshot().plusMillis(1), true, observed.runs());
        assertThat(audit(scrape, Optional.of(later)).timesKnown()).isFalse();
        Observed some = new Observed(observed.snapshot(), false, observed.runs());
        assertThat(audit(scrape, Optional.of(some)).timesKnown()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[]", "<html>", "{\"runs\":[]}", "{\"snapshot\":\"now\",\"left_out\":0,\"runs\":[{}]}"})
    void anotherAnswerIsToldToBeNone(String answer) {
        assertThatThrownBy(() -> Observed.read(answer))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("not about observed runs");
    }

    @Test
    void nothingIsToldBeforeAnythingWasRead() throws Exception {
        try (RefreshBench early = new RefreshBench(mlflow.uri(), Map.of())) {
            assertThatThrownBy(early::observed).isInstanceOf(NotNowException.class);
        }
    }
}
