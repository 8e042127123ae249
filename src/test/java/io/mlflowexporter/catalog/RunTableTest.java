package io.mlflowexporter.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import io.mlflowexporter.checkpoint.fields.SectionBytes;
import io.mlflowexporter.metric.Times;
import io.mlflowexporter.mlflow.LifecycleStage;
import io.mlflowexporter.mlflow.Run;
import io.mlflowexporter.mlflow.RunStatus;
import java.io.IOException;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is kept of runs over readings that are whole, partial and limited. */
final class RunTableTest {
    private static final int ALL = Integer.MAX_VALUE;

    private RunTable runs = new RunTable();

    private void put(String id, long start, long heartbeat) {
        put(id, "", start, heartbeat, RunNotes.NONE);
    }

    private void put(String id, String user, long start, long heartbeat, RunNotes notes) {
        runs.put(
                new Run(
                        "",
                        id,
                        "1",
                        id,
                        user,
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
                notes,
                new Gaps.Look(0, 0, new TimeRules(1, Long.MAX_VALUE, false)));
    }

    @Test
    void theLastActivityIsTheNewestMetricButNoneBeforeTheStart() {
        put("silent", 1_000, Times.ABSENT);
        put("alive", 1_000, 5_000);
        put("stamped in seconds", 1_000_000, 1_000);
        put("nothing", Times.ABSENT, Times.ABSENT);

        long now = 1_000_500;
        assertThat(BillableTime.lastActivityMillis(runs, 0, now)).isEqualTo(1_000);
        assertThat(BillableTime.lastActivityMillis(runs, 1, now)).isEqualTo(5_000);
        assertThat(BillableTime.lastActivityMillis(runs, 2, now)).isEqualTo(1_000_000);
        assertThat(BillableTime.lastActivityMillis(runs, 3, now)).isEqualTo(Times.ABSENT);
        assertThat(BillableTime.stale(runs, 2, now, 1_000)).isFalse();
        assertThat(BillableTime.stale(runs, 3, now, 1_000)).isFalse();
    }

    @Test
    void theOldestPastTheLimitAreLeftOutAndThoseWithoutAStartFirst() {
        runs.marks().begin(0);
        put("c", 3, Times.ABSENT);
        put("none", Times.ABSENT, Times.ABSENT);
        put("a", 1, Times.ABSENT);
        put("b", 2, Times.ABSENT);

        assertThat(runs.presence().endReading(2)).isEqualTo(2);

        assertThat(runs.state(0)).isEqualTo(RunState.ACTIVE);
        assertThat(runs.state(1)).isEqualTo(RunState.LEFT_OUT);
        assertThat(runs.state(2)).isEqualTo(RunState.LEFT_OUT);
        assertThat(runs.state(3)).isEqualTo(RunState.ACTIVE);
        assertThat(runs.counted(2)).isFalse();
    }

    @Test
    void whenARunWasReadIsUnknownAfterACheckpointThatDoesNotTell() throws IOException {
        assertThat(runs.presence().longestUnreadMillis()).as("no runs").isEqualTo(Times.ABSENT);
        long noon = Instant.parse("2026-03-01T12:00:00Z").toEpochMilli();
        runs.marks().begin(noon);
        put("a", 1, Times.ABSENT);
        put("b", 2, Times.ABSENT);
        runs.presence().endRefresh(ALL);
        assertThat(runs.presence().longestUnreadMillis()).isEqualTo(noon);

        // As a column that is missing is filled.
        runs.columns().readSeconds = new int[] {0, 0};
        runs = SectionBytes.read(written(), RunTableCodec::read);
        assertThat(runs.presence().longestUnreadMillis()).isEqualTo(Times.ABSENT);
        assertThat(runs.presence().readSince(noon)).isZero();
        runs.marks().begin(noon + 60_000);
        put("a", 1, Times.ABSENT);
        runs.presence().endRefresh(ALL);
        assertThat(runs.presence().longestUnreadMillis())
                .as("of one it is still unknown")
                .isEqualTo(Times.ABSENT);
        assertThat(runs.presence().readSince(noon)).isEqualTo(1);
        put("b", 2, Times.ABSENT);
        assertThat(runs.presence().longestUnreadMillis()).isEqualTo(noon + 60_000);
    }

    @Test
    void aTagThatChangesAllTheTimeLeavesNoEndOfOldValuesBehind() throws IOException {
        put("first", "alice", 1, Times.ABSENT, tag("team", "a"));
        put("changes", "bob", 1, Times.ABSENT, tag("team", "b"));
        put("last", "carol", 1, Times.ABSENT, tag("team", "c"));

        // Now and then it is restarted: what it begins with counts as well.
        for (int restarts = 0; restarts < 20; restarts++) {
            for (int change = 0; change < 1_000; change++) {
                runs.marks().begin(0);
                put("changes", "bob", 1, Times.ABSENT, tag("progress", restarts + "." + change));
                runs.presence().endRefresh(ALL);
            }
            runs = SectionBytes.read(written(), RunTableCodec::read);
        }

        assertThat(written()).hasSizeLessThan(200_000);
        assertThat(runs.notes(0)).isEqualTo(tag("team", "a"));
        assertThat(runs.notes(1)).isEqualTo(tag("progress", "19.999"));
        assertThat(runs.notes(2)).isEqualTo(tag("team", "c"));
    }

    @Test
    void usersThatNoRunHasAnyMoreAreForgotten() throws IOException {
        put("first", "alice", 1, Times.ABSENT, RunNotes.NONE);
        for (int change = 0; change < 10_000; change++) {
            runs.marks().begin(0);
            put("changes", "user " + change, 1, Times.ABSENT, RunNotes.NONE);
            runs.presence().endRefresh(ALL);
        }

        assertThat(written()).hasSizeLessThan(100_000);
        assertThat(runs.user(0)).isEqualTo("alice");
        assertThat(runs.user(1)).isEqualTo("user 9999");
        assertThat(runs.experimentId(0)).isEqualTo("1");
        assertThat(runs.countedPhase(1)).isEqualTo("other");
    }

    private static RunNotes tag(String key, String value) {
        return new RunNotes(Map.of(key, value), Map.of());
    }

    private byte[] written() throws IOException {
        return SectionBytes.of(out -> RunTableCodec.write(runs, out));
    }

    @Test
    void aReadingThatBrokeOffTakesNothingAwayAndTheNextMendsIt() {
        runs.marks().begin(0);
        put("a", 1, Times.ABSENT);
        put("b", 2, Times.ABSENT);
        runs.presence().endReading(ALL);

        runs.marks().begin(0);
        put("a", 1, Times.ABSENT);
        assertThat(runs.state(1)).isEqualTo(RunState.ACTIVE);

        runs.marks().begin(0);
        put("b", 2, Times.ABSENT);
        assertThat(runs.presence().endReading(ALL)).isZero();
        assertThat(runs.state(0)).isEqualTo(RunState.GONE);
        assertThat(runs.counted(0)).as("once counted, always counted").isTrue();
        assertThat(runs.state(1)).isEqualTo(RunState.ACTIVE);
    }
}
