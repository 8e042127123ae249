package io.mlflowexporter.catalog;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Values that many rows share, numbered from 0. Nothing is ever forgotten: made for values of which there are few, such
 * as users and phases; what changes leaves its old value behind.
 */
final class Interned<T> {
    private final Map<T, Integer> numbers = new HashMap<>();
    private final List<T> values = new ArrayList<>();

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
