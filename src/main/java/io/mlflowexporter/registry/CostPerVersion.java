package io.mlflowexporter.registry;

import io.mlflowexporter.cost.WindowCost;
import io.mlflowexporter.metric.ExactSum;
import io.mlflowexporter.metric.Family;
import io.mlflowexporter.metric.FamilyDeclaration;
import io.mlflowexporter.metric.FamilyDeclaration.Fold;
import io.mlflowexporter.metric.FamilyDeclaration.Stability;
import io.mlflowexporter.metric.Samples;
import io.mlflowexporter.metric.SlidingWindow;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What all computing came to per version that went into production. */
final class CostPerVersion {
    static final FamilyDeclaration FAMILY = new FamilyDeclaration(
            "mlflow_cost_per_deployed_version",
            FamilyDeclaration.Type.GAUGE,
            "Estimated cost of all that ran inside the window, by the number of versions that were seen to go into"
                    + " production inside it, as of the snapshot; none where none did.",
            List.of("window", "currency"),
            Stability.EXPERIMENTAL,
            Fold.NEVER);

    private CostPerVersion() {}

    private record Key(String workspace, String window, String currency) implements Comparable<Key> {
        private static final Comparator<Key> ORDER =
                Comparator.comparing(Key::workspace).thenComparing(Key::window).thenComparing(Key::currency);

        @Override
        public int compareTo(Key other) {
            return ORDER.compare(this, other);
        }
    }

    /** Of windows that go on with the clock. */
    static Family family(AliasJournal journal, List<WindowCost> costs, long nowMillis) {
        // Exact, so that the order of the costs does not matter.
        Map<Key, ExactSum> sums = new TreeMap<>();
        costs.forEach(cost -> sums.computeIfAbsent(
                        new Key(cost.workspace(), cost.window(), cost.currency()), key -> new ExactSum())
                .add(cost.amount(), 1));
        Samples samples = new Samples();
        sums.forEach((key, sum) -> SlidingWindow.of(key.window()).ifPresent(window -> {
            long versions = journal.inProduction().since(key.workspace(), nowMillis - window.millis());
            if (versions > 0) {
                samples.add(key.workspace(), sum.value() / versions, key.window(), key.currency());
            }
        }));
        return samples.family(FAMILY);
    }
}
