package io.mlflowexporter.catalog;

import io.mlflowexporter.catalog.columns.Columns;
import io.mlflowexporter.metric.Times;
import io.mlflowexporter.mlflow.LifecycleStage;
import java.util.Arrays;
import java.util.BitSet;
import java.util.function.Predicate;

/** Which runs are there: still in MLflow, and not left out as there are more than may be kept. */
public final class RunPresence {
    private final RunTable runs;
    private final Columns columns;
    /** Rows that are not gone. */
    private int present;
    /** So many rows from the first on are counted and not left out. */
    private int settled;

    RunPresence(RunTable runs) {
        this.runs = runs;
        this.columns = runs.columns();
    }

    void become(int row, RunState state) {
        present += (state == RunState.GONE ? 0 : 1) - (runs.isGone(row) ? 0 : 1);
        columns.states[row] = RunTable.code(state);
    }

    /** A row was added, of a run that is active until {@link #become} says otherwise. */
    void added() {
        present++;
    }

    /** Rows of the table were removed from this one on. */
    void truncate(int rows) {
        for (int row = rows; row < runs.size(); row++) {
            present -= runs.isGone(row) ? 0 : 1;
        }
    }

    /** Counts the rows of a checkpoint. */
    void restored() {
        for (int row = 0; row < runs.size(); row++) {
            present += runs.isGone(row) ? 0 : 1;
        }
    }

    static RunState state(LifecycleStage stage) {
        return stage == LifecycleStage.ACTIVE ? RunState.ACTIVE : RunState.DELETED;
    }

    /** The run is no longer in MLflow's answers. */
    public void gone(int row) {
        if (!runs.isGone(row)) {
            runs.changing(row);
            become(row, RunState.GONE);
        }
    }

    /** Follows the run's experiment, which was deleted or restored and takes its runs along. */
    public void follow(int row, LifecycleStage experiment) {
        if (!runs.isGone(row)) {
            runs.changing(row);
            become(row, state(experiment));
        }
    }

    /** Of runs that started in this time, those that were not met are gone. */
    public void goneUnseen(long fromMillis, long endMillis, Predicate<String> experiments) {
        for (int row = 0; row < runs.size(); row++) {
            long start = runs.startKey(row);
            if (start >= fromMillis
                    && start < endMillis
                    && !runs.marks.isRead(row)
                    && experiments.test(runs.experimentId(row))) {
                gone(row);
            }
        }
    }

    /** How many are not gone. */
    public int present() {
        return present;
    }

    /** How many are not gone and were read at this time or later. */
    public int readSince(long millis) {
        int second = Columns.second(millis);
        int since = 0;
        for (int row = 0; row < runs.size(); row++) {
            since += !runs.isGone(row) && columns.readSeconds[row] >= second ? 1 : 0;
        }
        return since;
    }

    /**
     * When the run that is not gone and was not read for longest was read; {@link Times#ABSENT} where there is none, or it
     * is not known of one: a checkpoint of an older version does not tell.
     */
    public long longestUnreadMillis() {
        int second = Integer.MAX_VALUE;
        for (int row = 0; row < runs.size(); row++) {
            second = runs.isGone(row) ? second : Math.min(second, columns.readSeconds[row]);
        }
        return present == 0 || second == 0 ? Times.ABSENT : Columns.millis(second);
    }

    /**
     * Ends a reading that met every run there is.
     *
     * @return as {@link #endRefresh}
     */
    public int endReading(int maxRuns) {
        for (int row = runs.marks.nextUnread(0); row < runs.size(); row = runs.marks.nextUnread(row + 1)) {
            gone(row);
        }
        return endRefresh(maxRuns);
    }

    /**
     * Ends a refresh after which the rows are what may be published.
     *
     * @param maxRuns the newest so many stay, the older ones are left out
     * @return how many were left out
     */
    public int endRefresh(int maxRuns) {
        boolean tooMany = present > maxRuns;
        BitSet leftOut = tooMany ? oldest(present - maxRuns) : new BitSet();
        for (int row = tooMany ? 0 : settled; row < runs.size(); row++) {
            byte out = (byte) (leftOut.get(row) ? 1 : 0);
            byte counted = (byte) (columns.counted[row] | (1 - out));
            if (out != columns.leftOut[row] || counted != columns.counted[row]) {
                runs.changing(row);
                columns.leftOut[row] = out;
                columns.counted[row] = counted;
            }
        }
        settled = tooMany ? 0 : runs.size();
        runs.storage.forgetUnused();
        return Math.max(0, present - maxRuns);
    }

    private BitSet oldest(int excess) {
        Integer[] rows = new Integer[present];
        int n = 0;
        for (int row = 0; row < runs.size(); row++) {
            if (!runs.isGone(row)) {
                rows[n++] = row;
            }
        }
        Arrays.sort(rows, (a, b) -> {
            int byStart = Long.compare(columns.starts[a], columns.starts[b]);
            return byStart == 0 ? runs.ids.compare(a, b) : byStart;
        });
        BitSet oldest = new BitSet();
        for (int i = 0; i < excess; i++) {
            oldest.set(rows[i]);
        }
        return oldest;
    }
}
