package io.mlflowexporter.metric;

import io.mlflowexporter.metric.Family.Sample;
import io.mlflowexporter.metric.Family.Value;
import java.util.ArrayList;
import java.util.List;

/** A family's samples, added up by labels, of which what was added can be taken back. */
public final class KeptSamples {
    private final ByLabels<ExactSum> sums = new ByLabels<>();

    /**
     * Adds to the sample with these labels, or takes back.
     *
     * @param times 1, or -1 for what was added before
     */
    public void add(int times, String workspace, double value, String... labels) {
        sums.get(ExactSum::new, workspace, labels).add(value, times);
    }

    /** What is in it now; of labels that nothing adds to any more there is no sample. */
    public Family family(FamilyDeclaration declaration) {
        List<Sample> samples = new ArrayList<>();
        sums.forEach((workspace, labels, sum) -> {
            if (!sum.isEmpty()) {
                samples.add(new Value(workspace, labels, sum.value()));
            }
        });
        return new Family(declaration, samples);
    }
}
