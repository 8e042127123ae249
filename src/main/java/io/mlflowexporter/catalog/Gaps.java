package io.mlflowexporter.catalog;

import io.mlflowexporter.catalog.BillableTime.Stretch;
import io.mlflowexporter.catalog.columns.CheckpointBounds;
import io.mlflowexporter.checkpoint.fields.FieldReader;
import io.mlflowexporter.checkpoint.fields.FieldWriter;
import io.mlflowexporter.metric.Times;
import io.mlflowexporter.mlflow.Run;
import io.mlflowexporter.mlflow.RunStatus;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * The times in which runs were seen not to run although their clocks went on: those that waited as SCHEDULED before they
 * ran, and those that had ended and were resumed. MLflow keeps neither, so that this is only what was seen, and is kept
 * for the few runs that it was seen of.
 *
 * <p>A gap begins with a time of MLflow's (an end) and ends when the run was seen to run, by the exporter's clock. Once
 * the run ends, MLflow tells the time of something that was seen too: where the two contradict each other, the clocks
 * differ by at least so much, and the gap's end is moved to where it lies by MLflow's.
 */
public final class Gaps {
    /** More of one run become fewer: it is still known how long they were together. */
    static final int MOST = 64;

    /** About what is kept of a run, beside its times. */
    private static final long ROW_BYTES = 112;

    private static final int QUEUED = 1;
    private static final int RESUMED = 2;
    private static final int UNSETTLED = 4;

    private static final class Seen {
        /** When it was last seen to be active. */
        private long lastMillis;
        /** Since when it waits again after it ran; {@link Times#ABSENT} for one that does not. */
        private long openSince = Times.ABSENT;

        private boolean queued;
        private boolean resumed;
        /** Whether the end of the last gap is by the exporter's clock. */
        private boolean unsettled;
        /** From and until, by turns; from may be {@link Times#ABSENT}, before all times. */
        private long[] gaps = {};

        void add(long from, long until) {
            if (gaps.length > 0) {
                gaps[gaps.length - 1] = end(gaps.length - 2);
            }
            gaps = Arrays.copyOf(gaps, gaps.length + 2);
            gaps[gaps.length - 2] = from;
            gaps[gaps.length - 1] = until;
            unsettled = true;
            openSince = Times.ABSENT;
            if (gaps.length > 2 * MOST) {
                // What it ran between the two oldest is told as if it had run right after them.
                long ran = Math.max(0, gaps[2] - gaps[1]);
                long[] fewer = Arrays.copyOfRange(gaps, 2, gaps.length);
                fewer[0] = gaps[0];
                fewer[1] = Math.max(gaps[0], gaps[3] - ran);
                gaps = fewer;
            }
        }

        /** When a gap ended. By the exporter's clock, which may be behind, it may be before it began. */
        long end(int gap) {
            return Math.max(gaps[gap], gaps[gap + 1]);
        }

        /**
         * Moves the end of the last gap from the exporter's clock to MLflow's.
         *
         * @param run has ended
         * @param fromMillis when it had not ended yet by the exporter's clock
         * @param untilMillis when it had
         */
        void settle(Run run, long fromMillis, long untilMillis) {
            long endMillis = run.endMillis();
            if (!unsettled || endMillis == Times.ABSENT) {
                return;
            }
            unsettled = false;
            long skew = endMillis - Math.max(fromMillis, Math.min(endMillis, untilMillis));
            // Whoever ends a dead run with its last activity says nothing about clocks.
            boolean cleanedUp = skew < 0 && endMillis == run.heartbeatMillis();
            int last = gaps.length - 2;
            if (!cleanedUp && Math.abs(skew) <= Times.GREATEST_SKEW_MILLIS) {
                gaps[last + 1] += skew;
            }
            gaps[last + 1] = end(last);
        }
    }

    /**
     * When runs are looked at.
     *
     * @param lastMillis when all that was new was last read: what was known before had been seen then or later
     */
    public record Look(long nowMillis, long lastMillis, TimeRules rules) {}

    private final Map<Integer, Seen> rows = new HashMap<>();
    /** Of all rows together. */
    private int times;

    /** About what all takes, bytes. */
    long weight() {
        return ROW_BYTES * rows.size() + (long) Long.BYTES * times;
    }

