package io.mlflowexporter.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import io.mlflowexporter.mlflow.LifecycleStage;
import io.mlflowexporter.mlflow.Run;
import io.mlflowexporter.mlflow.RunStatus;
import io.mlflowexporter.mlflow.Times;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is kept of runs over readings that are whole, partial and limited. */
final class RunTableTest {
    private static final int ALL = Integer.MAX_VALUE;

    private final RunTable runs = new RunTable();

    private void put(String id, long start, long heartbeat) {
        runs.put(
                new Run(
                        "",
                        id,
                        "1",
                        id,
                        "",
                        RunStatus.RUNNING,
                        LifecycleStage.ACTIVE,
                        start,
                        Times.ABSENT,
                        heartbeat,
                        Map.of(),
                        Map.of(),
                        Map.of(),
                        0,
                        0),
                "other",
                "",
                RunNotes.NONE);
    }

    @Test
    void theLastSignOfLifeIsTheNewestMetricButNoneBeforeTheStart() {
        put("silent", 1_000, Times.ABSENT);
        put("alive", 1_000, 5_000);
        put("stamped in seconds", 1_000_000, 1_000);
        put("nothing", Times.ABSENT, Times.ABSENT);

        assertThat(runs.lastSignMillis(0)).isEqualTo(1_000);
        assertThat(runs.lastSignMillis(1)).isEqualTo(5_000);
        assertThat(runs.lastSignMillis(2)).isEqualTo(1_000_000);
        assertThat(runs.lastSignMillis(3)).isEqualTo(Times.ABSENT);
        assertThat(runs.stale(2, 1_000_500, 1_000)).isFalse();
        assertThat(runs.stale(3, 1_000_500, 1_000)).isFalse();
    }

    @Test
    void theOldestPastTheLimitAreLeftOutAndThoseWithoutAStartFirst() {
        runs.beginReading();
        put("c", 3, Times.ABSENT);
        put("none", Times.ABSENT, Times.ABSENT);
        put("a", 1, Times.ABSENT);
        put("b", 2, Times.ABSENT);

        assertThat(runs.endReading(2)).isEqualTo(2);

        assertThat(runs.state(0)).isEqualTo(RunState.ACTIVE);
        assertThat(runs.state(1)).isEqualTo(RunState.LEFT_OUT);
        assertThat(runs.state(2)).isEqualTo(RunState.LEFT_OUT);
        assertThat(runs.state(3)).isEqualTo(RunState.ACTIVE);
        assertThat(runs.counted(2)).isFalse();
    }

    @Test
    void aReadingThatBrokeOffTakesNothingAwayAndTheNextMendsIt() {
        runs.beginReading();
        put("a", 1, Times.ABSENT);
        put("b", 2, Times.ABSENT);
        runs.endReading(ALL);

        runs.beginReading();
        put("a", 1, Times.ABSENT);
        assertThat(runs.state(1)).isEqualTo(RunState.ACTIVE);

        runs.beginReading();
        put("b", 2, Times.ABSENT);
        assertThat(runs.endReading(ALL)).isZero();
        assertThat(runs.state(0)).isEqualTo(RunState.GONE);
        assertThat(runs.counted(0)).as("once counted, always counted").isTrue();
        assertThat(runs.state(1)).isEqualTo(RunState.ACTIVE);
    }
}
