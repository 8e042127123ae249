package io.mlflowexporter.metric;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Something for each combination of a workspace and label values. Looking up what is there allocates nothing that lasts:
 * it is done several times for each of a million runs.
 *
 * @param <V> what is held
 */
public final class ByLabels<V> {
    /** Hashed and comparable so that nobody who names things can choose labels that are found in many steps. */
    private record Key(String workspace, List<String> labels) implements Comparable<Key> {
        @Override
        public int hashCode() {
            return KeyedHash.place(workspace, labels);
        }

        @Override
        public int compareTo(Key other) {
            int order = workspace.compareTo(other.workspace);
            for (int i = 0; order == 0 && i < Math.min(labels.size(), other.labels.size()); i++) {
                order = labels.get(i).compareTo(other.labels.get(i));
            }
            return order == 0 ? Integer.compare(labels.size(), other.labels.size()) : order;
        }
    }

    /** Makes one result of an entry. */
    public interface Use<V, R> {
        R of(String workspace, List<String> labels, V value);
    }

    /** Takes one entry. */
    public interface Each<V> {
        void take(String workspace, List<String> labels, V value);
    }

    private final Map<Key, V> entries = new LinkedHashMap<>();

    /** What is held for these labels, made now if it is not there yet. */
    public V get(Supplier<V> fresh, String workspace, String... labels) {
        return entries.computeIfAbsent(new Key(workspace, List.of(labels)), key -> fresh.get());
    }

    /** A result of each, in the order in which they came first. */
    public <R> List<R> map(Use<V, R> use) {
        List<R> results = new ArrayList<>(entries.size());
        forEach((workspace, labels, value) -> results.add(use.of(workspace, labels, value)));
        return results;
    }

    /** Each, in the order in which they came first. */
    public void forEach(Each<V> each) {
        entries.forEach((key, value) -> each.take(key.workspace(), key.labels(), value));
    }
}
