package io.mlflowexporter.catalog;

import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Values that many rows share, numbered from 0: made for values of which there are few, such as users and phases. What
 * changes leaves its old value behind until {@link #forgetUnused}.
 */
final class Interned<T> {
    /** Fewer are not worth a look at all rows. */
    private static final int UNUSED_AT_LEAST = 4_000;

    private final Map<T, Integer> numbers = new HashMap<>();
    private final List<T> values = new ArrayList<>();
    /** So many were in use when that was last looked at; not written: after a restart it is looked at again. */
    private int used;

    int number(T value) {
        Integer known = numbers.putIfAbsent(value, values.size());
        if (known == null) {
            values.add(value);
            return values.size() - 1;
        }
        return known;
    }

    T value(int number) {
        return values.get(number);
    }

    int size() {
        return values.size();
    }

    /**
     * Forgets what no row refers to, once that is more than half of all and some thousands; rows are looked at only when
     * as much was added.
     *
     * @param rows in each column
     * @param columns all that refer to these values; they take on new numbers
     */
    void forgetUnused(int rows, int[]... columns) {
        if (!mostMayBeUnused()) {
            return;
        }
        BitSet referred = new BitSet();
        for (int[] column : columns) {
            for (int row = 0; row < rows; row++) {
                referred.set(column[row]);
            }
        }
        used = referred.cardinality();
        if (mostMayBeUnused()) {
            renumber(referred, rows, columns);
        }
    }

    private boolean mostMayBeUnused() {
        return values.size() > 2L * used + UNUSED_AT_LEAST;
    }

    private void renumber(BitSet referred, int rows, int[]... columns) {
        List<T> before = List.copyOf(values);
        values.clear();
        numbers.clear();
        int[] now = new int[before.size()];
        referred.stream().forEach(number -> now[number] = number(before.get(number)));
        for (int[] column : columns) {
            for (int row = 0; row < rows; row++) {
                column[row] = now[column[row]];
            }
        }
    }

    /** By their numbers. */
    List<T> values() {
        return Collections.unmodifiableList(values);
    }

    /**
     * What has these values by these numbers.
     *
     * @throws IOException if one is there twice
     */
    static <T> Interned<T> of(List<T> values) throws IOException {
        Interned<T> interned = new Interned<>();
        for (T value : values) {
            if (interned.number(value) != interned.size() - 1) {
                throw new IOException("a shared value is there twice");
            }
        }
        return interned;
    }
}
