package io.mlflowexporter.refresh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mlflowexporter.demo.SimulatedMlflow;
import io.mlflowexporter.demo.life.SimulationOptions;
import io.mlflowexporter.testing.Command;
import io.mlflowexporter.testing.RuleTest;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Budgets' alerts over exporters that are thrown away and begin anew, with nothing kept: minute by minute a run burns, and
 * what the scrapes of each minute say goes through Prometheus's own evaluation of the shipped rules.
 *
 * <p>Every day of the last four weeks 40 euros were spent, so that nine days of March are 360 of the budget's 1500, and
 * the run of today begins in minute 0.
 */
final class BudgetAlertIT {
    private static final Path RULES = Path.of("deploy", "prometheus", "cost-alerts.yaml");
    private static final Instant BEGIN = Instant.parse("2026-03-10T08:00:00Z");
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final String SPENT = "MlflowBudgetSpent";
    private static final String FORECAST = "MlflowBudgetForecastExceeded";
    private static final String FAST = "MlflowBudgetBurnsFast";
    private static final String RATIO = "mlflow_budget_spent_ratio{budget=\"research\"}";
    private static final String TOTAL = "mlflow_compute_spend_total";
    private static final String RUNBOOK = "https://runbooks.example/mlflow-exporter/budget.md#";

    @TempDir
    Path folder;

    private final RuleTest test = new RuleTest(
            Set.of(
                    "mlflow_budget_spent_ratio",
                    "mlflow_budget_forecast_ratio",
                    "mlflow_exporter_shards",
                    "mlflow_compute_cost",
                    TOTAL)::contains,
            Map.of("job", "mlflow-exporter", "instance", "exporter:9818"));
    private SimulatedMlflow mlflow;
    private Map<String, String> settings;
    private String experiment;
    private volatile Instant now = BEGIN;
    private int minute;

    @BeforeEach
    void start() throws Exception {
        mlflow = SimulatedMlflow.start(SimulationOptions.defaults().withRuns(0).withClock(() -> now));
        Path book = folder.resolve("book.yaml");
        Files.writeString(book, """
                currency: EUR
                resources: [{name: node, prices: [{per_hour: 60}]}]
                default_uses: [{resource: node, count: "tag:nodes else 1"}]
                budgets: [{name: research, amount: 1500, experiment: [churn]}]
                """);
        settings = Map.of("cost.file", book.toString());
        experiment = post("experiments/create", JSON.createObjectNode().put("name", "churn"), "/experiment_id");
        for (int day = 1; day <= 28; day++) {
            Instant begin = BEGIN.minus(Duration.ofDays(day));
            end(run(begin, 1), begin.plus(Duration.ofMinutes(40)));
        }
    }

    @AfterEach
    void stop() {
        mlflow.close();
    }

    private String post(String endpoint, ObjectNode body, String field) throws IOException, InterruptedException {
        HttpResponse<String> answer = HTTP.send(
                HttpRequest.newBuilder(mlflow.uri().resolve("/api/2.0/mlflow/" + endpoint))
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(body.toString()))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return JSON.readTree(answer.body()).at(field).asText();
    }

    private String run(Instant begin, int nodes) throws Exception {
        ObjectNode run = JSON.createObjectNode();
        run.put("experiment_id", experiment).put("run_name", "Training").put("start_time", begin.toEpochMilli());
        run.putArray("tags").addObject().put("key", "nodes").put("value", Integer.toString(nodes));
        return post("runs/create", run, "/run/info/run_id");
    }

    private void end(String run, Instant end) throws Exception {
        ObjectNode update = JSON.createObjectNode();
        update.put("run_id", run).put("status", "FINISHED").put("end_time", end.toEpochMilli());
        post("runs/update", update, "/run_info/run_id");
    }

    private interface EachMinute {
        void check(RefreshBench exporter) throws Exception;
    }

