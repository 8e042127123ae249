package io.mlflowexporter.catalog.columns;

import io.mlflowexporter.metric.KeyedHash;
import java.util.Collection;
import java.util.List;

/**
 * Names in ascending order, as a key of a map. Hashed and comparable so that nobody who logs metrics can choose lists that are
 * found in many steps.
 */
public record NameList(List<String> names) implements Comparable<NameList> {
    public static NameList of(Collection<String> names) {
        return new NameList(names.stream().sorted().toList());
    }

    /** About what they take, bytes. */
    public long weight() {
        return names.stream().mapToLong(Interned::weight).sum();
    }

    public int place() {
        return KeyedHash.place("", names);
    }

    @Override
    public int hashCode() {
        return place();
    }

    @Override
    public int compareTo(NameList other) {
        int both = Math.min(names.size(), other.names.size());
        for (int i = 0; i < both; i++) {
            int order = names.get(i).compareTo(other.names.get(i));
            if (order != 0) {
                return order;
            }
        }
        return Integer.compare(names.size(), other.names.size());
    }
}
