package io.mlflowexporter.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.mlflowexporter.demo.life.DemoPricingFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * The demo with one more budget, which it overspends; a real Prometheus with all the rules that are shipped, evaluated every
 * second and without their patience; a real Alertmanager with the example that is shipped.
 */
@TestMethodOrder(OrderAnnotation.class)
final class AlertingIT {
    private static final Duration TOLD_WITHIN = Duration.ofSeconds(60);
    private static final Path RULES = Path.of("deploy", "prometheus");
    private static final String SMALL = "  - {name: small, amount: %s}\n";

    /** What fires though all is well with the exporter, and why. */
    private static final Map<String, String> ALWAYS = Map.of(
            "MlflowRunsStale", "three trainings of the demo died without a word, as it happens",
            "MlflowBudgetSpent", "the budget that this test adds is overspent",
            "MlflowBudgetForecastExceeded", "so is its forecast");

    /** What may fire by what the simulated teams did in the weeks before this hour. */
    private static final Map<String, String> PERHAPS = Map.ofEntries(
            Map.entry("MlflowBudgetBurnsFast", "a recommender in training is dear, and its budget is small"),
            Map.entry("MlflowCostSpike", "recommenders are trained on some days only"),
            Map.entry("MlflowWaste", "one run in twelve fails, perhaps the dear one"),
            Map.entry("MlflowRunsFail", "small phases have few runs"),
            Map.entry("MlflowNoSuccess", "small phases have few runs"),
            Map.entry("MlflowRollback", "a team of the demo may roll back while the test looks"),
            Map.entry("MlflowRunsQueued", "a run of the demo is scheduled and never begins"),
            Map.entry("MlflowRunSlow", "a run of the demo may just take twice as long as others"),
            Map.entry("MlflowLedgerClamped", "where the use of a running run falls, its energy waits for a moment"),
            Map.entry("MlflowRetryStorm", "a job of the demo is tried again every hour and fails"),
            Map.entry("MlflowKpiTargetMissed", "the demo's targets are not easy"),
            Map.entry("MlflowKpiUnusable", "some simulated inferences have no impressions"));

    @TempDir
    private static Path directory;

    private static Path book;
    private static ExporterJar jar;
    private static Alertmanager alertmanager;
    private static Prometheus prometheus;

    @BeforeAll
    static void start() throws IOException {
        book = directory.resolve("cost-book.yaml");
        writeBook("0.01");
        Path config = Files.writeString(directory.resolve("config.yaml"), """
                cost: {file: "%s"}
                refresh: {interval: 1s}
                web: {reload: true}
                """.formatted(book));
        jar = ExporterJar.demo("demo-for-alerts", "--config", config.toString());
        alertmanager = Alertmanager.start(directory);
        prometheus = Prometheus.alerting(
                directory, "prometheus-alerts", jar.metrics("/"), impatientRules(), alertmanager.address());
    }

    private static void writeBook(String amount) throws IOException {
        String demo = Files.readString(DemoPricingFile.file(LocalDate.now(ZoneOffset.UTC)));
        Files.writeString(book, demo.replace("budgets:\n", "budgets:\n" + SMALL.formatted(amount)));
    }

    /** The rules that are shipped, without {@code for}. */
    private static Path impatientRules() throws IOException {
        Path copies = Files.createDirectory(directory.resolve("rules"));
        try (Stream<Path> files = Files.list(RULES)) {
            for (Path file :
                    files.filter(name -> name.toString().endsWith(".yaml")).toList()) {
                Files.writeString(
                        copies.resolve(file.getFileName()),
                        Files.readString(file).replaceAll("(?m)^ +for: .*\n", ""));
            }
        }
        return copies.toAbsolutePath();
    }

    @AfterAll
    static void stop() throws Exception {
        for (AutoCloseable part : Arrays.asList(prometheus, alertmanager, jar)) {
            if (part != null) {
                part.close();
            }
        }
    }

    private static Optional<JsonNode> told(String path, String title) {
        return alertmanager.messages().stream()
                .filter(message -> message.path().equals(path))
                .map(Alertmanager.Message::body)
                .filter(body -> body.toString().contains(title))
                .findFirst();
    }

