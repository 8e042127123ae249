package io.mlflowexporter.catalog.sync;

import static org.assertj.core.api.Assertions.assertThat;

import io.mlflowexporter.catalog.RunTable;
import io.mlflowexporter.catalog.reading.RunNeeds;
import io.mlflowexporter.demo.SimulatedMlflow;
import io.mlflowexporter.demo.api.Faults;
import io.mlflowexporter.demo.api.Faults.Answer;
import io.mlflowexporter.demo.api.RequestLog.Request;
import io.mlflowexporter.demo.life.SimulationOptions;
import io.mlflowexporter.mlflow.MlflowException;
import io.mlflowexporter.mlflow.MlflowException.Kind;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.assertj.core.api.Assertions;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What reading by increments asks for, and what it does where that is not answered. */
final class IncrementalReadingTest {
    private volatile Instant now = Instant.parse("2026-03-01T12:00:00Z");
    private SimulatedMlflow server;
    private MlflowWriter writer;

    /** As long as a run takes {@link TwoReadings#PER_RUN}. */
    private static final String[] TEN_A_MINUTE = {"refresh.resync_share", "0.001", "mlflow.page_size", "10"};

    @BeforeEach
    void start() throws Exception {
        server = SimulatedMlflow.start(SimulationOptions.defaults().withRuns(0).withClock(() -> now));
        writer = new MlflowWriter(server.uri());
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private TwoReadings readings(String... settings) {
        Map<String, String> all = new java.util.HashMap<>();
        for (int i = 0; i < settings.length; i += 2) {
            all.put(settings[i], settings[i + 1]);
        }
        return new TwoReadings(server.uri(), () -> now, all);
    }

    private String ended(String experiment, long start) {
        String run = writer.run(experiment, "Training", start);
        writer.status(run, "FINISHED", start + 1_000);
        return run;
    }

    /** So many runs that began so long ago, one each millisecond. */
    private void ended(String experiment, int number, Duration ago) {
        for (int i = 0; i < number; i++) {
            ended(experiment, ago(ago) + i);
        }
    }

    private long millis() {
        return now.toEpochMilli();
    }

    private long ago(Duration time) {
        return millis() - time.toMillis();
    }

    @Test
    void experimentsByTheThousandsTakeAsManyQuestionsAsOne() throws Exception {
        for (int i = 0; i < 1_500; i++) {
            writer.experiment("e" + i);
        }
        TwoReadings readings = readings();
        readings.refresh();
        server.requests().clear();

        readings.refresh();

        assertThat(server.requests().counts())
                .containsEntry("experiments/search", 2L)
                .containsEntry("runs/search", 5L);
    }

    @Test
    void whatWasReadWhenAReadingBrokeOffIsNotReadAgain() throws Exception {
        String experiment = writer.experiment("e");
        ended(experiment, 100, Duration.ofSeconds(1_000));
        TwoReadings readings = brokenOff(5);

        readings.refresh();

        List<Request> asked = server.requests().last("runs/search");
        assertThat(asked.get(0).body()).contains("attributes.start_time >= ");
        assertThat(readings.known()).isEqualTo(readings.fresh()).hasSize(100);
    }

    /** Of a first reading with pages of ten runs, some pages come and then none. */
    private TwoReadings brokenOff(int pages) {
        TwoReadings readings = readings("mlflow.page_size", "10", "mlflow.parallel_requests", "1");
        server.faults().next("runs/search", pages, new Faults.Slow(1 << 20, Duration.ZERO));
        server.faults().next("runs/search", 1, Answer.error(500, "INTERNAL_ERROR"));
        Assertions.assertThatThrownBy(readings::refresh).isInstanceOf(MlflowException.class);
        server.requests().clear();
        return readings;
    }

    @Test
    void anExperimentCreatedMeanwhileDoesNotMakeAFirstReadingBeginAnew() throws Exception {
        List<String> experiments = List.of(writer.experiment("e"), writer.experiment("f"));
        for (int i = 0; i < 300; i++) {
            ended(experiments.get(i % 2), millis() - Duration.ofDays(3).toMillis() + i);
        }
        TwoReadings readings = brokenOff(25);
        ended(writer.experiment("created meanwhile"), millis() - 1);

        readings.refresh();

        List<Request> asked = server.requests().last("runs/search");
        assertThat(asked.get(0).body()).contains("attributes.start_time >= ");
        assertThat(asked).hasSizeLessThan(15);
        assertThat(readings.known()).isEqualTo(readings.fresh()).hasSize(301);
    }

    @Test
    void anExperimentRemovedMeanwhileDoesNotMakeAFirstReadingBeginAnew() throws Exception {
        String experiment = writer.experiment("e");
        String removed = writer.experiment("f");
        for (int i = 0; i < 100; i++) {
            ended(
                    i % 2 == 0 ? experiment : removed,
                    millis() - Duration.ofDays(3).toMillis() + i);
        }
        TwoReadings readings = brokenOff(5);
        writer.deleted(removed, true);
        server.purgeDeleted();

        readings.refresh();

        assertThat(server.requests().last("runs/search").get(0).body()).contains("attributes.start_time >= ");
        assertThat(readings.known()).isEqualTo(readings.fresh()).hasSize(50);
    }

    @Test
    void whatWasReadOfAnExperimentThatIsRenamedMeanwhileIsReadAgain() throws Exception {
        String experiment = writer.experiment("e");
        for (int i = 0; i < 100; i++) {
            writer.status(
                    writer.run(experiment, "r", millis() - Duration.ofDays(3).toMillis() + i), "FINISHED", millis());
        }
        TwoReadings readings = brokenOff(5);
        writer.rename(experiment, "training");

        readings.refresh();

        assertThat(server.requests().last("runs/search"))
                .filteredOn(request -> request.body().contains("[\"" + experiment + "\"]"))
                .first()
                .extracting(Request::body, InstanceOfAssertFactories.STRING)
                .doesNotContain("attributes.start_time >= ");
        assertThat(readings.known()).isEqualTo(readings.fresh()).hasSize(100);
    }

    @Test
    void whoNeedsMoreOfTheRunsGetsItAtTheNextRefresh() throws Exception {
        String experiment = writer.experiment("e");
        String run = ended(experiment, millis() - Duration.ofDays(30).toMillis());
        writer.tag(run, "cost", "42");
        TwoReadings readings = readings();
        readings.refresh();
        RunNeeds more = new RunNeeds(Set.of("team", "cost"), Set.of(), Set.of(), false);
        readings.needs(more);

        readings.refresh();

        assertThat(readings.catalog().kept().covers(more)).isTrue();
        RunTable runs = readings.catalog().runs();
        assertThat(runs.notes(runs.row(run).orElseThrow()).tags()).containsEntry("cost", "42");
    }

    @Test
    void anExperimentWithAMonstrousRunIsSetAsideAndTheRestIsRead() throws Exception {
        String good = writer.experiment("good");
        String monstrous = writer.experiment("monstrous");
        String small = ended(good, millis() - 5_000);
        String large = ended(monstrous, millis() - 4_000);
        for (int i = 0; i < 20; i++) {
            writer.tag(large, "t" + i, "x".repeat(4_900));
        }
        String late = ended(good, millis() - 3_000);
        TwoReadings readings = readings("mlflow.max_response_size", "64KiB");

        List<String> incomplete = readings.refresh();

        assertThat(incomplete).singleElement().asString().contains("experiment " + monstrous, "max_response_size");
        assertThat(readings.known()).containsOnlyKeys(small, late);
        assertThat(readings.catalog().setAside()).containsExactly(monstrous);

        server.requests().clear();
        assertThat(readings.refresh()).isEqualTo(incomplete);
        assertThat(server.requests().last("runs/search"))
                .isNotEmpty()
                .noneMatch(request -> request.body().contains("\"" + monstrous + "\""));

        writer.runDeleted(large, true);
        writer.deleted(good, true);
        writer.deleted(good, false);
        writer.experiment("other");
        writer.tag(small, "team", "a");
        now = now.plus(Duration.ofMinutes(11));
        assertThat(readings.refresh()).as("tried again, and still too large").isEqualTo(incomplete);
        now = now.plus(Duration.ofMinutes(11));
        server.requests().clear();
        readings.refresh();
        assertThat(server.requests().last("runs/search"))
                .as("the pause doubles")
                .noneMatch(request -> request.body().contains("\"" + monstrous + "\""));
        server.purgeDeleted();
        now = now.plus(Duration.ofMinutes(11));
        assertThat(readings.refresh()).as("without the run all is well again").isEmpty();
        assertThat(readings.catalog().setAside()).isEmpty();
    }

    @Test
    void aClockThatIsAheadOfThoseThatWriteMissesNothing() throws Exception {
        String experiment = writer.experiment("e");
        ended(experiment, millis());
        Instant theirs = now;
        now = now.plus(Duration.ofHours(1));
        TwoReadings readings = readings("refresh.resync_share", "0.001");
        readings.refresh();
        now = now.plus(Duration.ofMinutes(1));
        for (int i = 0; i < 20; i++) {
            ended(experiment, theirs.plusSeconds(i).toEpochMilli());
        }

        readings.refresh();

        assertThat(readings.known()).isEqualTo(readings.fresh()).hasSize(21);
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 1})
    void onAServerWhereNothingHappenedForHoursAClockThatIsOffMissesNothing(int hoursAhead) throws Exception {
        String experiment = writer.experiment("e");
        Instant theirs = now;
        for (int i = 0; i < 100; i++) {
            ended(experiment, theirs.minus(Duration.ofHours(10)).toEpochMilli() - i * 60_000L);
        }
        // By a clock far off: it says nothing of their time.
        ended(experiment, Instant.parse("2099-01-01T00:00:00Z").toEpochMilli());
        now = theirs.plus(Duration.ofHours(hoursAhead));
        TwoReadings readings = readings(TEN_A_MINUTE);
        readings.refresh();
        for (int minute = 1; minute <= 5; minute++) {
            now = now.plus(Duration.ofMinutes(1));
            ended(experiment, theirs.plus(Duration.ofMinutes(minute)).toEpochMilli() - 30_000);

            readings.refresh();

            assertThat(readings.known()).isEqualTo(readings.fresh()).hasSize(101 + minute);
        }
    }

