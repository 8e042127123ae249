package io.mlflowexporter.catalog.reading;

import io.mlflowexporter.catalog.columns.Columns;
import java.util.BitSet;

/** Which rows of the table of runs the current reading returned, and when each row was last read. */
public final class ReadMarks {
    private final Columns columns;
    /** Rows read since the reading began. */
    private final BitSet read = new BitSet();

    private int readings;
    private int second;

    /** @param columns where the time of the last reading is kept */
    public ReadMarks(Columns columns) {
        this.columns = columns;
    }

    /** Begins a reading: no row counts as read any more. */
    public void begin(long nowMillis) {
        read.clear();
        readings++;
        second = Columns.second(nowMillis);
    }

    /** How many readings have begun so far. */
    public int readings() {
        return readings;
    }

    /** The current reading returned the row. */
    public void mark(int row) {
        read.set(row);
        columns.readSeconds[row] = second;
    }

    /** Whether the current reading returned the row. */
    public boolean isRead(int row) {
        return read.get(row);
    }

    /** The first row from this one on that the current reading returned; negative where there is none. */
    public int nextRead(int row) {
        return read.nextSetBit(row);
    }

    /** The first row from this one on that the current reading did not return; any number of rows may follow the last. */
    public int nextUnread(int row) {
        return read.nextClearBit(row);
    }

    /** Removes the last rows. */
    public void truncate(int rows) {
        read.clear(rows, Integer.MAX_VALUE);
    }
}
