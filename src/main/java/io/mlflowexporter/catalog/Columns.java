package io.mlflowexporter.catalog;

import io.mlflowexporter.mlflow.Times;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** The columns of the table of runs that hold numbers, and how they grow and are written. */
final class Columns {
    private static final int FIRST_CAPACITY = 64;

    int size;
    /** Numbers of {@link Interned} and {@link Texts}. */
    int[] experiments = new int[FIRST_CAPACITY];

    int[] names = new int[FIRST_CAPACITY];
    int[] users = new int[FIRST_CAPACITY];
    int[] phases = new int[FIRST_CAPACITY];
    int[] countedPhases = new int[FIRST_CAPACITY];
    int[] estimators = new int[FIRST_CAPACITY];
    int[] parents = new int[FIRST_CAPACITY];
    int[] sources = new int[FIRST_CAPACITY];
    int[] notes = new int[FIRST_CAPACITY];
    int[] revisions = new int[FIRST_CAPACITY];
    int[] paramsHashes = new int[FIRST_CAPACITY];
    byte[] statuses = new byte[FIRST_CAPACITY];
    byte[] states = new byte[FIRST_CAPACITY];
    byte[] countedStatuses = new byte[FIRST_CAPACITY];
    byte[] counted = new byte[FIRST_CAPACITY];
    byte[] leftOut = new byte[FIRST_CAPACITY];
    long[] starts = new long[FIRST_CAPACITY];
    long[] ends = new long[FIRST_CAPACITY];
    long[] heartbeats = new long[FIRST_CAPACITY];
    /** Of rows whose counted duration is not what their times say now. */
    final Map<Integer, Long> countedMillis = new HashMap<>();
    /** Of rows that have any. */
    final Map<Integer, Integer> unreadable = new HashMap<>();

    /** Room for so many rows and some more: a quarter, as most catalogs grow slowly once they are read. */
    static int grown(int size) {
        return Math.max(FIRST_CAPACITY, size + size / 4);
    }

    int add() {
        int row = size++;
        if (size > starts.length) {
            resize(grown(size));
        }
        return row;
    }

    private void resize(int capacity) {
        experiments = Arrays.copyOf(experiments, capacity);
        names = Arrays.copyOf(names, capacity);
        users = Arrays.copyOf(users, capacity);
        phases = Arrays.copyOf(phases, capacity);
        countedPhases = Arrays.copyOf(countedPhases, capacity);
        estimators = Arrays.copyOf(estimators, capacity);
        parents = Arrays.copyOf(parents, capacity);
        sources = Arrays.copyOf(sources, capacity);
        notes = Arrays.copyOf(notes, capacity);
        revisions = Arrays.copyOf(revisions, capacity);
        paramsHashes = Arrays.copyOf(paramsHashes, capacity);
        statuses = Arrays.copyOf(statuses, capacity);
        states = Arrays.copyOf(states, capacity);
        countedStatuses = Arrays.copyOf(countedStatuses, capacity);
        counted = Arrays.copyOf(counted, capacity);
        leftOut = Arrays.copyOf(leftOut, capacity);
        starts = Arrays.copyOf(starts, capacity);
        ends = Arrays.copyOf(ends, capacity);
        heartbeats = Arrays.copyOf(heartbeats, capacity);
    }

    /** Milliseconds a run that ended took, by what its times say now. */
    long endedMillis(int row) {
        if (starts[row] == Times.ABSENT || ends[row] == Times.ABSENT) {
            return Times.ABSENT;
        }
        return Math.max(0, ends[row] - starts[row]);
    }

    void write(DataOutput out) throws IOException {
        for (int[] column : intColumns()) {
            Binary.ints(out, column, size);
        }
        for (byte[] column : new byte[][] {statuses, states, countedStatuses, counted, leftOut}) {
            Binary.bytes(out, column, size);
        }
        for (long[] column : new long[][] {starts, ends, heartbeats}) {
            Binary.longs(out, column, size);
        }
        out.writeInt(countedMillis.size());
        for (Map.Entry<Integer, Long> entry : countedMillis.entrySet()) {
            out.writeInt(entry.getKey());
            out.writeLong(entry.getValue());
        }
        out.writeInt(unreadable.size());
        for (Map.Entry<Integer, Integer> entry : unreadable.entrySet()) {
            out.writeInt(entry.getKey());
            out.writeInt(entry.getValue());
        }
    }

    private int[][] intColumns() {
        return new int[][] {
            experiments,
            names,
            users,
            phases,
            countedPhases,
            estimators,
            parents,
            sources,
            notes,
            revisions,
            paramsHashes
        };
    }

    /** Columns of numbers of shared words. */
    int[][] words() {
        return new int[][] {experiments, users, phases, countedPhases, estimators};
    }

    /** Columns of places of texts. */
    int[][] texts() {
        return new int[][] {names, parents, sources};
    }

    static Columns read(DataInput in, int size) throws IOException {
        Columns read = new Columns();
        read.size = size;
        read.experiments = Binary.ints(in, size);
        read.names = Binary.ints(in, size);
        read.users = Binary.ints(in, size);
        read.phases = Binary.ints(in, size);
        read.countedPhases = Binary.ints(in, size);
        read.estimators = Binary.ints(in, size);
        read.parents = Binary.ints(in, size);
        read.sources = Binary.ints(in, size);
        read.notes = Binary.ints(in, size);
        read.revisions = Binary.ints(in, size);
        read.paramsHashes = Binary.ints(in, size);
        read.statuses = Binary.bytes(in, size);
        read.states = Binary.bytes(in, size);
        read.countedStatuses = Binary.bytes(in, size);
        read.counted = Binary.bytes(in, size);
        read.leftOut = Binary.bytes(in, size);
        read.starts = Binary.longs(in, size);
        read.ends = Binary.longs(in, size);
        read.heartbeats = Binary.longs(in, size);
        for (int i = Binary.count(in); i > 0; i--) {
            int row = Binary.index(in.readInt(), size);
            read.countedMillis.put(row, in.readLong());
        }
        for (int i = Binary.count(in); i > 0; i--) {
            int row = Binary.index(in.readInt(), size);
            read.unreadable.put(row, in.readInt());
        }
        return read;
    }
}
