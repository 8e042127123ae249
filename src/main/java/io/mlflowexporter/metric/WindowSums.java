package io.mlflowexporter.metric;

import io.mlflowexporter.metric.Family.Sample;
import io.mlflowexporter.metric.Family.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;

/** Adds up a gauge over windows, currencies and other labels, leaving some labels out. */
public final class WindowSums {
    /** What the sums keep apart. */
    public record Key(String workspace, List<String> labels) {}

    private WindowSums() {}

    /**
     * The sums by some of the labels.
     *
     * @param told the family, whose samples are single values
     * @param kept names of labels, which the keys have in this order
     * @param sink called in a fixed order
     */
    public static void of(Family told, List<String> kept, BiConsumer<Key, Double> sink) {
        List<String> names = told.declaration().labels();
        // Exact, so that the order of the samples does not matter.
        Map<List<String>, ExactSum> sums = new TreeMap<>(WindowSums::compare);
        for (Sample sample : told.samples()) {
            Value value = (Value) sample;
            List<String> key = new ArrayList<>(List.of(value.workspace()));
            kept.forEach(name -> key.add(value.labelValues().get(names.indexOf(name))));
            sums.computeIfAbsent(key, k -> new ExactSum()).add(value.value(), 1);
        }
        sums.forEach((key, sum) -> sink.accept(new Key(key.get(0), key.subList(1, key.size())), sum.value()));
    }

    private static int compare(List<String> one, List<String> other) {
        for (int i = 0; i < one.size(); i++) {
            int order = one.get(i).compareTo(other.get(i));
            if (order != 0) {
                return order;
            }
        }
        return 0;
    }
}
