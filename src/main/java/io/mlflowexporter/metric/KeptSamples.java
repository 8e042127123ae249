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

    /** A result of each sum there is now; of labels that nothing adds to any more there is none. */
    public <R> List<R> map(ByLabels.Use<Double, R> use) {
        List<R> results = new ArrayList<>();
        sums.forEach((workspace, labels, sum) -> {
            if (!sum.isEmpty()) {
                results.add(use.of(workspace, labels, sum.value()));
            }
        });
        return results;
    }

    /** A sample of each sum there is now. */
    public Family family(FamilyDeclaration declaration) {
        return new Family(declaration, this.<Sample>map(Value::new));
    }
}
