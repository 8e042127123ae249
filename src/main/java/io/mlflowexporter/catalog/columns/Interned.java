package io.mlflowexporter.catalog.columns;

import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;

/**
 * Values that many rows share, numbered from 0: made for values of which there are few, such as users and phases. What
 * changes leaves its old value behind until {@link #forgetUnused}.
 */
public final class Interned<T> {
    /** Less is not worth a look at all rows, bytes. */
    private static final long UNUSED_AT_LEAST = 256 << 10;

    /** Of the maps' entries for one value, beside the value. */
    private static final int ENTRY_BYTES = 60;

    private final Map<T, Integer> numbers = new HashMap<>();
    private final List<T> values = new ArrayList<>();
    private final ToLongFunction<T> weigher;
    private long weight;
    /** So much was in use when that was last looked at; not written: after a restart it is looked at again. */
    private long used;

    /**
     * None yet.
     *
     * @param weigher about what a value takes, bytes
     */
    public Interned(ToLongFunction<T> weigher) {
        this.weigher = weigher;
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
        Integer known = numbers.putIfAbsent(value, values.size());
        if (known == null) {
            values.add(value);
            weight += ENTRY_BYTES + weigher.applyAsLong(value);
            return values.size() - 1;
        }
        return known;
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
        numbers.clear();
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
     * What has these values by these numbers.
     *
     * @throws IOException if one is there twice
     */
    public static <T> Interned<T> of(List<T> values, ToLongFunction<T> weigher) throws IOException {
        Interned<T> interned = new Interned<>(weigher);
        for (T value : values) {
            if (interned.number(value) != interned.size() - 1) {
                throw new IOException("a shared value is there twice");
            }
        }
        return interned;
    }
}
