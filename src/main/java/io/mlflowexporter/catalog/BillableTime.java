package io.mlflowexporter.catalog;

import io.mlflowexporter.metric.Times;
import io.mlflowexporter.mlflow.RunStatus;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * The time for which there is evidence that a run ran, never more than its own clock says. Everything that counts a
 * run's time uses it: durations, costs, energy, forecasts, estimates, backfill.
 *
 * <p>It begins with the run's start and lasts until its end or, while it runs, until now, without the times in which it
 * was seen not to run ({@link Gaps}: queued, or ended and resumed later). The <em>last activity</em> is the newest of the
 * start, the credible metric timestamps and the moment at which it was seen to begin or resume. An active run without
 * activity for longer than {@code refresh.stale_after} is stale, and its time ends with its last activity. So does that of
 * a run that was marked FAILED or KILLED when it was stale: somebody cleaned up. One that says FINISHED after such a
 * silence did its work in silence and is billed to its end.
 *
 * @param state what the run does now
 * @param fromMillis its start, not before 1970; {@link Times#ABSENT} where it has not begun
 * @param untilMillis exclusive, not before {@code fromMillis} and, where later than it, not after now
 * @param stretches in order of time, not overlapping, none empty. Where the time is not {@link Doubt#NONE plausible}
 *     nothing of it is billed: then it is what is unpriced, the last {@code cost.longest_run} at most, so that one wrong
 *     timestamp does not outweigh the time of all other runs
 * @param endedSilent whether it ended more than {@code refresh.stale_after} after its last activity
 */
public record BillableTime(
        State state, long fromMillis, long untilMillis, List<Stretch> stretches, boolean endedSilent, Doubt doubt) {
    /** MLflow's first release is of June 2018: no run started before. */
    static final long EARLIEST_START = Instant.parse("2018-06-01T00:00:00Z").toEpochMilli();

    private static final BillableTime NONE =
            new BillableTime(State.WAITING, Times.ABSENT, Times.ABSENT, List.of(), false, Doubt.NONE);

    /** What a run does. */
    public enum State {
        /** It has no start, or waits as SCHEDULED. */
        WAITING,
        RUNNING,
        /** Running by MLflow's word, but without activity for too long, deleted or gone. */
        STALE,
        ENDED
    }

    /** Why a time cannot be true. */
    public enum Doubt {
        NONE,
        /** A start before MLflow existed, such as one in seconds instead of milliseconds. */
        START,
        /** Longer than {@code cost.longest_run}. */
        DURATION
    }

    /** A time, Unix milliseconds, the end exclusive and after the beginning. */
    public record Stretch(long fromMillis, long untilMillis) {}

    public BillableTime {
        stretches = List.copyOf(stretches);
    }

    /** The time of a row's run as of now. */
    public static BillableTime of(RunTable runs, int row, long nowMillis, TimeRules rules) {
        long start = runs.startMillis(row);
        RunStatus status = runs.status(row);
        List<Stretch> gaps = runs.gaps().of(row);
        if (!begun(runs, row)) {
            return NONE;
        }
        long activity = lastActivityMillis(runs, row, nowMillis);
        State state = State.ENDED;
        boolean silent = false;
        long until;
        if (status == RunStatus.SCHEDULED) {
            state = State.WAITING;
            until = runs.gaps().openSince(row);
        } else if (status == RunStatus.RUNNING) {
            // Its state would not tell of one that is left out.
            boolean stale = runs.isDeleted(row) || runs.isGone(row) || activity < nowMillis - rules.patienceMillis();
            state = stale ? State.STALE : State.RUNNING;
            until = stale ? activity : nowMillis;
        } else if (runs.endMillis(row) == Times.ABSENT) {
            until = activity;
        } else {
            silent = activity < runs.endMillis(row) - rules.staleAfterMillis();
            boolean cleanedUp = silent && (status == RunStatus.FAILED || status == RunStatus.KILLED);
            until = cleanedUp ? activity : runs.endMillis(row);
        }
        long from = Math.max(0, start);
        Stretch whole = new Stretch(from, Math.max(from, Math.min(until, nowMillis)));
        List<Stretch> stretches = without(whole, gaps);
        Doubt doubt = start < EARLIEST_START
                ? Doubt.START
                : millis(stretches) > rules.longestRunMillis() ? Doubt.DURATION : Doubt.NONE;
        if (doubt != Doubt.NONE) {
            long last = Math.max(from, whole.untilMillis() - rules.longestRunMillis());
            stretches = without(new Stretch(last, whole.untilMillis()), List.of());
        }
        return new BillableTime(state, from, whole.untilMillis(), stretches, silent, doubt);
    }

    /** Whether the run has a clock: it has a start, and was not only seen to wait as SCHEDULED. */
    public static boolean begun(RunTable runs, int row) {
        return runs.startMillis(row) != Times.ABSENT
                && (runs.status(row) != RunStatus.SCHEDULED || runs.gaps().openSince(row) != Times.ABSENT);
    }

    /** The last activity as of now; Unix milliseconds, or {@link Times#ABSENT} where there was none. */
    public static long lastActivityMillis(RunTable runs, int row, long nowMillis) {
        // ABSENT is less than any time. A metric may be a little ahead of the exporter's clock.
        long activity = Math.max(runs.heartbeatMillis(row), runs.gaps().seenToRun(row));
        return Math.max(runs.startMillis(row), Math.min(activity, nowMillis));
    }

    /** Whether the run is active, scheduled ones included, and has shown no activity for longer than this. */
    public static boolean stale(RunTable runs, int row, long nowMillis, long limitMillis) {
        long activity = lastActivityMillis(runs, row, nowMillis);
        // Not as the difference from now, which a time long before all times would turn negative.
        return runs.status(row).active() && activity != Times.ABSENT && activity < nowMillis - limitMillis;
    }

    /**
     * Since when an active run is active: its start or, where that was seen, when it began to run or was resumed. {@link
     * Times#ABSENT} where it is not active or that is not known.
     */
    public static long activeSince(RunTable runs, int row) {
        return runs.status(row).active() && runs.startMillis(row) >= EARLIEST_START
                ? Math.max(runs.startMillis(row), runs.gaps().seenToRun(row))
                : Times.ABSENT;
    }

    /** Whether it is billed; otherwise all of it is unpriced. */
    public boolean plausible() {
        return doubt == Doubt.NONE;
    }

    /** How long the run has run; {@link Times#ABSENT} where that is not known. */
    public long millis() {
        return fromMillis == Times.ABSENT || !plausible() ? Times.ABSENT : millis(stretches);
    }

    /** When the run first ran: its start, or when it was seen to run after it had waited; {@link Times#ABSENT} if unknown. */
    public static long beganMillis(RunTable runs, int row) {
        long start = runs.startMillis(row);
        if (start < EARLIEST_START) {
            return Times.ABSENT;
        }
        List<Stretch> gaps = runs.gaps().of(row);
        return gaps.isEmpty() || gaps.get(0).fromMillis() > start
                ? start
                : Math.max(start, gaps.get(0).untilMillis());
    }

    private static long millis(List<Stretch> stretches) {
        long sum = 0;
        for (Stretch stretch : stretches) {
            sum += stretch.untilMillis() - stretch.fromMillis();
        }
        return sum;
    }

    private static List<Stretch> without(Stretch whole, List<Stretch> gaps) {
        if (gaps.isEmpty()) {
            return whole.fromMillis() < whole.untilMillis() ? List.of(whole) : List.of();
        }
        List<Stretch> left = new ArrayList<>();
        long at = whole.fromMillis();
        for (Stretch gap : gaps) {
            long until = Math.min(gap.fromMillis(), whole.untilMillis());
            if (at < until) {
                left.add(new Stretch(at, until));
            }
            at = Math.max(at, gap.untilMillis());
        }
        if (at < whole.untilMillis()) {
            left.add(new Stretch(at, whole.untilMillis()));
        }
        return left;
    }
}
