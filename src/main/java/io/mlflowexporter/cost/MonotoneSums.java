package io.mlflowexporter.cost;

import io.mlflowexporter.catalog.Catalog;
import io.mlflowexporter.checkpoint.fields.FieldReader;
import io.mlflowexporter.checkpoint.fields.FieldWriter;
import io.mlflowexporter.checkpoint.fields.Fields;
import io.mlflowexporter.metric.ExactSum;
import io.mlflowexporter.metric.Family;
import io.mlflowexporter.metric.FamilyDeclaration;
import io.mlflowexporter.metric.KeyedHash;
import io.mlflowexporter.metric.Samples;
import io.mlflowexporter.mlflow.Experiment;
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
    record Key(String experimentId, List<String> labels) implements Comparable<Key> {
        @Override
        public int hashCode() {
            return KeyedHash.place(experimentId, labels);
        }

        @Override
        public int compareTo(Key other) {
            int order = experimentId.compareTo(other.experimentId);
            for (int i = 0; order == 0 && i < Math.min(labels.size(), other.labels.size()); i++) {
                order = labels.get(i).compareTo(other.labels.get(i));
            }
            return order == 0 ? Integer.compare(labels.size(), other.labels.size()) : order;
        }
    }

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

    /** Writes what was said, as a field; what is true is counted anew after a restart. */
    void write(FieldWriter out, String name) throws IOException {
        out.list(name, sums.entrySet(), (element, sum) -> {
            element.text("experimentId", sum.getKey().experimentId());
            element.texts("labels", sum.getKey().labels());
            element.real("said", sum.getValue().said);
        });
    }

    /**
     * Goes on from what was said before a restart.
     *
     * @param labels how many each has after the experiment
     */
    void read(FieldReader in, int labels) throws IOException {
        for (Fields fields : in.list(FieldReader::fields)) {
            Sum sum = new Sum();
            Key key = new Key(fields.text("experimentId"), fields.texts("labels"));
            sum.said = fields.real("said", 0);
            if (!(sum.said >= 0) || key.labels().size() != labels || sums.put(key, sum) != null) {
                throw new IOException("not a sum: " + sum.said);
            }
        }
    }
}
