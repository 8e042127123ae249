package io.mlflowexporter.cost;

import io.mlflowexporter.catalog.Catalog;
import io.mlflowexporter.checkpoint.Texts;
import io.mlflowexporter.indicators.ExactSum;
import io.mlflowexporter.indicators.Family;
import io.mlflowexporter.indicators.FamilyDeclaration;
import io.mlflowexporter.indicators.Samples;
import io.mlflowexporter.mlflow.Experiment;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Sums that never go down: where what is true now is less than what was said before, the sum waits. Kept by the
 * experiment's id, so that renaming it starts nothing anew.
 */
final class MonotoneSums {
    /** What was said may have been rounded otherwise, by another version. */
    private static final double ROUNDING = 1e-12;

    /** @param labels those after the experiment */
    record Key(String experimentId, List<String> labels) {}

    private static final class Sum {
        private double said;
        private ExactSum now = new ExactSum();
    }

    private final Map<Key, Sum> sums = new LinkedHashMap<>();
    private int waiting;

    /** Begins a new count of what is true. */
    void begin() {
        sums.values().forEach(sum -> sum.now = new ExactSum());
    }

    /** Adds to what is true, or takes back. */
    void add(int times, double amount, String experimentId, String... labels) {
        sums.computeIfAbsent(new Key(experimentId, List.of(labels)), key -> new Sum())
                .now
                .add(amount, times);
    }

    /** Every sum is what is true or, where that is less, what it was. */
    void end() {
        waiting = 0;
        for (Sum sum : sums.values()) {
            double now = sum.now.value();
            if (now < sum.said * (1 - ROUNDING)) {
                waiting++;
            }
            sum.said = Math.max(sum.said, now);
        }
    }

    Family family(FamilyDeclaration declaration, Catalog catalog) {
        Samples samples = new Samples();
        sums.forEach((key, sum) -> {
            Experiment experiment = catalog.experiment(key.experimentId());
            String[] labels = new String[key.labels().size() + 1];
            labels[0] = experiment.name();
            for (int i = 1; i < labels.length; i++) {
                labels[i] = key.labels().get(i - 1);
            }
            samples.add(experiment.workspace(), sum.said, labels);
        });
        return samples.family(declaration);
    }

    /** How many sums are more than what is true. */
    int waiting() {
        return waiting;
    }

    /** Writes a key. */
    interface KeyWriter {
        void write(Key key) throws IOException;
    }

    /** Reads a key. */
    interface KeyReader {
        Key read() throws IOException;
    }

    /** Writes what was said; what is true is counted anew after a restart. */
    void write(DataOutput out, KeyWriter keys) throws IOException {
        out.writeInt(sums.size());
        for (Map.Entry<Key, Sum> sum : sums.entrySet()) {
            keys.write(sum.getKey());
            out.writeDouble(sum.getValue().said);
        }
    }

    /** Goes on from what was said before a restart. */
    static MonotoneSums read(DataInput in, KeyReader keys) throws IOException {
        MonotoneSums read = new MonotoneSums();
        for (int left = Texts.count(in); left > 0; left--) {
            Sum sum = new Sum();
            Key key = keys.read();
            sum.said = in.readDouble();
            if (!(sum.said >= 0) || read.sums.put(key, sum) != null) {
                throw new IOException("not a sum: " + sum.said);
            }
        }
        return read;
    }
}
