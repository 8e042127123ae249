package io.mlflowexporter.metric;

import java.util.List;

/**
 * A family's samples at one reading of the clock. Samples with equal labels may occur (two experiments of one name);
 * the renderer merges them.
 */
public record Family(FamilyDeclaration declaration, List<Sample> samples) {

    /** One sample. */
    public sealed interface Sample {
        /** Empty where the server has no workspaces. */
        String workspace();

        /** One value for each of the declaration's labels, in their order; any text. */
        List<String> labelValues();
    }

    /** A gauge's, counter's or info's value. */
    public record Value(String workspace, List<String> labelValues, double value) implements Sample {}

    /** A histogram. */
    public record Distribution(String workspace, List<String> labelValues, DurationHistogram histogram)
            implements Sample {}
}
