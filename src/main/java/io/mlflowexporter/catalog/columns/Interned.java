package io.mlflowexporter.catalog.columns;

import io.mlflowexporter.metric.KeyedHash;
import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.function.ToIntFunction;
import java.util.function.ToLongFunction;

/**
 * Values that many rows share, numbered from 0: made for values of which there are few, such as users and phases. What
 * changes leaves its old value behind until {@link #forgetUnused}.
 */
public final class Interned<T> {
    /** Less is not worth a look at all rows, bytes. */
    private static final long UNUSED_AT_LEAST = 256 << 10;

    /** Of the list and the table for one value, beside the value. */
    private static final int ENTRY_BYTES = 24;

    private static final int FIRST_CAPACITY = 16;

    private final List<T> values = new ArrayList<>();
    private final ToLongFunction<T> weigher;
    private final ToIntFunction<T> hash;
    /** Numbers plus one, by open addressing; 0 is free. */
    private int[] slots = new int[FIRST_CAPACITY];

    private long weight;
    /** So much was in use when that was last looked at; not written: after a restart it is looked at again. */
    private long used;

    /**
     * None yet.
     *
     * @param weigher about what a value takes, bytes
     * @param hash a keyed one: values are chosen by whoever may write to MLflow
     */
    public Interned(ToLongFunction<T> weigher, ToIntFunction<T> hash) {
        this.weigher = weigher;
        this.hash = hash;
    }

    /** None yet, of texts. */
    public static Interned<String> texts() {
        return new Interned<>(Interned::weight, KeyedHash::place);
    }

    /** About what a string takes. */
    public static long weight(String text) {
        return 48L + text.length();
    }

    /** About what all values take, bytes. */
    public long weight() {
        return weight;
    }

    public int number(T value) {
        int slot = slot(value);
        if (slots[slot] != 0) {
            return slots[slot] - 1;
        }
        values.add(value);
        slots[slot] = values.size();
        weight += ENTRY_BYTES + weigher.applyAsLong(value);
        if (values.size() > slots.length / 4 * 3) {
            slots = new int[2 * slots.length];
            for (int number = 0; number < values.size(); number++) {
                slots[slot(values.get(number))] = number + 1;
            }
        }
        return values.size() - 1;
    }

    private int slot(T value) {
        int slot = hash.applyAsInt(value) & (slots.length - 1);
        while (slots[slot] != 0 && !values.get(slots[slot] - 1).equals(value)) {
            slot = (slot + 1) & (slots.length - 1);
        }
        return slot;
    }

    public T value(int number) {
        return values.get(number);
    }

    public int size() {
        return values.size();
    }

    /**
     * Forgets what no row refers to, once that may be more than half of all; rows are looked at only when as much was
     * added.
     *
     * @param rows in each column
     * @param columns all that refer to these values; they take on new numbers
     * @return whether they did
     */
    public boolean forgetUnused(int rows, int[]... columns) {
        if (!mostMayBeUnused()) {
            return false;
        }
        BitSet referred = new BitSet();
        for (int[] column : columns) {
            for (int row = 0; row < rows; row++) {
                referred.set(column[row]);
            }
        }
        renumber(referred, rows, columns);
        used = weight;
        return true;
    }

    private boolean mostMayBeUnused() {
        return weight > 2 * used + UNUSED_AT_LEAST;
    }

    private void renumber(BitSet referred, int rows, int[]... columns) {
        List<T> before = List.copyOf(values);
        values.clear();
        slots = new int[FIRST_CAPACITY];
        weight = 0;
        int[] now = new int[before.size()];
        referred.stream().forEach(number -> now[number] = number(before.get(number)));
        for (int[] column : columns) {
            for (int row = 0; row < rows; row++) {
                column[row] = now[column[row]];
            }
        }
    }

    /** By their numbers. */
    public List<T> values() {
        return Collections.unmodifiableList(values);
    }

    /**
     * Takes these values by these numbers; it has none yet.
     *
     * @throws IOException if one is there twice
     */
    public Interned<T> with(List<T> all) throws IOException {
        for (T value : all) {
            int number = values.size();
            if (number(value) != number) {
                throw new IOException("a shared value is there twice");
            }
        }
        return this;
    }
}
