package io.mlflowexporter.catalog;

import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.function.IntToLongFunction;

/** Keeps the newest of the rows it is offered. */
public final class NewestRows {
    private final int most;
    private final IntToLongFunction time;
    private final Comparator<Integer> oldestFirst;
    private final PriorityQueue<Integer> rows;
    private long oldest = Long.MIN_VALUE;
    private boolean all = true;

    /**
     * Keeps nothing yet. Of rows of one time it keeps any.
     *
     * @param most rows to keep, at least one
     * @param time by which a row is new or old
     */
    public NewestRows(int most, IntToLongFunction time) {
        this(most, Comparator.comparingLong(time::applyAsLong), time);
    }

    /**
     * Keeps nothing yet.
     *
     * @param most rows to keep, at least one
     * @param time by which a row is new or old
     * @param sameTime the lesser of two rows of one time counts as the older
     */
    public NewestRows(int most, IntToLongFunction time, Comparator<Integer> sameTime) {
        this(most, Comparator.<Integer>comparingLong(time::applyAsLong).thenComparing(sameTime), time);
    }

    private NewestRows(int most, Comparator<Integer> oldestFirst, IntToLongFunction time) {
        this.most = most;
        this.time = time;
        this.oldestFirst = oldestFirst;
        this.rows = new PriorityQueue<>(oldestFirst);
    }

    /** Whether a row would not be kept, at a glance: most are older than those met so far. */
    public boolean tooOld(int row) {
        return time.applyAsLong(row) < oldest;
    }

    /** Keeps a row if it is among the newest. */
    public void offer(int row) {
        rows.add(row);
        if (rows.size() > most) {
            all = false;
            rows.remove();
            oldest = time.applyAsLong(rows.element());
        }
    }

    /** Whether every row that was offered is kept. */
    public boolean all() {
        return all;
    }

    /** What is kept. */
    public List<Integer> newestFirst() {
        return rows.stream().sorted(oldestFirst.reversed()).toList();
    }
}