    @Test
    void aResyncReadsNoMoreThanItsShareAllows() throws Exception {
        String experiment = writer.experiment("e");
        ended(experiment, 100, Duration.ofHours(10));
        TwoReadings readings = readings(TEN_A_MINUTE);
        readings.refresh();

        List<Long> read = runsRead(readings, 60);

        // The first steps go by a guess of what a run costs, and what is overdrawn is waited for.
        assertThat(read.stream().mapToLong(Long::longValue).sum()).isBetween(500L, 700L);
        assertThat(read).allSatisfy(runs -> assertThat(runs).isLessThan(70));
        assertThat(readings.progress().spent())
                .isLessThanOrEqualTo(TwoReadings.PER_RUN.multipliedBy(700))
                .isGreaterThanOrEqualTo(TwoReadings.PER_RUN.multipliedBy(500));
    }

    @Test
    void aSmallServerIsReadAgainWholeAtEachRefresh() throws Exception {
        String experiment = writer.experiment("e");
        String run = ended(experiment, ago(Duration.ofDays(30)));
        ended(experiment, 50, Duration.ofDays(20));
        TwoReadings readings = readings();
        readings.refresh();

        for (String team : List.of("a", "b")) {
            writer.tag(run, "team", team);
            now = now.plus(Duration.ofMinutes(1));
            readings.refresh();
            assertThat(readings.known()).isEqualTo(readings.fresh());
        }
        assertThat(readings.progress().ratio()).isEqualTo(1);
        assertThat(readings.progress().longestUnreadMillis()).isEqualTo(millis());
    }

