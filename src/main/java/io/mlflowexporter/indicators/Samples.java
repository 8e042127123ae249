package io.mlflowexporter.indicators;

import io.mlflowexporter.indicators.Family.Sample;
import io.mlflowexporter.indicators.Family.Value;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Gathers a family's samples, added up by labels. */
public final class Samples {
    private record Key(String workspace, List<String> labels) {}

    private final Map<Key, Double> sums = new LinkedHashMap<>();

    /** Adds to the sample with these labels. */
    public void add(String workspace, double value, String... labels) {
        sums.merge(new Key(workspace, List.of(labels)), value, Double::sum);
    }

    /** Raises the sample with these labels to at least this. */
    public void max(String workspace, double value, String... labels) {
        sums.merge(new Key(workspace, List.of(labels)), value, Double::max);
    }

    /** What was gathered. */
    public Family family(FamilyDeclaration declaration) {
        List<Sample> samples = new ArrayList<>(sums.size());
        sums.forEach((key, value) -> samples.add(new Value(key.workspace(), key.labels(), value)));
        return new Family(declaration, samples);
    }
}
