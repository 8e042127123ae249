package io.mlflowexporter.cost;

import static org.assertj.core.api.Assertions.assertThat;

import io.mlflowexporter.catalog.Catalog;
import io.mlflowexporter.catalog.KeptRows;
import io.mlflowexporter.runs.RunSums;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How long runs were busy that MLflow alone does not show: seen to wait, to be resumed, and by clocks that differ. */
final class BusyTimeTest {
    private static final String TEN_AN_HOUR = """
            currency: EUR
            resources: [{name: node, prices: [{per_hour: 10}]}]
            default_uses: [{resource: node}]
            """;
    private static final String SPEND =
            "mlflow_compute_spend_total{experiment=\"churn\",phase=\"training\",resource=\"node\",currency=\"EUR\"} ";

    @TempDir
    private Path directory;

    private Scenario scenario;

    @BeforeEach
    void book() {
        scenario = new Scenario(directory).book(TEN_AN_HOUR);
    }

    private void look(String at, String run) {
        scenario.runs("run,status,start,end\nr," + run).at("2026-03-10T" + at + "Z");
    }

    private void costs(double amount) {
        scenario.shows(SPEND + amount);
    }

    @Test
    void whatTheExporterSawSurvivesARestart() {
        look("05:59", "scheduled,2026-03-09T20:00Z,");
        scenario.costs().restart();
        look("06:00", "running,2026-03-09T20:00Z,");
        scenario.costs().restart();
        look("06:30", "running,2026-03-09T20:00Z,");
        costs(5);
        look("07:01", "finished,2026-03-09T20:00Z,2026-03-10T07:00Z");
        costs(10);
        look("08:00", "running,2026-03-09T20:00Z,2026-03-10T07:00Z");
        scenario.costs().restart();
        look("08:31", "finished,2026-03-09T20:00Z,2026-03-10T08:30Z");
        costs(15);
    }

    @Test
    void aRunThatBeganAndEndedBetweenTwoLooksIsBilledFromTheFirst() {
        look("06:00", "scheduled,2026-03-09T20:00Z,");
        look("07:00", "finished,2026-03-09T20:00Z,2026-03-10T06:30Z");
        costs(5);
    }

    @Test
    void aRunThatWasResumedAndEndedBetweenTwoLooksIsBilledFromTheFirst() {
        look("06:00", "finished,2026-02-28T12:00Z,2026-02-28T13:00Z");
        look("07:00", "finished,2026-02-28T12:00Z,2026-03-10T06:30Z");
        costs(15);
    }

    @Test
    void aRunThatEndedAndWasResumedWhileTheExporterWasAwayIsBilledForWhatItRan() {
        scenario.runs("run,status,start,end\nr,running,2026-02-28T05:59Z,").at("2026-02-28T06:00Z");
        scenario.costs().restart();
        look("06:00", "running,2026-02-28T05:59Z,2026-02-28T06:01Z");
        look("06:58", "running,2026-02-28T05:59Z,2026-02-28T06:01Z");
        costs(10);
    }

    @Test
    void anEndThatIsCorrectedIsNoResume() {
        look("06:00", "finished,2026-03-09T20:00Z,2026-03-09T21:00Z");
        look("07:00", "finished,2026-03-09T20:00Z,2026-03-09T22:00Z");
        costs(20);
    }

    @Test
    void aRunThatIsQueuedAgainKeepsWhatItCost() {
        look("06:00", "running,2026-03-10T05:00Z,");
        look("06:01", "scheduled,2026-03-10T05:00Z,");
        look("07:01", "scheduled,2026-03-10T05:00Z,");
        look("08:01", "running,2026-03-10T05:00Z,");
        look("08:31", "finished,2026-03-10T05:00Z,2026-03-10T08:31Z");
        scenario.shows(SPEND + (61 + 30) / 6.0);
    }

    @Test
    void aResumedRunWithoutMetricsIsNotStale() {
        look("06:00", "finished,2026-02-28T12:00Z,2026-02-28T13:00Z");
        look("07:00", "running,2026-02-28T12:00Z,2026-02-28T13:00Z");
        look("08:00", "running,2026-02-28T12:00Z,2026-02-28T13:00Z");
        costs(20);
    }

    @Test
    void anExporterWhoseClockIsAnHourBehindBillsTheSame() {
        look("04:59", "scheduled,2026-03-09T20:00Z,");
        look("05:00", "running,2026-03-09T20:00Z,");
        look("05:30", "finished,2026-03-09T20:00Z,2026-03-10T06:30Z");
        look("07:00", "finished,2026-03-09T20:00Z,2026-03-10T06:30Z");
        costs(5);
    }

    @Test
    void anExporterWhoseClockIsAnHourAheadBillsTheSameToWithinARefresh() {
        look("06:59", "scheduled,2026-03-09T20:00Z,");
        look("07:00", "running,2026-03-09T20:00Z,");
        look("07:30", "running,2026-03-09T20:00Z,");
        look("07:31", "finished,2026-03-09T20:00Z,2026-03-10T06:30Z");
        costs(5);
    }