    @ParameterizedTest
    @EnumSource(
            value = Kind.class,
            names = {"INTERRUPTED", "OTHER_DATABASE", "TOO_LARGE", "TOO_MANY"},
            mode = EnumSource.Mode.EXCLUDE)
    void aServerThatFailsTheResyncOnlyIsReadWholeAndNothingIsSetAside(Kind kind) throws Exception {
        String experiment = writer.experiment("e");
        ended(experiment, 50, Duration.ofDays(20));
        TwoReadings readings = readings();
        readings.refresh();

        assertThat(readings.catalog().resyncFailure()).isEmpty();
        readings.source().resyncFails(Optional.of(kind));
        for (int i = 1; i <= 6; i++) {
            now = now.plus(Duration.ofMinutes(1));
            String run = ended(experiment, millis() - 2_000);

            assertThat(readings.refresh()).isEmpty();

            assertThat(readings.source().late()).isEqualTo(i);
            assertThat(readings.known()).containsKey(run);
            assertThat(readings.catalog().resyncFailure())
                    .get()
                    .extracting(MlflowException::kind)
                    .isEqualTo(kind);
            assertThat(readings.source().timeLeft())
                    .as("others have their time")
                    .isEqualTo(Duration.ofMinutes(10));
        }
        assertThat(readings.source().leastTimeLeft()).isEqualTo(Duration.ofSeconds(150));
        readings.source().resyncFails(Optional.empty());
        assertThat(readings.progress().longestUnreadMillis()).isEqualTo(ago(Duration.ofMinutes(6)));
        now = now.plus(Duration.ofMinutes(1));
        readings.refresh();
        assertThat(readings.progress().longestUnreadMillis()).isEqualTo(millis());
    }

