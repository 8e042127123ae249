package io.mlflowexporter.catalog.columns;

import io.mlflowexporter.checkpoint.fields.FieldReader;
import io.mlflowexporter.checkpoint.fields.FieldWriter;
import io.mlflowexporter.metric.Times;
import java.io.IOException;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiConsumer;

/** The columns of the table of runs that hold numbers, and how they grow and are written. */
public final class Columns {
    /** In place of the status of a run that was not seen to end. */
    public static final byte NOT_ENDED = -1;

    private static final int FIRST_CAPACITY = 64;
    /** Of maps' entries. */
    private static final long COUNTED_BYTES = 80;

    private static final long UNREADABLE_BYTES = 72;
    /** 2020-01-01T00:00:00Z. */
    private static final long FIRST_SECOND = 1_577_836_800;

    public int size;
    /** Numbers of {@link Interned} and {@link Texts}. */
    public int[] experiments = {};

    public int[] names = {};
    public int[] users = {};
    public int[] phases = {};
    public int[] countedPhases = {};
    public int[] estimators = {};
    public int[] parents = {};
    public int[] sources = {};
    public int[] notes = {};
    public int[] revisions = {};
    public int[] paramsHashes = {};
    /** When the run was last read, see {@link #second}; 0 where that is not known. */
    public int[] readSeconds = {};

    public byte[] statuses = {};
    public byte[] states = {};
    public byte[] countedStatuses = {};
    public byte[] counted = {};
    public byte[] leftOut = {};
    public long[] starts = {};
    public long[] ends = {};
    public long[] heartbeats = {};
    /** Of rows whose counted duration is not what their times say now. */
    public final Map<Integer, Long> countedMillis = new HashMap<>();
    /** Of rows that have any. */
    public final Map<Integer, Integer> unreadable = new HashMap<>();
    /** Rows with metrics stamped later than they can be. */
    public final BitSet metricInFuture = new BitSet();
    /** Rows with metrics stamped before the start. */
    public final BitSet metricBeforeStart = new BitSet();

    /** About what is kept of few rows only takes, bytes. */
    public long weight() {
        return COUNTED_BYTES * countedMillis.size() + UNREADABLE_BYTES * unreadable.size();
    }

    /** Room for so many rows and some more: a quarter, as most catalogs grow slowly once they are read. */
    public static int grown(int size) {
        return Math.max(FIRST_CAPACITY, size + size / 4);
    }

    public int add() {
        int row = size++;
        if (size > starts.length) {
            resize(grown(size));
        }
        return row;
    }

    /** Forgets the last rows; what is added again starts from nothing. */
    public void truncate(int rows) {
        resize(rows);
        countedMillis.keySet().removeIf(row -> row >= rows);
        unreadable.keySet().removeIf(row -> row >= rows);
        size = rows;
    }

    /**
     * Makes room for so many rows. Here stands what a new row has in each column, and what rows have that come from a
     * checkpoint without the column.
     */
    public void resize(int capacity) {
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
        readSeconds = Arrays.copyOf(readSeconds, capacity);
        statuses = Arrays.copyOf(statuses, capacity);
        states = Arrays.copyOf(states, capacity);
        countedStatuses = grown(countedStatuses, capacity, NOT_ENDED);
        counted = Arrays.copyOf(counted, capacity);
        leftOut = Arrays.copyOf(leftOut, capacity);
        starts = grown(starts, capacity, Times.ABSENT);
        ends = grown(ends, capacity, Times.ABSENT);
        heartbeats = grown(heartbeats, capacity, Times.ABSENT);
    }

    private static byte[] grown(byte[] column, int capacity, byte fill) {
        byte[] grown = Arrays.copyOf(column, capacity);
        Arrays.fill(grown, Math.min(column.length, capacity), capacity, fill);
        return grown;
    }

    private static long[] grown(long[] column, int capacity, long fill) {
        long[] grown = Arrays.copyOf(column, capacity);
        Arrays.fill(grown, Math.min(column.length, capacity), capacity, fill);
        return grown;
    }

    /** A time in four bytes, good until 2088. */
    public static int second(long millis) {
        long second = Math.floorDiv(millis, 1_000) - FIRST_SECOND;
        return (int) Math.max(Integer.MIN_VALUE, Math.min(Integer.MAX_VALUE, second));
    }

    /** What {@link #second} was made of, to the second. */
    public static long millis(int second) {
        return (second + FIRST_SECOND) * 1_000;
    }

