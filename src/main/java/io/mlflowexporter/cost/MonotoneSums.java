package io.mlflowexporter.cost;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * Sums that never go down: where what is true now is less than what was said before, the sum waits.
 *
 * @param <K> what a sum is of
 */
final class MonotoneSums<K> {
    /** Rounding of sums made in another order is no fall. */
    private static final double ROUNDING = 1e-12;

    private final Map<K, Double> said = new LinkedHashMap<>();
    private final Map<K, Double> now = new LinkedHashMap<>();
    private int waiting;

    /** Begins a new count of what is true. */
    void begin() {
        now.clear();
    }

    /** Adds to what is true. */
    void add(K key, double amount) {
        now.merge(key, amount, Double::sum);
    }

    /** Ends the count: every sum is what is true or, where that is less, what it was. */
    void end() {
        now.forEach((key, sum) -> said.merge(key, sum, Math::max));
        waiting = 0;
        said.forEach((key, sum) -> {
            if (now.getOrDefault(key, 0.0) < sum * (1 - ROUNDING)) {
                waiting++;
            }
        });
    }

    void forEach(BiConsumer<K, Double> action) {
        said.forEach(action);
    }

    /** How many sums are more than what is true. */
    int waiting() {
        return waiting;
    }
}
