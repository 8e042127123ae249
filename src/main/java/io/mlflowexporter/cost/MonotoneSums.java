package io.mlflowexporter.cost;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.ObjDoubleConsumer;

/**
 * Sums that never go down: where what is true now is less than what was said before, the sum waits.
 *
 * @param <K> what a sum is of
 */
final class MonotoneSums<K> {
    /** Rounding of sums made in another order is no fall. */
    private static final double ROUNDING = 1e-12;

    private static final class Sum {
        private double said;
        private double now;
    }

    private final Map<K, Sum> sums = new LinkedHashMap<>();
    private int waiting;

    /** Begins a new count of what is true. */
    void begin() {
        sums.values().forEach(sum -> sum.now = 0);
    }

    /** Adds to what is true. */
    void add(K key, double amount) {
        sums.computeIfAbsent(key, k -> new Sum()).now += amount;
    }

    /** Ends the count: every sum is what is true or, where that is less, what it was. */
    void end() {
        waiting = 0;
        for (Sum sum : sums.values()) {
            if (sum.now < sum.said * (1 - ROUNDING)) {
                waiting++;
            }
            sum.said = Math.max(sum.said, sum.now);
        }
    }

    void forEach(ObjDoubleConsumer<K> action) {
        sums.forEach((key, sum) -> action.accept(key, sum.said));
    }

    /** How many sums are more than what is true. */
    int waiting() {
        return waiting;
    }
}
