package io.mlflowexporter.catalog;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
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

    /** How one value is written. */
    interface Writer<T> {
        void write(DataOutput out, T value) throws IOException;
    }

    /** How one value is read. */
    interface Reader<T> {
        T read(DataInput in) throws IOException;
    }

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

    void write(DataOutput out, Writer<T> writer) throws IOException {
        out.writeInt(values.size());
        for (T value : values) {
            writer.write(out, value);
        }
    }

    static <T> Interned<T> read(DataInput in, Reader<T> reader) throws IOException {
        Interned<T> read = new Interned<>();
        int count = Binary.count(in);
        for (int i = 0; i < count; i++) {
            if (read.number(reader.read(in)) != i) {
                throw new IOException("a shared value is there twice");
            }
        }
        return read;
    }
}
