package io.mlflowexporter.runs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mlflowexporter.catalog.KeptRows;
import io.mlflowexporter.catalog.sync.MlflowWriter;
import io.mlflowexporter.catalog.sync.TwoReadings;
import io.mlflowexporter.checkpoint.fields.SectionBytes;
import io.mlflowexporter.config.ConfigLoader;
import io.mlflowexporter.demo.SimulatedMlflow;
import io.mlflowexporter.demo.life.SimulationOptions;
import io.mlflowexporter.metric.Family;
import io.mlflowexporter.metric.Family.Distribution;
import io.mlflowexporter.metric.Family.Value;
import io.mlflowexporter.metric.FamilyDeclaration;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How often runs fail, how long they wait, and when something last went well. */
final class ReliabilityTest {
    private static final Instant BEGIN = Instant.parse("2026-03-01T12:00:00Z");

    private volatile Instant now = BEGIN;
    private SimulatedMlflow server;
    private MlflowWriter writer;
    private TwoReadings readings;
    private String churn;
    private QueueTimes queues = new QueueTimes();
    private final KeptRows<RunSums> sums = new KeptRows<>();
    private List<Family> waiting = List.of();

    @BeforeEach
    void start() throws Exception {
        server = SimulatedMlflow.start(SimulationOptions.defaults().withRuns(0).withClock(() -> now));
        writer = new MlflowWriter(server.uri());
        readings = new TwoReadings(server.uri(), () -> now, Map.of());
        churn = writer.experiment("churn");
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private String run(String name, String status, Duration ago, String... params) {
        long end = now.minus(ago).toEpochMilli();
        String run = writer.run(churn, name, end - 60_000);
        for (int i = 0; i < params.length; i += 2) {
            writer.param(run, params[i], params[i + 1]);
        }
        writer.status(run, status, end);
        return run;
    }

    private void look() throws Exception {
        readings.refresh();
        waiting = queues.refresh(readings.catalog(), now.toEpochMilli());
    }

    private String says(FamilyDeclaration declaration) {
        List<Family> families = new java.util.ArrayList<>(sums.refresh(
                        readings.catalog(),
                        now.toEpochMilli(),
                        () -> new RunSums(
                                readings.catalog(), ConfigLoader.defaults().times(), row -> false))
                .families());
        families.addAll(waiting);
        return families.stream()
                .filter(family -> family.declaration().equals(declaration))
                .flatMap(family -> family.samples().stream())
                .map(sample -> String.join(" ", sample.labelValues()) + " "
                        + (sample instanceof Value value
                                ? value.value()
                                : ((Distribution) sample).histogram().count() + " of "
                                        + ((Distribution) sample).histogram().sum()))
                .sorted()
                .collect(Collectors.joining("\n"));
    }

    @Test
    void theErrorRatioIsOfTheRunsThatEndedInsideTheWindow() throws Exception {
        run("Training", "FAILED", Duration.ofHours(2));
        run("Training", "FINISHED", Duration.ofHours(3));
        run("Training", "FINISHED", Duration.ofDays(2));
        run("Training", "KILLED", Duration.ofDays(2));
        run("Training", "FAILED", Duration.ofDays(20));
        run("Training", "FAILED", Duration.ofDays(40));
        writer.runDeleted(run("Tuning", "FAILED", Duration.ofHours(1)), true);
        look();

        assertThat(says(Reliability.ERROR_RATIO)).isEqualTo("""
                1d churn training 0.5
                1d churn tuning 1.0
                30d churn training 0.6
                30d churn tuning 1.0
                7d churn training 0.5
                7d churn tuning 1.0""");

        now = now.plus(Duration.ofDays(29));
        look();

        assertThat(says(Reliability.ERROR_RATIO)).isEqualTo("""
                30d churn training 0.5
                30d churn tuning 1.0""");
    }

    @Test
    void aRunThatEndsInTheFutureHasNotEndedYet() throws Exception {
        run("Training", "FAILED", Duration.ofHours(-1));
        look();
        assertThat(says(Reliability.ERROR_RATIO)).isEmpty();

        now = now.plus(Duration.ofHours(2));
        look();
        assertThat(says(Reliability.ERROR_RATIO)).contains("1d churn training 1.0");
    }

    @Test
    void whatFailsAgainAndAgainIsARetryStormUntilItSucceeds() throws Exception {
        for (int hours = 5; hours > 1; hours--) {
            run("Training", "FAILED", Duration.ofHours(hours), "lr", "0.1", "depth", "3");
        }
        // Killed by somebody: neither one more failure nor a success.
        run("Training", "KILLED", Duration.ofMinutes(90), "depth", "3", "lr", "0.1");
        run("Training", "FAILED", Duration.ofHours(3), "lr", "0.2", "depth", "3");
        run("Training-2", "FAILED", Duration.ofHours(3), "lr", "0.1", "depth", "3");
        look();

        assertThat(says(Reliability.RETRY_STORM)).isEqualTo("churn training 4.0");

        run("Training", "FINISHED", Duration.ofHours(1), "depth", "3", "lr", "0.1");
        look();
        assertThat(says(Reliability.RETRY_STORM)).isEmpty();
    }

    @Test
    void aRetryStormIsOverADayAfterItsLastRunAndOnceItsRunsAreDeleted() throws Exception {
        run("Training", "FAILED", Duration.ofHours(2));
        String last = run("Training", "FAILED", Duration.ofHours(1));
        look();
        assertThat(says(Reliability.RETRY_STORM)).isEqualTo("churn training 2.0");

        writer.runDeleted(last, true);
        now = now.plusSeconds(60);
        readings.refresh();
        assertThat(says(Reliability.RETRY_STORM)).isEmpty();

        writer.runDeleted(last, false);
        now = now.plusSeconds(60);
        readings.refresh();
        assertThat(says(Reliability.RETRY_STORM)).isEqualTo("churn training 2.0");
        now = now.plus(Duration.ofDays(1));
        look();
        assertThat(says(Reliability.RETRY_STORM)).isEmpty();
    }

    @Test
    void theLastSuccessIsThatOfTheNewestRunThatFinished() throws Exception {
        run("Training", "FINISHED", Duration.ofDays(50));
        run("Training", "FAILED", Duration.ofDays(1));
        run("Tuning", "FAILED", Duration.ofDays(1));
        look();

        assertThat(says(Reliability.LAST_SUCCESS))
                .isEqualTo("churn training "
                        + (double) BEGIN.minus(Duration.ofDays(50)).getEpochSecond());
    }

    @Test
    void aRunWaitsUntilItIsSeenToRun() throws Exception {
        String run = writer.run(churn, "Training", now.toEpochMilli());
        writer.status(run, "SCHEDULED", 0);
        look();
        assertThat(says(QueueTimes.OLDEST)).isEqualTo("churn training 0.0");
        now = now.plus(Duration.ofMinutes(5));
        look();
        assertThat(says(QueueTimes.OLDEST)).isEqualTo("churn training 300.0");
        assertThat(says(QueueTimes.WAITED)).isEmpty();

        QueueTimes.Saved saved = SectionBytes.again(queues::write, QueueTimes::read);
        queues = new QueueTimes();
        queues.restore(saved);
        writer.status(run, "RUNNING", 0);
        now = now.plus(Duration.ofMinutes(1));
        look();
        look();

        assertThat(says(QueueTimes.OLDEST)).isEmpty();
        assertThat(says(QueueTimes.WAITED)).isEqualTo("churn training 1 of 360.0");
        assertThatThrownBy(() -> SectionBytes.again(out -> out.ints("waiting", new int[] {-1}, 1), QueueTimes::read))
                .isInstanceOf(IOException.class);
    }

    @Test
    void ofARunThatEndedBetweenTwoLooksNobodyKnowsHowLongItWaited() throws Exception {
        String run = writer.run(churn, "Training", now.toEpochMilli());
        writer.status(run, "SCHEDULED", 0);
        look();
        writer.status(run, "FINISHED", now.toEpochMilli() + 1_000);
        now = now.plus(Duration.ofMinutes(1));
        look();

        assertThat(says(QueueTimes.WAITED)).isEmpty();
        assertThat(says(QueueTimes.OLDEST)).isEmpty();
    }
}
