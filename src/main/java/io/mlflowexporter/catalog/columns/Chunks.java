package io.mlflowexporter.catalog.columns;

import java.util.AbstractList;
import java.util.List;

/** Parts of a list, so that a checkpoint's columns of a part are small beside the whole. */
public final class Chunks {
    static final int SIZE = 1 << 14;

    private Chunks() {}

    public static <T> List<List<T>> of(List<T> all) {
        return new AbstractList<>() {
            @Override
            public List<T> get(int chunk) {
                return all.subList(chunk * SIZE, Math.min(all.size(), (chunk + 1) * SIZE));
            }

            @Override
            public int size() {
                return (all.size() + SIZE - 1) / SIZE;
            }
        };
    }
}
