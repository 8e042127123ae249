package io.mlflowexporter.backfill;

import io.mlflowexporter.metric.Family;
import io.mlflowexporter.metric.Family.Sample;
import io.mlflowexporter.metric.Family.Value;
import io.mlflowexporter.metric.FamilyDeclaration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What counters say when the exporter takes over: before, they said no more. A counter that once had waited for a
 * correction, as when a parent began after its child, would otherwise fall there, and Prometheus would count all of it
 * again.
 */
final class CounterCeiling {
    private record Key(String family, String workspace, List<String> values) {}

    private final Map<Key, Double> last = new HashMap<>();

    /** @param folded the families of that time */
    CounterCeiling(List<Family> folded) {
        for (Family family : folded) {
            if (family.declaration().type() == FamilyDeclaration.Type.COUNTER) {
                for (Sample sample : family.samples()) {
                    last.put(key(family, sample), ((Value) sample).value());
                }
            }
        }
    }

    private static Key key(Family family, Sample sample) {
        return new Key(family.declaration().name(), sample.workspace(), sample.labelValues());
    }

    /** The families of an earlier time, with counters that say too much lowered. */
    List<Family> under(List<Family> folded) {
        return folded.stream().map(this::under).toList();
    }

    private Family under(Family family) {
        if (family.declaration().type() != FamilyDeclaration.Type.COUNTER) {
            return family;
        }
        List<Sample> samples =
                family.samples().stream().map(sample -> under(family, sample)).toList();
        return new Family(family.declaration(), samples);
    }

    private Sample under(Family family, Sample sample) {
        double value = ((Value) sample).value();
        double most = last.getOrDefault(key(family, sample), value);
        return value <= most ? sample : new Value(sample.workspace(), sample.labelValues(), most);
    }
}
