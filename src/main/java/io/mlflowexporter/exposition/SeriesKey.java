package io.mlflowexporter.exposition;

import io.mlflowexporter.metric.KeyedHash;
import io.mlflowexporter.metric.LabelText;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * What tells a family's series apart. Hashed and comparable so that nobody who names things can choose labels that are found
 * in many steps.
 *
 * @param hash of the others
 */
record SeriesKey(String workspace, List<String> values, int hash) implements Comparable<SeriesKey> {
    /** By workspace, then value by value. */
    static final Comparator<SeriesKey> ORDER = Comparator.comparing(SeriesKey::workspace)
            .thenComparing((a, b) -> {
                for (int i = 0; i < a.values.size(); i++) {
                    int order = a.values.get(i).compareTo(b.values.get(i));
                    if (order != 0) {
                        return order;
                    }
                }
                return 0;
            });

    SeriesKey(String workspace, List<String> values) {
        this(workspace, values, KeyedHash.place(workspace, values));
    }

    @Override
    public int hashCode() {
        return hash;
    }

    @Override
    public int compareTo(SeriesKey other) {
        return ORDER.compare(this, other);
    }

    /** The same labels with {@link LabelText#OTHER} in one place. */
    SeriesKey folded(int at) {
        List<String> folded = new ArrayList<>(values);
        folded.set(at, LabelText.OTHER);
        return new SeriesKey(workspace, List.copyOf(folded));
    }
}
