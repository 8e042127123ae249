package io.mlflowexporter.cost.usage;

import io.mlflowexporter.metric.KeyedHash;
import java.util.Comparator;

/** What is summed up by experiment and currency. Comparable, as names whose hashes are equal can be chosen. */
public record ExperimentCurrency(String workspace, String experiment, String currency)
        implements Comparable<ExperimentCurrency> {
    private static final Comparator<ExperimentCurrency> ORDER = Comparator.comparing(ExperimentCurrency::experiment)
            .thenComparing(ExperimentCurrency::currency)
            .thenComparing(ExperimentCurrency::workspace);

    @Override
    public int hashCode() {
        return KeyedHash.place(experiment, currency);
    }

    @Override
    public int compareTo(ExperimentCurrency other) {
        return ORDER.compare(this, other);
    }
}
