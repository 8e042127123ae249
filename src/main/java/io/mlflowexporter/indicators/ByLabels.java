package io.mlflowexporter.indicators;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/**
 * Something for each combination of a workspace and label values. Looking up what is there allocates nothing that lasts:
 * it is done several times for each of a million runs.
 *
 * @param <V> what is held
 */
final class ByLabels<V> {
    private static final int FIRST_CAPACITY = 64;

    private static final class Entry<V> {
        private final String workspace;
        private final String[] labels;
        private final int hash;
        private final V value;

        Entry(String workspace, String[] labels, int hash, V value) {
            this.workspace = workspace;
            this.labels = labels;
            this.hash = hash;
            this.value = value;
        }

        boolean is(int thatHash, String thatWorkspace, String[] thatLabels) {
            return hash == thatHash && workspace.equals(thatWorkspace) && Arrays.equals(labels, thatLabels);
        }
    }

    /** Makes one result of an entry. */
    interface Use<V, R> {
        R of(String workspace, List<String> labels, V value);
    }

    /** Takes one entry. */
    interface Each<V> {
        void take(String workspace, List<String> labels, V value);
    }

    private final List<Entry<V>> entries = new ArrayList<>();
    /** Number of an entry plus one, 0 where there is none; each at the next free place from where its hash belongs. */
    private int[] table = new int[FIRST_CAPACITY];

    /** What is held for these labels, made now if it is not there yet. */
    V get(Supplier<V> fresh, String workspace, String... labels) {
        int hash = hash(workspace, labels);
        int mask = table.length - 1;
        int at = hash & mask;
        for (; table[at] != 0; at = (at + 1) & mask) {
            Entry<V> entry = entries.get(table[at] - 1);
            if (entry.is(hash, workspace, labels)) {
                return entry.value;
            }
        }
        V value = fresh.get();
        entries.add(new Entry<>(workspace, labels.clone(), hash, value));
        table[at] = entries.size();
        if (entries.size() * 2 > table.length) {
            grow();
        }
        return value;
    }

    private void grow() {
        table = new int[table.length * 2];
        int mask = table.length - 1;
        for (int i = 0; i < entries.size(); i++) {
            int at = entries.get(i).hash & mask;
            while (table[at] != 0) {
                at = (at + 1) & mask;
            }
            table[at] = i + 1;
        }
    }

    private static int hash(String workspace, String[] labels) {
        int hash = workspace.hashCode();
        for (String label : labels) {
            hash = hash * 31 + label.hashCode();
        }
        // The low bits choose the place; spread what names that only count up differ in.
        int spread = hash * 0x9E3779B9;
        return spread ^ (spread >>> 15);
    }

    /** A result of each, in the order in which they came first. */
    <R> List<R> map(Use<V, R> use) {
        List<R> results = new ArrayList<>(entries.size());
        forEach((workspace, labels, value) -> results.add(use.of(workspace, labels, value)));
        return results;
    }

    /** Each, in the order in which they came first. */
    void forEach(Each<V> each) {
        for (Entry<V> entry : entries) {
            each.take(entry.workspace, List.of(entry.labels), entry.value);
        }
    }
}
