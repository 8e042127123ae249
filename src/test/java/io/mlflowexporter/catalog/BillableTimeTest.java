package io.mlflowexporter.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import io.mlflowexporter.catalog.BillableTime.State;
import io.mlflowexporter.metric.Times;
import io.mlflowexporter.mlflow.LifecycleStage;
import io.mlflowexporter.mlflow.Run;
import io.mlflowexporter.mlflow.RunStatus;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The time of runs that the table tells nothing else about: those that {@code read.max_runs} leaves out. */
final class BillableTimeTest {
    private static final long NOON = Instant.parse("2026-03-10T12:00:00Z").toEpochMilli();
    private static final long HOUR = 3_600_000;
    private static final TimeRules RULES = new TimeRules(24 * HOUR, 90 * 24 * HOUR, false);

    private final RunTable runs = new RunTable();

    private void put(String id, LifecycleStage stage, long start, long heartbeat) {
        runs.put(
                new Run(
                        "",
                        id,
                        "1",
                        id,
                        "",
                        RunStatus.RUNNING,
                        stage,
                        start,
                        Times.ABSENT,
                        heartbeat,
                        Map.of(),
                        Map.of(),
                        Map.of(),
                        0,
                        0),
                "training",
                "",
                RunNotes.NONE,
                new Gaps.Look(NOON, NOON, RULES));
    }

    private void isBilledUntil(int row, State state, long untilMillis) {
        BillableTime time = BillableTime.of(runs, row, NOON, RULES);
        assertThat(time.state()).isEqualTo(state);
        assertThat(time.untilMillis()).isEqualTo(untilMillis);
    }

    @Test
    void aRunThatIsLeftOutIsBilledAsIfItWereNot() {
        runs.marks().begin(NOON);
        put("alive", LifecycleStage.ACTIVE, NOON - 3 * HOUR, NOON - HOUR);
        put("deleted", LifecycleStage.ACTIVE, NOON - 3 * HOUR, NOON - 2 * HOUR);
        put("silent", LifecycleStage.ACTIVE, NOON - 30 * HOUR, NOON - 29 * HOUR);
        runs.presence().endReading(3);
        runs.marks().begin(NOON);
        put("alive", LifecycleStage.ACTIVE, NOON - 3 * HOUR, NOON - HOUR);
        put("deleted", LifecycleStage.DELETED, NOON - 3 * HOUR, NOON - 2 * HOUR);
        put("silent", LifecycleStage.ACTIVE, NOON - 30 * HOUR, NOON - 29 * HOUR);
        put("newer", LifecycleStage.ACTIVE, NOON - HOUR, NOON);

        assertThat(runs.presence().endReading(1)).isEqualTo(3);

        for (int row = 0; row < 3; row++) {
            assertThat(runs.state(row)).isEqualTo(RunState.LEFT_OUT);
            assertThat(runs.counted(row)).as("once counted, always counted").isTrue();
        }
        isBilledUntil(0, State.RUNNING, NOON);
        isBilledUntil(1, State.STALE, NOON - 2 * HOUR);
        isBilledUntil(2, State.STALE, NOON - 29 * HOUR);
        runs.presence().gone(0);
        isBilledUntil(0, State.STALE, NOON - HOUR);
    }
}
