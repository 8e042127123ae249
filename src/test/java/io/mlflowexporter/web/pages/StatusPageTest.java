package io.mlflowexporter.web.pages;

import static org.assertj.core.api.Assertions.assertThat;

import io.mlflowexporter.cost.budget.CostOverview;
import io.mlflowexporter.cost.budget.CostOverview.BudgetState;
import io.mlflowexporter.cost.budget.CostOverview.ExperimentSpend;
import io.mlflowexporter.cost.budget.CostOverview.Spend;
import io.mlflowexporter.cost.budget.CostOverview.Unpriced;
import io.mlflowexporter.kpi.KpiOverview;
import io.mlflowexporter.kpi.KpiOverview.KpiValue;
import io.mlflowexporter.llm.LlmOverview;
import io.mlflowexporter.mlflow.ServerInfo;
import io.mlflowexporter.refresh.ExporterStatus;
import io.mlflowexporter.refresh.ExporterStatus.Checkpoint;
import io.mlflowexporter.refresh.ExporterStatus.ExperimentRow;
import io.mlflowexporter.refresh.ExporterStatus.FamilySeries;
import io.mlflowexporter.refresh.ExporterStatus.LastRefresh;
import io.mlflowexporter.refresh.ExporterStatus.Outcome;
import io.mlflowexporter.refresh.ExporterStatus.Part;
import io.mlflowexporter.refresh.ExporterStatus.Problem;
import io.mlflowexporter.refresh.ExporterStatus.Progress;
import io.mlflowexporter.refresh.ExporterStatus.Snapshot;
import io.mlflowexporter.registry.AliasMove;
import io.mlflowexporter.web.metrics.ScrapeCounts;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What the page says in each state; how it looks is for the browser's test. */
final class StatusPageTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final Part FINE = new Part(Optional.of(NOW.minusSeconds(70)), Optional.empty());

    private static final CostOverview COSTS = new CostOverview(
            List.of(new Spend("1d", "EUR", 12.345), new Spend("30d", "EUR", 1_234_567.891), new Spend("30d", "USD", 5)),
            List.of(new ExperimentSpend("shop", "<i>llm</i>", "EUR", 1_000)),
            0.256,
            List.of(new Unpriced("shop", "scratch", "other", 3.04, "no rule matches; this would: {\"<b>\"}")),
            List.of(new BudgetState("<u>all</u>", 9_000, "EUR", 0.5, 1.2, 7)),
            List.of("rule x (book.yaml:3) is the first to match for none of the runs"));

    private static Part broken(String message) {
        return new Part(Optional.of(NOW.minusSeconds(3_600)), Optional.of(new Problem(NOW.minusSeconds(300), message)));
    }

    private static Snapshot snapshot(Instant readAt, String... incomplete) {
        return snapshot(readAt, List.of(incomplete), List.of());
    }

    private static Snapshot snapshot(Instant readAt, List<String> incomplete, List<String> suspicions) {
        return new Snapshot(
                readAt,
                readAt.plus(Duration.ofMinutes(15)),
                incomplete,
                suspicions,
                7,
                1_234_567,
                3,
                69,
                List.of(new ExperimentRow("shop", "<b>bikes</b> & \"co\"", "1", 1_234_567, 8, 12_345.67)),
                List.of());
    }

    private static final KpiOverview KPIS = new KpiOverview(
            List.of(new KpiValue(
                    "shop",
                    "ctr",
                    "business",
                    "Clicks of those <shown>",
                    "<b>web</b>",
                    "",
                    "best",
                    0.04567,
                    "",
                    Optional.of(false),
                    "night <run> 7f")),
            List.of("kpi churn_rate (kpis.yaml:3): no finished run in its scope logged churned / <customers>"));
    private static final long MOVED = NOW.minus(Duration.ofMinutes(5)).toEpochMilli();

    private static String page(Part tracking, Part registry, Progress progress, Optional<Snapshot> snapshot) {
        ExporterStatus status = new ExporterStatus(
                "1.2.3",
                "abc",
                NOW.minus(Duration.ofDays(3)),
                Optional.of(new ServerInfo("http://mlflow:5000", "http://registry:5000", "3.17.2", true)),
                tracking,
                registry,
                progress,
                Optional.of(new LastRefresh(NOW.minusSeconds(70), Duration.ofMillis(440), Outcome.PARTIAL)),
                snapshot,
                Map.of("end_before_start", 3L, "future_start", 0L),
                Map.of("end_before_start", List.of("4f<b>1", "77a2")),
                List.of(new FamilySeries("mlflow_runs", 1_500, 2), new FamilySeries("mlflow_experiments", 2, 0)),
                Optional.of(COSTS),
                List.of(
                        new AliasMove("shop", "<b>m</b>", "champion", AliasMove.Kind.ROLLBACK, "4", "3", MOVED),
                        new AliasMove("shop", "<b>m</b>", "", AliasMove.Kind.RENAMING, "l", "<b>m</b>", MOVED)),
                KPIS,
                Optional.of(new LlmOverview(
                        List.of(new LlmOverview.Spend("1d", "USD", 12.5)),
                        List.of(new LlmOverview.Row(
                                "shop", "<b>agent</b>", 1_200, 30, 456_000, Map.of("USD", 12.5), true)))),
                Optional.of(new Checkpoint(
                        "/data/checkpoint",
                        Optional.of(NOW.minusSeconds(70)),
                        65_432,
                        1,
                        Optional.of("No space left on device"))),
                List.of("The server takes at most <100> experiments in one request."));
        return StatusPage.of(
                status,
                new ScrapeCounts(4_321, 1, Optional.of(NOW.minusSeconds(9))),
                List.of(
                        new ConfigLine("mlflow.auth.token", "********", "MLFLOW_TRACKING_TOKEN"),
                        new ConfigLine("read.max_runs", "null", "default")),
                NOW,
                true);
    }

    @Test
    void whatIsAchievedIsToldWithTheRunThatDidAndWhatNoRunTellsIsNamed() {
        String page = page(FINE, FINE, Progress.IDLE, Optional.of(snapshot(NOW.minusSeconds(70))));

        assertThat(page).contains("<td class=\"n lost\"><bdi>0.0457</bdi></td>");
        assertThat(seen(page))
                .contains(
                        "|ctr, best|business: Clicks of those &lt;shown&gt;|shop / &lt;b&gt;web&lt;/b&gt;|0.0457|night &lt;run&gt; 7f|")
                .contains("no finished run in its scope logged churned / &lt;customers&gt;");
    }

    @Test
    void whatTheServerCannotDoIsTold() {
        assertThat(seen(page(FINE, FINE, Progress.IDLE, Optional.of(snapshot(NOW.minusSeconds(70))))))
                .contains("Note|The server takes at most &lt;100&gt; experiments in one request.");
    }

    @Test
    void movesOfAliasesAreTold() {
        String page = page(FINE, FINE, Progress.IDLE, Optional.of(snapshot(NOW.minusSeconds(70))));

        assertThat(seen(page))
                .contains("|shop / &lt;b&gt;m&lt;/b&gt;| champion|rolled back, 4 → 3|5 min ago|")
                .contains("|renamed, l → &lt;b&gt;m&lt;/b&gt;|5 min ago|");
    }

    /** What a reader sees, tags away. */
    private static String seen(String page) {
        return page.replaceAll("</?bdi>", "").replaceAll("<[^>]*>", "|").replaceAll("\\|+", "|");
    }

    @Test
    void aCompleteSnapshotIsOverviewTablesAndConfiguration() {
        String page = page(FINE, FINE, Progress.IDLE, Optional.of(snapshot(NOW.minusSeconds(70))));
        assertThat(page)
                .contains("class=\"banner good\"", "http-equiv=\"refresh\"")
                .doesNotContain("<script", "style=", "class=\"problem\"", "<progress");
        assertThat(seen(page))
                .contains(
                        "|Serving| |data read 70 s ago|",
                        "|Data age|70 s|kept until 12:13:50 UTC|",
                        "|Runs|1,234,567|",
                        "|Series|1,502|2 families, 2 dropped|",
                        "|Last refresh|0.44 s|partial, 70 s ago|",
                        "|Scrapes|4,321|last 9 s ago, 1 failed|",
                        "|shop / &lt;b&gt;bikes&lt;/b&gt; &amp; &quot;co&quot;|1,234,567|8|12,345.7|",
                        "|end before start|3|",
                        "|Registry|http://registry:5000|",
                        "|Exporter|1.2.3, abc|",
                        "|Started|2026-02-26 12:00:00 UTC, 3 d ago|",
                        "|mlflow.auth.token|********|MLFLOW_TRACKING_TOKEN|",
                        "|read.max_runs|not set|default|")
                .doesNotContain("future start");
    }

    @Test
    void seriesThatWereDroppedAreNotFoldedAway() {
        String page = page(FINE, FINE, Progress.IDLE, Optional.of(snapshot(NOW)));
        assertThat(page).contains("<details open><summary><h2>Series by family", "<td class=\"n lost\">2</td>");
    }

    @Test
    void whatIsLeftOutIsSaid() {
        String page = page(FINE, FINE, Progress.IDLE, Optional.of(snapshot(NOW, "max_runs leaves out 5 runs")));
        assertThat(page).contains("class=\"banner warn\"");
        assertThat(seen(page)).contains("|Serving, but not complete|", "|Left out|max_runs leaves out 5 runs|");
    }

    @Test
    void anAccountThatMaySeeTooLittleIsReported() {
        String page = page(
                FINE,
                FINE,
                Progress.IDLE,
                Optional.of(snapshot(NOW, List.of(), List.of("MLflow shows <nothing>: grants"))));
        assertThat(page).contains("class=\"banner warn\"");
        assertThat(seen(page))
                .contains(
                        "|Serving, but MLflow may show too little|",
                        "|Please check|MLflow shows &lt;nothing&gt;: grants|");
    }

    @Test
    void aPartThatFailsIsToldOnceWhileTheRestIsServed() {
        String page = page(
                FINE,
                broken("HTTP 500"),
                Progress.IDLE,
                Optional.of(snapshot(NOW.minusSeconds(70), "registered models: HTTP 500")));
        assertThat(page).contains("class=\"banner warn\"").doesNotContain("Left out");
        assertThat(seen(page))
                .contains(
                        "|Registered models cannot be read|HTTP 500|For 5 min, last read 60 min ago|",
                        "|Runs|1,234,567|");
    }

    @Test
    void numbersThatWereWithdrawnAreNotShown() {
        String page = page(
                broken("refused"), broken("not tried"), Progress.IDLE, Optional.of(snapshot(NOW.minusSeconds(3_600))));
        assertThat(page).contains("class=\"banner bad\"");
        assertThat(seen(page))
                .contains(
                        "|Not serving MLflow’s data| |the snapshot of 2026-03-01T11:00:00Z was withdrawn as too old|",
                        "|Experiments and runs cannot be read|refused|")
                .doesNotContain("1,234,567", "Biggest experiments");
    }

    @Test
    void theFirstReadShowsHowFarItHasCome() {
        String page = page(Part.UNTRIED, Part.UNTRIED, new Progress("runs", 3, 10, 12_000), Optional.empty());
        assertThat(page)
                .contains("class=\"banner warn\"", "<progress aria-label=\"experiments read\" max=\"10\" value=\"3\">");
        assertThat(seen(page)).contains("|Starting|", "|runs: 3 of 10 experiments, 12,000 runs|");
    }

    @Test
    void whatIsSpentAndWhatNoPriceCoversIsTold() {
        String page = page(FINE, FINE, Progress.IDLE, Optional.of(snapshot(NOW.minusSeconds(70))));

        assertThat(page.replaceAll("</?(bdi|span|td|tr|th|br)[^>]*>", " ").replaceAll(" +", " "))
                .contains("last 24 hours 12.35 0.00", "last 30 days 1,234,567.89 5.00")
                .contains("&lt;u&gt;all&lt;/u&gt; 9,000.00 EUR 50 % 120 %")
                .contains("shop / &lt;i&gt;llm&lt;/i&gt; 1,000.00 EUR")
                .contains("Without a price: 26 % of the last 30 days")
                .contains("no rule matches; this would: {&quot;&lt;b&gt;&quot;} 3.0")
                .contains("rule x (book.yaml:3) is the first to match for none of the runs");
    }

    @Test
    void withoutACurrentSnapshotNoMoneyIsShown() {
        String page = page(FINE, FINE, Progress.IDLE, Optional.of(snapshot(NOW.minus(Duration.ofHours(1)))));

        assertThat(page).doesNotContain("EUR");
    }
}