    private static JsonNode awaitTold(String path, String title) {
        return Await.until(
                        title + " at " + path + " of " + alertmanager.messages(),
                        TOLD_WITHIN,
                        () -> told(path, title),
                        Optional::isPresent)
                .orElseThrow();
    }

    @Test
    @Order(1)
    void theBudgetThatIsOverspentIsToldToManagers() throws IOException {
        JsonNode chat = awaitTold("/chat", "Budget small is spent").at("/attachments/0");
        assertThat(chat.path("title").asText()).isEqualTo("[CRITICAL] Budget small is spent");
        assertThat(chat.path("title_link").asText())
                .isEqualTo("https://runbooks.example/mlflow-exporter/budget.md#mlflowbudgetspent");
        assertThat(chat.path("color").asText()).isEqualTo("danger");
        assertThat(chat.path("text").asText())
                .containsPattern(
                        "- Budget small is spent\\s+[0-9.e+]+% of budget small is spent before its period is over\\.")
                .contains("What to do: https://runbooks.example/mlflow-exporter/budget.md#mlflowbudgetspent");

        JsonNode hook = awaitTold("/hook/managers-now", "Budget small is spent");
        assertThat(hook.path("status").asText()).isEqualTo("firing");
        assertThat(hook.path("alerts"))
                .filteredOn(alert -> alert.at("/labels/budget").asText().equals("small"))
                .singleElement()
                .satisfies(alert -> {
                    assertThat(alert.at("/labels/alertname").asText()).isEqualTo("MlflowBudgetSpent");
                    assertThat(alert.at("/labels/severity").asText()).isEqualTo("critical");
                    assertThat(alert.at("/labels/job").asText()).isEqualTo("mlflow");
                });
    }

    @Test
    @Order(2)
    void theForecastOfWhatIsSpentIsNotToldToo() {
        Await.until(
                "an inhibited forecast",
                TOLD_WITHIN,
                () -> {
                    for (JsonNode alert : alertmanager.alerts()) {
                        if (alert.at("/labels/alertname").asText().equals("MlflowBudgetForecastExceeded")
                                && alert.at("/labels/budget").asText().equals("small")) {
                            return alert.at("/status/inhibitedBy").size();
                        }
                    }
                    return 0;
                },
                inhibitedBy -> inhibitedBy > 0);
    }

    @Test
    @Order(3)
    void onlyWhatIsExpectedFiresAboutAHealthyDemo() {
        Set<String> firing = Await.until(
                "ten scrapes, and all rules evaluated on them",
                TOLD_WITHIN,
                () -> prometheus.value("count_over_time(mlflow_snapshot_complete[10m])") >= 10
                        ? firing()
                        : new TreeSet<String>(),
                found -> found.containsAll(ALWAYS.keySet()));
        firing.removeAll(ALWAYS.keySet());
        assertThat(firing).isSubsetOf(PERHAPS.keySet());
    }

    private static Set<String> firing() throws IOException {
        Set<String> firing = new TreeSet<>();
        for (JsonNode rule : prometheus.rules()) {
            assertThat(rule.path("lastError").asText())
                    .as("%s", rule.path("name"))
                    .isEmpty();
            if (rule.path("type").asText().equals("alerting")
                    && !rule.path("state").asText().equals("inactive")) {
                firing.add(rule.path("name").asText());
            }
        }
        return firing;
    }

    @Test
    @Order(4)
    void thatTheBudgetWasRaisedIsToldAsWell() throws IOException {
        writeBook("1000000");
        assertThat(HttpGet.post(jar.web("/-/reload")).status()).isEqualTo(200);
        assertThat(awaitTold("/chat", "[OVER] Budget small is spent")
                        .at("/attachments/0/text")
                        .asText())
                .startsWith("Over:");
        assertThat(awaitTold("/hook/managers-now", "\"status\":\"resolved\"").path("alerts"))
                .isNotEmpty();
        assertThat(alertmanager.log()).doesNotContain("level=error");
    }
}