    @Test
    void aResyncSaysHowFarItIs() throws Exception {
        String experiment = writer.experiment("e");
        ended(experiment, 100, Duration.ofDays(30));
        TwoReadings readings = readings(TEN_A_MINUTE);
        readings.refresh();
        long first = millis();
        assertThat(readings.progress().ratio()).isEqualTo(1);
        assertThat(readings.progress().completedMillis()).isEqualTo(first);

        runsRead(readings, 1);

        assertThat(readings.progress().ratio()).isBetween(0.1, 0.8);
        assertThat(readings.progress().completedMillis()).isEqualTo(first);
        assertThat(readings.progress().longestUnreadMillis()).isEqualTo(first);
        assertThat(readings.progress().expected()).isBetween(Duration.ofMinutes(5), Duration.ofMinutes(15));
        runsRead(readings, 15);
        assertThat(readings.progress().completedMillis()).isGreaterThan(first);
        assertThat(readings.progress().longestUnreadMillis()).isGreaterThan(first);
        runsRead(readings, 40);
        assertThat(readings.progress().longestUnreadMillis()).isGreaterThanOrEqualTo(ago(Duration.ofMinutes(15)));
    }

    @Test
    void aResyncGoesOnAfterARestart() throws Exception {
        for (int i = 0; i < 4; i++) {
            ended(writer.experiment("e" + i), 25, Duration.ofDays(30 + i));
        }
        TwoReadings readings = readings(TEN_A_MINUTE);
        readings.refresh();
        long begun = millis();
        for (int i = 0; i < 16; i++) {
            runsRead(readings, 1);
            readings.restart();
        }

        assertThat(readings.progress().longestUnreadMillis()).isGreaterThan(begun);
        assertThat(readings.progress().spent()).isGreaterThan(TwoReadings.PER_RUN.multipliedBy(100));
    }

    @Test
    void deletionsAndRestoresOfOldRunsShowAtTheNextRefresh() throws Exception {
        String experiment = writer.experiment("e");
        ended(experiment, 300, Duration.ofDays(30));
        List<String> some = List.of(ended(experiment, 1), ended(experiment, 2), ended(experiment, 3));
        TwoReadings readings = readings("refresh.resync_share", "0.001");
        runsRead(readings, 2);

        some.forEach(run -> writer.runDeleted(run, true));
        runsRead(readings, 1);
        assertThat(readings.known()).isEqualTo(readings.fresh());
        assertThat(readings.known().get(some.get(0))).contains("DELETED");

        writer.runDeleted(some.get(0), false);
        runsRead(readings, 1);
        assertThat(readings.known()).isEqualTo(readings.fresh());
        assertThat(readings.known().get(some.get(0))).contains("ACTIVE");

        server.purgeDeleted();
        runsRead(readings, 1);
        assertThat(readings.known())
                .isEqualTo(readings.fresh())
                .containsKey(some.get(0))
                .doesNotContainKeys(some.get(1), some.get(2));
    }

    @Test
    void theRunsOfADeletedExperimentAreNotReadAtEachRefresh() throws Exception {
        String experiment = writer.experiment("e");
        ended(experiment, 100, Duration.ofDays(30));
        writer.runDeleted(ended(writer.experiment("f"), 1), true);
        writer.deleted(experiment, true);
        TwoReadings readings = readings("refresh.resync_share", "0.001");
        runsRead(readings, 2);
        server.requests().clear();

        runsRead(readings, 1);

        assertThat(server.requests().last("runs/search"))
                .filteredOn(request -> request.body().contains("DELETED_ONLY"))
                .singleElement()
                .extracting(Request::body, InstanceOfAssertFactories.STRING)
                .doesNotContain("\"" + experiment + "\"");
        writer.deleted(experiment, false);
        runsRead(readings, 1);
        assertThat(readings.known()).isEqualTo(readings.fresh());
    }

    @Test
    void manyDeletedRunsAreReadByTurns() throws Exception {
        String experiment = writer.experiment("e");
        for (int i = 0; i < 450; i++) {
            writer.runDeleted(ended(experiment, ago(Duration.ofDays(30)) + i), true);
        }
        TwoReadings readings = readings("refresh.resync_share", "0.001");
        runsRead(readings, 1);

        // That many take longer than the rarest turn leaves, by time.
        assertThat(runsRead(readings, 12)).filteredOn(read -> read >= 450).hasSize(4);
    }

    /** So many runs that began nine days ago, of which nothing was heard since. */
    private List<String> dead(String experiment, int number) {
        List<String> dead = new ArrayList<>();
        for (int i = 0; i < number; i++) {
            dead.add(writer.run(experiment, "Training", ago(Duration.ofDays(9)) + i));
        }
        return dead;
    }

