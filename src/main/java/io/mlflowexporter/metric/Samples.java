package io.mlflowexporter.metric;

import io.mlflowexporter.metric.Family.Value;

/** Gathers a family's samples, added up by labels. */
public final class Samples {
    private static final class Sum {
        private double value;

        private Sum(double value) {
            this.value = value;
        }

        static Sum zero() {
            return new Sum(0);
        }

        static Sum least() {
            return new Sum(Double.NEGATIVE_INFINITY);
        }
    }

    private final ByLabels<Sum> sums = new ByLabels<>();

    /** Adds to the sample with these labels. */
    public void add(String workspace, double value, String... labels) {
        sums.get(Sum::zero, workspace, labels).value += value;
    }

    /** Raises the sample with these labels to at least this. */
    public void max(String workspace, double value, String... labels) {
        Sum sum = sums.get(Sum::least, workspace, labels);
        sum.value = Math.max(sum.value, value);
    }

    /** What was gathered. */
    public Family family(FamilyDeclaration declaration) {
        return new Family(declaration, sums.map((workspace, labels, sum) -> new Value(workspace, labels, sum.value)));
    }
}