    /** A run is met for the first time. */
    void met(int row, RunStatus status, long endMillis, Look look) {
        if (status == RunStatus.SCHEDULED) {
            seen(row).lastMillis = look.nowMillis();
        } else if (status == RunStatus.RUNNING && endMillis != Times.ABSENT) {
            // MLflow keeps the end of a run that is resumed.
            Seen seen = seen(row);
            seen.lastMillis = look.nowMillis();
            seen.resumed = true;
            add(seen, endMillis, look.nowMillis());
        }
    }

    /** A known run is met that says what it said. */
    void unchanged(int row, RunStatus status, Look look) {
        Seen seen = rows.get(row);
        if (seen != null && status.active()) {
            seen.lastMillis = look.nowMillis();
        }
    }

    /** A known run is met that is about to say something else. */
    void changing(RunTable runs, int row, Run run, Look look) {
        RunStatus before = runs.status(row);
        RunStatus now = run.status();
        long endMillis = run.endMillis();
        if (before == RunStatus.RUNNING && now == RunStatus.SCHEDULED) {
            seen(row).openSince = look.nowMillis();
        } else if (before == RunStatus.SCHEDULED && now != RunStatus.SCHEDULED) {
            Seen seen = seen(row);
            boolean runsNow = now == RunStatus.RUNNING;
            seen.queued = true;
            add(seen, seen.openSince, runsNow ? look.nowMillis() : seen.lastMillis);
        } else if (before.ended() && now.active()) {
            resumed(runs, row, now, look);
        } else if (before.ended() && now.ended()) {
            endedAgain(runs, row, endMillis, look);
        } else if (before == RunStatus.RUNNING
                && now == RunStatus.RUNNING
                && endMillis != Times.ABSENT
                && endMillis != runs.endMillis(row)) {
            // It ended and was resumed since it was last looked at.
            Seen seen = seen(row);
            seen.resumed = true;
            add(seen, endMillis, look.nowMillis());
        }
        Seen seen = now == RunStatus.SCHEDULED ? seen(row) : rows.get(row);
        if (seen != null && now.ended()) {
            seen.settle(run, seen.lastMillis, look.nowMillis());
        }
        unchanged(row, now, look);
    }

    private void resumed(RunTable runs, int row, RunStatus now, Look look) {
        long ranUntil = BillableTime.of(runs, row, Long.MAX_VALUE, look.rules()).untilMillis();
        Seen seen = seen(row);
        seen.resumed = true;
        if (now == RunStatus.RUNNING) {
            add(seen, ranUntil, look.nowMillis());
        } else {
            seen.openSince = ranUntil;
        }
    }

    /** Either somebody corrected the end, or the run was resumed and ended again since it was last looked at. */
    private void endedAgain(RunTable runs, int row, long endMillis, Look look) {
        long before = runs.endMillis(row);
        if (before != Times.ABSENT
                && endMillis > before
                && endMillis >= look.lastMillis() - Times.GREATEST_SKEW_MILLIS) {
            Seen seen = seen(row);
            seen.resumed = true;
            seen.lastMillis = look.lastMillis();
            add(seen, BillableTime.of(runs, row, Long.MAX_VALUE, look.rules()).untilMillis(), look.lastMillis());
        }
    }

    private void add(Seen seen, long from, long until) {
        times -= seen.gaps.length;
        seen.add(from, until);
        times += seen.gaps.length;
    }

    private Seen seen(int row) {
        return rows.computeIfAbsent(row, r -> new Seen());
    }

    /** In order of time. */
    List<Stretch> of(int row) {
        Seen seen = rows.get(row);
        if (seen == null || seen.gaps.length == 0) {
            return List.of();
        }
        // They were seen in order, but somebody may have edited the run's times meanwhile.
        List<Stretch> gaps = new ArrayList<>(asSeen(row));
        gaps.sort(Comparator.comparingLong(Stretch::fromMillis));
        return gaps;
    }

    /** In the order in which they were seen. */
    List<Stretch> asSeen(int row) {
        Seen seen = rows.get(row);
        List<Stretch> gaps = new ArrayList<>();
        for (int i = 0; seen != null && i < seen.gaps.length; i += 2) {
            gaps.add(new Stretch(seen.gaps[i], seen.end(i)));
        }
        return gaps;
    }