    /** How many runs each of so many refreshes, a minute apart, reads. */
    private List<Long> runsRead(TwoReadings readings, int refreshes) throws MlflowException {
        List<Long> all = new ArrayList<>();
        for (int i = 0; i < refreshes; i++) {
            now = now.plus(Duration.ofMinutes(1));
            long[] read = {0};
            readings.refresh(count -> read[0] = count);
            all.add(read[0]);
        }
        return all;
    }

    @Test
    void manyDeadRunsAreNotReadAtEachRefresh() throws Exception {
        String experiment = writer.experiment("e");
        List<String> dead = dead(experiment, 2_000);
        String old = writer.run(experiment, "Training", ago(Duration.ofDays(30)));
        writer.metric(old, "loss", 1, millis());
        writer.metric(dead.get(1), "loss", 1, millis() * 1_000);
        writer.run(experiment, "Training", 0);
        String alive = writer.run(experiment, "Training", ago(Duration.ofHours(20)));
        TwoReadings readings = readings();
        runsRead(readings, 2);

        String late = writer.run(experiment, "Training", millis());
        writer.status(alive, "FINISHED", millis());
        writer.status(dead.get(0), "KILLED", millis());
        assertThat(runsRead(readings, 1)).allSatisfy(read -> assertThat(read).isLessThan(300));
        assertThat(readings.known()).containsKey(late);
        assertThat(readings.known().get(dead.get(0))).contains("KILLED");
        assertThat(readings.known().get(alive)).contains("FINISHED");
        assertThat(runsRead(readings, 20)).filteredOn(read -> read > 1_000).hasSize(2);
    }

    @Test
    void whatBecameOfADeadRunIsKnownAfterSomeRefreshes() throws Exception {
        String experiment = writer.experiment("e");
        List<String> dead = dead(experiment, 2_000);
        String resumed = ended(experiment, ago(Duration.ofDays(5)));
        TwoReadings readings = readings();
        runsRead(readings, 2);

        writer.status(resumed, "RUNNING", 0);
        writer.runDeleted(dead.get(1_900), true);
        writer.status(dead.get(1_800), "KILLED", ago(Duration.ofDays(8)));
        runsRead(readings, 16);
        assertThat(readings.known()).isEqualTo(readings.fresh());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 25 * 60})
    void amongDeadRunsOneThatLivesIsReadAtEachRefreshAlsoAfterAnOutage(int minutes) throws Exception {
        String experiment = writer.experiment("e");
        dead(experiment, 700);
        String alive = writer.run(experiment, "Training", ago(Duration.ofDays(2)));
        writer.metric(alive, "loss", 1, millis());
        TwoReadings readings = readings();
        runsRead(readings, 3);
        now = now.plus(Duration.ofMinutes(minutes));

        for (int i = 0; i < 3; i++) {
            writer.metric(alive, "loss", 1, millis());
            runsRead(readings, 1);
            assertThat(readings.known()).isEqualTo(readings.fresh());
        }
    }

    @Test
    void amongDeadRunsOneOfAClockThatIsBehindIsMet() throws Exception {
        String experiment = writer.experiment("e");
        ended(experiment, 700, Duration.ofDays(30));
        dead(experiment, 700);
        ended(experiment, millis());
        TwoReadings readings = readings();
        runsRead(readings, 2);

        String behind = writer.run(experiment, "Training", ago(Duration.ofMinutes(90)));
        ended(experiment, millis());
        runsRead(readings, 1);
        writer.status(behind, "FINISHED", ago(Duration.ofMinutes(85)));
        runsRead(readings, 1);
        assertThat(readings.known()).isEqualTo(readings.fresh());
    }

    @Test
    void whatBecameOfARunThatHadNotEndedIsKnownAtOnce() throws Exception {
        String experiment = writer.experiment("e");
        ended(experiment, 30, Duration.ofDays(30));
        String late = writer.run(experiment, "Training", millis() - 1_000_000);
        String purged = writer.run(experiment, "Training", millis() - 1_000_000);
        TwoReadings readings = readings(TEN_A_MINUTE);
        readings.refresh();

        writer.status(late, "KILLED", ago(Duration.ofDays(1)));
        writer.runDeleted(purged, true);
        server.purgeDeleted();
        now = now.plus(Duration.ofMinutes(1));
        readings.refresh();

        assertThat(readings.known())
                .isEqualTo(readings.fresh())
                .containsKey(late)
                .doesNotContainKey(purged);
    }
}