    /** Milliseconds a run that ended took, by what its times say now. */
    public long endedMillis(int row) {
        if (starts[row] == Times.ABSENT || ends[row] == Times.ABSENT) {
            return Times.ABSENT;
        }
        return Math.max(0, ends[row] - starts[row]);
    }

    public void write(FieldWriter out) throws IOException {
        out.ints("experiments", experiments, size);
        out.ints("names", names, size);
        out.ints("users", users, size);
        out.ints("phases", phases, size);
        out.ints("countedPhases", countedPhases, size);
        out.ints("estimators", estimators, size);
        out.ints("parents", parents, size);
        out.ints("sources", sources, size);
        out.ints("notes", notes, size);
        out.ints("revisions", revisions, size);
        out.ints("paramsHashes", paramsHashes, size);
        out.ints("readSeconds", readSeconds, size);
        out.bytes("statuses", statuses, size);
        out.bytes("states", states, size);
        out.bytes("countedStatuses", countedStatuses, size);
        out.bytes("counted", counted, size);
        out.bytes("leftOut", leftOut, size);
        out.longs("starts", starts, size);
        out.longs("ends", ends, size);
        out.longs("heartbeats", heartbeats, size);
        out.object("countedMillis", sparse -> writeSparse(sparse, countedMillis));
        out.object("unreadable", sparse -> writeSparse(sparse, unreadable));
        writeRows(out, "metricInFuture", metricInFuture);
        writeRows(out, "metricBeforeStart", metricBeforeStart);
    }

    private static void writeSparse(FieldWriter out, Map<Integer, ? extends Number> values) throws IOException {
        int[] rows = values.keySet().stream().mapToInt(Integer::intValue).toArray();
        long[] numbers = values.values().stream().mapToLong(Number::longValue).toArray();
        out.ints("rows", rows, rows.length);
        out.longs("values", numbers, numbers.length);
    }

    private static void writeRows(FieldWriter out, String name, BitSet rows) throws IOException {
        int[] numbers = rows.stream().toArray();
        out.ints(name, numbers, numbers.length);
    }

    /** Columns of numbers of shared words. */
    public int[][] words() {
        return new int[][] {experiments, users, phases, countedPhases, estimators};
    }

    /** Columns of places of texts. */
    public int[][] texts() {
        return new int[][] {names, parents, sources};
    }

    /** Takes a field that is a column; whether it is one. */
    public boolean read(FieldReader in) throws IOException {
        switch (in.name()) {
            case "experiments" -> experiments = in.ints(size);
            case "names" -> names = in.ints(size);
            case "users" -> users = in.ints(size);
            case "phases" -> phases = in.ints(size);
            case "countedPhases" -> countedPhases = in.ints(size);
            case "estimators" -> estimators = in.ints(size);
            case "parents" -> parents = in.ints(size);
            case "sources" -> sources = in.ints(size);
            case "notes" -> notes = in.ints(size);
            case "revisions" -> revisions = in.ints(size);
            case "paramsHashes" -> paramsHashes = in.ints(size);
            case "readSeconds" -> readSeconds = in.ints(size);
            case "statuses" -> statuses = in.bytes(size);
            case "states" -> states = in.bytes(size);
            case "countedStatuses" -> countedStatuses = in.bytes(size);
            case "counted" -> counted = in.bytes(size);
            case "leftOut" -> leftOut = in.bytes(size);
            case "starts" -> starts = in.longs(size);
            case "ends" -> ends = in.longs(size);
            case "heartbeats" -> heartbeats = in.longs(size);
            case "countedMillis" -> in.into(sparse -> readSparse(sparse, countedMillis::put));
            case "unreadable" ->
                in.into(sparse -> readSparse(sparse, (row, n) -> unreadable.put(row, Math.toIntExact(n))));
            case "metricInFuture" -> readRows(in, metricInFuture);
            case "metricBeforeStart" -> readRows(in, metricBeforeStart);
            default -> {
                return false;
            }
        }
        return true;
    }

    private void readRows(FieldReader in, BitSet rows) throws IOException {
        for (int row : in.ints()) {
            rows.set(CheckpointBounds.index(row, size));
        }
    }

    private void readSparse(FieldReader in, BiConsumer<Integer, Long> values) throws IOException {
        int[] rows = {};
        long[] numbers = {};
        while (in.next()) {
            switch (in.name()) {
                case "rows" -> rows = in.ints();
                case "values" -> numbers = in.longs(rows.length);
                default -> {
                    // Of another version.
                }
            }
        }
        for (int i = 0; i < numbers.length; i++) {
            values.accept(CheckpointBounds.index(rows[i], size), numbers[i]);
        }
    }
}
