package io.mlflowexporter.catalog.columns;

import io.mlflowexporter.checkpoint.fields.FieldReader;
import io.mlflowexporter.checkpoint.fields.FieldWriter;
import io.mlflowexporter.checkpoint.fields.Fields;
import io.mlflowexporter.metric.KeyedHash;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Ids of runs by row and rows by id. MLflow's own ids are 32 hexadecimal digits in lower case and take two longs and
 * the row's number in an open-addressed table; any other text is kept as it is.
 */
public final class RunIds {
    private static final int NONE = -1;
    private static final int DIGITS = 32;
    private static final int FIRST_CAPACITY = 64;

    private long[] high = new long[FIRST_CAPACITY];
    private long[] low = new long[FIRST_CAPACITY];
    private int size;
    /** Rows plus one; 0 is free. */
    private int[] slots = new int[2 * FIRST_CAPACITY];

    private final Map<String, Integer> otherRows = new HashMap<>();
    private final Map<Integer, String> others = new HashMap<>();

    public int size() {
        return size;
    }

    /** The row, or -1. */
    public int row(String id) {
        if (!packable(id)) {
            return otherRows.getOrDefault(id, NONE);
        }
        return slots[slot(half(id, 0), half(id, DIGITS / 2))] - 1;
    }

    /** The row of an id not known yet. */
    public int add(String id) {
        int row = size++;
        if (size > high.length) {
            int capacity = Columns.grown(size);
            high = Arrays.copyOf(high, capacity);
            low = Arrays.copyOf(low, capacity);
        }
        if (packable(id)) {
            high[row] = half(id, 0);
            low[row] = half(id, DIGITS / 2);
        } else {
            otherRows.put(id, row);
            others.put(row, id);
        }
        if (size > slots.length / 4 * 3) {
            index(slots.length * 2);
        } else if (packable(id)) {
            slots[slot(high[row], low[row])] = row + 1;
        }
        return row;
    }

    public String id(int row) {
        if (!others.isEmpty()) {
            String other = others.get(row);
            if (other != null) {
                return other;
            }
        }
        byte[] digits = new byte[DIGITS];
        digits(high[row], digits, 0);
        digits(low[row], digits, DIGITS / 2);
        return new String(digits, StandardCharsets.ISO_8859_1);
    }

    /** As {@link #id} equals, without making a string. */
    public boolean is(int row, String id) {
        return packable(id)
                ? high[row] == half(id, 0) && low[row] == half(id, DIGITS / 2) && !others.containsKey(row)
                : id.equals(others.get(row));
    }

    /** Less than, equal to or greater than 0; a fixed order of no meaning. */
    public int compare(int a, int b) {
        int byHigh = Long.compareUnsigned(high[a], high[b]);
        int byLow = byHigh == 0 ? Long.compareUnsigned(low[a], low[b]) : byHigh;
        return byLow == 0 ? id(a).compareTo(id(b)) : byLow;
    }

    /** Forgets the last rows. */
    public void truncate(int rows) {
        for (int row = rows; row < size && !others.isEmpty(); row++) {
            String other = others.remove(row);
            if (other != null) {
                otherRows.remove(other);
            }
        }
        size = rows;
        index(slots.length);
    }

    private void index(int capacity) {
        slots = new int[capacity];
        for (int row = 0; row < size; row++) {
            if (!others.containsKey(row)) {
                slots[slot(high[row], low[row])] = row + 1;
            }
        }
    }

    private int slot(long wantedHigh, long wantedLow) {
        int slot = KeyedHash.of(wantedHigh, wantedLow) & (slots.length - 1);
        while (slots[slot] != 0 && (high[slots[slot] - 1] != wantedHigh || low[slots[slot] - 1] != wantedLow)) {
            slot = (slot + 1) & (slots.length - 1);
        }
        return slot;
    }

    private static boolean packable(String id) {
        if (id.length() != DIGITS) {
            return false;
        }
        for (int i = 0; i < DIGITS; i++) {
            char digit = id.charAt(i);
            if (!((digit >= '0' && digit <= '9') || (digit >= 'a' && digit <= 'f'))) {
                return false;
            }
        }
        return true;
    }

    private static long half(String id, int from) {
        long half = 0;
        for (int i = from; i < from + DIGITS / 2; i++) {
            half = half << 4 | Character.digit(id.charAt(i), 16);
        }
        return half;
    }

    private static void digits(long half, byte[] into, int from) {
        for (int i = 0; i < DIGITS / 2; i++) {
            into[from + i] = (byte) Character.forDigit((int) (half >>> (60 - 4 * i)) & 0xF, 16);
        }
    }

    public void write(FieldWriter out) throws IOException {
        out.longs("idsHigh", high, size);
        out.longs("idsLow", low, size);
        out.list("otherIds", others.entrySet(), (element, other) -> {
            element.number("row", other.getKey());
            element.text("id", other.getValue());
        });
    }

    /** Takes a field that is of ids; whether it is one. */
    public boolean read(FieldReader in, int rows) throws IOException {
        switch (in.name()) {
            case "idsHigh" -> high = in.longs(rows);
            case "idsLow" -> low = in.longs(rows);
            case "otherIds" -> {
                for (Fields other : in.list(FieldReader::fields)) {
                    int row = CheckpointBounds.index(other.count("row"), rows);
                    others.put(row, other.text("id"));
                    otherRows.put(other.text("id"), row);
                }
            }
            default -> {
                return false;
            }
        }
        return true;
    }

    /** Begins to know the ids that were read. */
    public void restored(int rows) throws IOException {
        if (high.length < rows || low.length < rows) {
            throw new IOException("the ids are missing");
        }
        size = rows;
        index(Math.max(2 * FIRST_CAPACITY, Integer.highestOneBit(Math.max(1, size)) * 4));
    }
}