    @Test
    void anExporterWhoseClockIsAnHourBehindBillsAResumedRunTheSame() {
        look("06:01", "finished,2026-03-10T06:00Z,2026-03-10T07:00Z");
        look("06:05", "running,2026-03-10T06:00Z,2026-03-10T07:00Z");
        look("06:34", "running,2026-03-10T06:00Z,2026-03-10T07:00Z");
        look("06:35", "finished,2026-03-10T06:00Z,2026-03-10T07:35Z");
        look("07:35", "finished,2026-03-10T06:00Z,2026-03-10T07:35Z");
        costs(15);
        scenario.costs().restart();
        look("08:35", "finished,2026-03-10T06:00Z,2026-03-10T07:35Z");
        costs(15);
    }

    @Test
    void aDeadRunThatIsEndedWithItsLastActivityHasWaitedAsLongAsBefore() {
        scenario.runs("run,status,start,end\nr,scheduled,2026-03-09T20:00Z,").at("2026-03-10T05:59Z");
        scenario.runs("run,status,start,end,last_metric\nr,running,2026-03-09T20:00Z,,")
                .at("2026-03-10T06:00Z");
        scenario.runs("run,status,start,end,last_metric\nr,running,2026-03-09T20:00Z,,2026-03-10T07:00Z")
                .at("2026-03-10T08:30Z");
        scenario.runs(
                        "run,status,start,end,last_metric\nr,killed,2026-03-09T20:00Z,2026-03-10T07:00Z,2026-03-10T07:00Z")
                .at("2026-03-10T08:31Z");
        scenario.shows(
                "mlflow_compute_cost{window=\"7d\",experiment=\"churn\",phase=\"training\",outcome=\"killed\",currency=\"EUR\"} 10.0");
    }

    @Test
    void aLiveRunOfAServerWhoseClockIsAheadIsNotStale() {
        scenario.runs("""
                run,status,start,last_metric
                r,running,2026-03-08T06:00Z,2026-03-10T07:00Z
                """).at("2026-03-10T06:00Z");
        costs(480);
    }

    @Test
    void aRunThatAlternatesAtEachLookIsBilledForWhatItRan() {
        Instant start = Instant.parse("2026-03-10T00:00:00Z");
        String end = "";
        for (int i = 0; i < 200; i++) {
            Instant running = start.plus(Duration.ofMinutes(2L * i));
            Instant ended = running.plus(Duration.ofMinutes(1));
            look(running.toString().substring(11, 16), "running," + start + "," + end);
            end = ended.toString();
            look(end.substring(11, 16), "finished," + start + "," + end);
        }
        scenario.shows(SPEND + 200 / 6.0);
    }

    @Test
    void whatIsOddIsCountedByKindWithTheRunsThatShowIt() {
        scenario.runs("""
                run,status,start,end,last_metric
                queue,scheduled,2026-03-09T20:00Z,,
                again,finished,2026-02-28T12:00Z,2026-02-28T13:00Z,
                """).at("2026-03-10T06:00Z").runs("""
                run,status,start,end,last_metric
                queue,running,2026-03-09T20:00Z,,
                again,running,2026-02-28T12:00Z,2026-02-28T13:00Z,
                killed,killed,2026-02-08T12:00Z,2026-03-10T05:00Z,2026-02-08T14:00Z
                ahead,running,2026-01-09T12:00Z,,2027-03-10T12:00Z
                seconds,finished,1970-01-21T12:30Z,2026-03-10T05:00Z,
                metrics,running,2026-03-10T05:00Z,,1970-01-21T12:30Z
                silent,finished,2026-03-08T00:00Z,2026-03-10T00:00Z,
                endless,finished,2025-03-08T00:00Z,2026-03-10T00:00Z,
                """).at("2026-03-10T06:01Z");
        Catalog catalog = scenario.costs().catalog();
        RunSums sums = new KeptRows<RunSums>()
                .refresh(
                        catalog,
                        Instant.parse("2026-03-10T06:01:00Z").toEpochMilli(),
                        () -> new RunSums(catalog, Costs.RULES, row -> false));

        assertThat(sums.anomalyExamples())
                .containsAllEntriesOf(Map.of(
                        "queued", List.of("queue"),
                        "resumed", List.of("again"),
                        "ended_when_stale", List.of("killed"),
                        "metric_in_future", List.of("ahead"),
                        "implausible_start", List.of("seconds"),
                        "metric_before_start", List.of("metrics"),
                        "implausible_duration", List.of("endless")));
        assertThat(sums.anomalyExamples().get("finished_when_stale"))
                .containsExactlyInAnyOrder("silent", "seconds", "endless");
        assertThat(sums.anomalies(0).entrySet().stream()
                        .filter(kind -> kind.getValue() == 1)
                        .map(Map.Entry::getKey)
                        .collect(Collectors.toSet()))
                .contains("queued", "resumed", "ended_when_stale", "metric_in_future");
    }
}
