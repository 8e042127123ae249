package io.mlflowexporter.demo.store;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;

/**
 * The runs of one experiment, sorted by start, by end, and the active ones apart, so that no search an exporter makes
 * has to look at all of them.
 */
public final class RunIndex {
    static final Comparator<RunRow> BY_START =
            Comparator.<RunRow>comparingLong(run -> run.start).thenComparing(run -> run.id);
    private static final Comparator<RunRow> BY_END =
            Comparator.<RunRow>comparingLong(run -> run.end).thenComparing(run -> run.id);
    private static final String AFTER_ALL_IDS = "\uffff";

    private final TreeSet<RunRow> byStart = new TreeSet<>(BY_START);
    private final TreeSet<RunRow> withoutStart = new TreeSet<>(BY_START);
    private final TreeSet<RunRow> byEnd = new TreeSet<>(BY_END);
    private final TreeSet<RunRow> active = new TreeSet<>(BY_START);

    void add(RunRow run) {
        (run.start == RunRow.ABSENT ? withoutStart : byStart).add(run);
        if (run.end != RunRow.ABSENT) {
            byEnd.add(run);
        }
        if (run.active()) {
            active.add(run);
        }
    }

    void remove(RunRow run) {
        byStart.remove(run);
        withoutStart.remove(run);
        byEnd.remove(run);
        active.remove(run);
    }

    /** Changes what the indexes sort by. */
    public void update(RunRow run, String status, long end) {
        if (run.end != RunRow.ABSENT) {
            byEnd.remove(run);
        }
        run.status = status;
        run.end = end;
        if (end != RunRow.ABSENT) {
            byEnd.add(run);
        }
        if (run.active()) {
            active.add(run);
        } else {
            active.remove(run);
        }
    }

    int size() {
        return byStart.size() + withoutStart.size();
    }

    /** Runs that started between two Unix milliseconds, both inclusive, in order of start and id. */
    NavigableSet<RunRow> started(long from, long to) {
        return byStart.subSet(
                RunRow.mark("", from, RunRow.ABSENT), true, RunRow.mark(AFTER_ALL_IDS, to, RunRow.ABSENT), true);
    }

    NavigableSet<RunRow> withoutStart() {
        return withoutStart;
    }

    /** Runs that ended at or after a Unix millisecond, in order of end. */
    NavigableSet<RunRow> endedFrom(long from) {
        return byEnd.tailSet(RunRow.mark("", 0, from), true);
    }

    NavigableSet<RunRow> active() {
        return active;
    }

    List<RunRow> all() {
        List<RunRow> all = new ArrayList<>(size());
        all.addAll(byStart);
        all.addAll(withoutStart);
        return all;
    }
}