    /** Those of which something was seen, ascending. */
    IntStream rows() {
        return rows.keySet().stream().mapToInt(Integer::intValue).sorted();
    }

    /** Since when a run waits that ran before; {@link Times#ABSENT} for any other. */
    long openSince(int row) {
        Seen seen = rows.get(row);
        return seen == null ? Times.ABSENT : seen.openSince;
    }

    /** When it was last seen to begin to run; {@link Times#ABSENT} where it was not. */
    long seenToRun(int row) {
        Seen seen = rows.get(row);
        return seen == null || seen.gaps.length == 0 ? Times.ABSENT : seen.end(seen.gaps.length - 2);
    }

    /** Whether the run waited before it ran. */
    boolean queued(int row) {
        Seen seen = rows.get(row);
        return seen != null && seen.queued;
    }

    /** Whether the run went on after it had ended. */
    boolean resumed(int row) {
        Seen seen = rows.get(row);
        return seen != null && seen.resumed;
    }

    /** Forgets the last rows. */
    void truncate(int from) {
        rows.keySet().removeIf(row -> row >= from);
        count();
    }

    private void count() {
        times = rows.values().stream().mapToInt(seen -> seen.gaps.length).sum();
    }

    void write(FieldWriter out) throws IOException {
        int size = rows.size();
        int[] numbers = new int[size];
        long[] lastMillis = new long[size];
        long[] openSince = new long[size];
        byte[] flags = new byte[size];
        int[] lengths = new int[size];
        long[] all = new long[times];
        int at = 0;
        int time = 0;
        for (Map.Entry<Integer, Seen> entry : rows.entrySet()) {
            Seen seen = entry.getValue();
            numbers[at] = entry.getKey();
            lastMillis[at] = seen.lastMillis;
            openSince[at] = seen.openSince;
            flags[at] = (byte)
                    ((seen.queued ? QUEUED : 0) | (seen.resumed ? RESUMED : 0) | (seen.unsettled ? UNSETTLED : 0));
            lengths[at++] = seen.gaps.length;
            System.arraycopy(seen.gaps, 0, all, time, seen.gaps.length);
            time += seen.gaps.length;
        }
        out.ints("rows", numbers, size);
        out.longs("lastMillis", lastMillis, size);
        out.longs("openSince", openSince, size);
        out.bytes("flags", flags, size);
        out.ints("lengths", lengths, size);
        out.longs("times", all, all.length);
    }

    /** What was written of a table of so many rows. */
    static Gaps read(FieldReader in, int size) throws IOException {
        int[] numbers = {};
        long[] lastMillis = {};
        long[] openSince = {};
        byte[] flags = {};
        int[] lengths = {};
        long[] times = {};
        while (in.next()) {
            switch (in.name()) {
                case "rows" -> numbers = in.ints();
                case "lastMillis" -> lastMillis = in.longs(numbers.length);
                case "openSince" -> openSince = in.longs(numbers.length);
                case "flags" -> flags = in.bytes(numbers.length);
                case "lengths" -> lengths = in.ints(numbers.length);
                case "times" -> times = in.longs();
                default -> {
                    // Of another version.
                }
            }
        }
        if (lastMillis.length < lengths.length || openSince.length < lengths.length || flags.length < lengths.length) {
            throw new IOException("what was seen of some runs is missing");
        }
        Gaps read = new Gaps();
        int time = 0;
        for (int i = 0; i < lengths.length; i++) {
            Seen seen = read.seen(CheckpointBounds.index(numbers[i], size));
            seen.lastMillis = lastMillis[i];
            seen.openSince = openSince[i];
            seen.queued = (flags[i] & QUEUED) != 0;
            seen.resumed = (flags[i] & RESUMED) != 0;
            seen.unsettled = (flags[i] & UNSETTLED) != 0;
            if (lengths[i] < 0 || lengths[i] > 2 * MOST || lengths[i] % 2 != 0 || lengths[i] > times.length - time) {
                throw new IOException("a run cannot have " + lengths[i] + " times of gaps");
            }
            seen.gaps = Arrays.copyOfRange(times, time, time + lengths[i]);
            time += lengths[i];
        }
        read.count();
        return read;
    }
}
