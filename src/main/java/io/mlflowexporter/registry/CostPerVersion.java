package io.mlflowexporter.registry;

import io.mlflowexporter.metric.Family;
import io.mlflowexporter.metric.FamilyDeclaration;
import io.mlflowexporter.metric.FamilyDeclaration.Fold;
import io.mlflowexporter.metric.FamilyDeclaration.Stability;
import io.mlflowexporter.metric.Samples;
import io.mlflowexporter.metric.SlidingWindow;
import io.mlflowexporter.metric.WindowSums;
import java.util.List;

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

    /** From the costs of windows, a gauge with the labels window and currency. */
    static Family family(AliasJournal journal, Family costs, long nowMillis) {
        Samples samples = new Samples();
        WindowSums.of(costs, List.of("window", "currency"), (key, cost) -> {
            String window = key.labels().get(0);
            SlidingWindow.of(window).ifPresent(sliding -> {
                long versions = journal.inProduction().since(key.workspace(), nowMillis - sliding.millis());
                if (versions > 0) {
                    samples.add(
                            key.workspace(),
                            cost / versions,
                            window,
                            key.labels().get(1));
                }
            });
        });
        return samples.family(FAMILY);
    }
}