    /** A new exporter is scraped each minute until then, exclusive; then it is thrown away. */
    private void exporterUntil(int until, EachMinute each) throws Exception {
        try (RefreshBench exporter = new RefreshBench(mlflow.uri(), settings)) {
            exporter.wait(Duration.between(RefreshBench.START, now));
            while (minute < until) {
                exporter.refresh(Duration.ZERO);
                test.scraped(exporter.scrape());
                each.check(exporter);
                exporter.wait(Duration.ofMinutes(1));
                next();
            }
        }
    }

    private void noExporterUntil(int until) {
        while (minute < until) {
            test.missed();
            next();
        }
    }

    private void next() {
        minute++;
        now = now.plus(Duration.ofMinutes(1));
    }

    private void fires(String alert, String severity, int at, String summary, String description) {
        test.fires(
                alert,
                at,
                Map.of("severity", severity, "topic", "cost", "budget", "research", "job", "mlflow-exporter"),
                Map.of(
                        "summary",
                        summary,
                        "description",
                        description,
                        "runbook_url",
                        RUNBOOK + alert.toLowerCase(Locale.ROOT),
                        "dashboard",
                        "Cost"));
    }

    private void spentFires(int at, String percent) {
        fires(
                SPENT,
                "critical",
                at,
                "Budget research is spent",
                percent + " of budget research is spent before its period is over.");
    }

    private void forecastFires(int at, String percent) {
        fires(
                FORECAST,
                "warning",
                at,
                "Budget research will not last",
                "At the pace of the last weeks and of what runs now, budget research ends its period at " + percent
                        + ".");
    }

    private void holds() throws IOException {
        Command.Result result = test.run(RULES);
        assertThat(result.exit()).as(result.output()).isZero();
    }

    @Test
    void theAlertsFireOnABurnThroughRestarts() throws Exception {
        run(BEGIN, 8);
        EachMinute rightAtOnce = exporter -> assertThat(Double.parseDouble(exporter.value(RATIO)))
                .isCloseTo((360 + 8 * minute) / 1500.0, within(1e-9));

        exporterUntil(60, rightAtOnce);
        noExporterUntil(65);
        exporterUntil(146, rightAtOnce);
        noExporterUntil(151);
        exporterUntil(160, rightAtOnce);
        noExporterUntil(165);
        exporterUntil(180, rightAtOnce);

        // From minute 19 on, the month will cost 360 + 21 days of 40 + what the run has cost, once again as much.
        test.quiet(FORECAST, 78);
        forecastFires(79, "164.3%");
        forecastFires(149, "234.7%");
        forecastFires(179, "270.9%");
        // Spent in minute 143: 360 + 8 × 142.5 are 1500.
        test.quiet(FAST, 20);
        fires(
                FAST,
                "critical",
                120,
                "Budget research is being spent within a day",
                "At the pace of the last hour, what is left of budget research is spent in 22m 1s.");
        test.quiet(FAST, 150);
        test.quiet(SPENT, 152);
        spentFires(153, "105.6%");
        spentFires(162, "108.8%");
        spentFires(179, "119.5%");
        holds();
    }

    @Test
    void theAlertsStaySilentWhereTheBudgetHolds() throws Exception {
        String run = run(BEGIN, 1);

        exporterUntil(20, exporter -> {});
        noExporterUntil(25);
        exporterUntil(40, exporter -> {});
        end(run, now);
        exporterUntil(100, exporter -> {});
        noExporterUntil(105);
        exporterUntil(180, exporter -> {});

        for (int at = 0; at < 180; at++) {
            test.quiet(SPENT, at);
            test.quiet(FORECAST, at);
            test.quiet(FAST, at);
        }
        holds();
    }

    @Test
    void anExporterThatComesLateSaysAllAtOnceWhereAnIncreaseMissesMost() throws Exception {
        run(BEGIN, 8);

        noExporterUntil(150);
        exporterUntil(180, exporter -> {});

        test.quiet(SPENT, 159);
        spentFires(160, "109.3%");
        test.isTrue("abs(sum(mlflow_compute_cost{window=\"1d\"}) - 8 * 179) < bool 1e-6", 179);
        test.isTrue("sum(increase(" + TOTAL + "[1d])) < bool 300", 179);
        holds();
    }
}
