package io.mlflowexporter.cost;

import io.mlflowexporter.checkpoint.Texts;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
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

    /** Writes a key. */
    interface KeyWriter<K> {
        void write(K key) throws IOException;
    }

    /** Reads a key. */
    interface KeyReader<K> {
        K read() throws IOException;
    }

    /** Writes what was said; what is true is counted anew at each refresh. */
    void write(DataOutput out, KeyWriter<K> keys) throws IOException {
        out.writeInt(sums.size());
        for (Map.Entry<K, Sum> sum : sums.entrySet()) {
            keys.write(sum.getKey());
            out.writeDouble(sum.getValue().said);
        }
    }

    /** Goes on from what was said before a restart. */
    static <K> MonotoneSums<K> read(DataInput in, KeyReader<K> keys) throws IOException {
        MonotoneSums<K> read = new MonotoneSums<>();
        for (int left = Texts.count(in); left > 0; left--) {
            Sum sum = new Sum();
            K key = keys.read();
            sum.said = in.readDouble();
            if (!(sum.said >= 0) || read.sums.put(key, sum) != null) {
                throw new IOException("not a sum: " + sum.said);
            }
        }
        return read;
    }
}
