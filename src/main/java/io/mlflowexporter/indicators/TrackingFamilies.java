package io.mlflowexporter.indicators;

import io.mlflowexporter.catalog.Catalog;
import io.mlflowexporter.config.Config;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Everything computed from experiments and runs. */
public final class TrackingFamilies {
    private TrackingFamilies() {}

    /** All declarations, in the order of {@link #of}. */
    public static List<FamilyDeclaration> declarations() {
        List<FamilyDeclaration> all = new ArrayList<>(ExperimentFamilies.declarations());
        all.addAll(RunFamilies.declarations());
        all.addAll(Reliability.declarations());
        all.addAll(RecentRunFamilies.declarations());
        all.addAll(Anomalies.declarations());
        all.addAll(SweepFamilies.declarations());
        return all;
    }

    /**
     * All families at one reading of the clock.
     *
     * @param sums what the runs of the catalog come to at that time
     * @param anomalies kind to number of runs
     */
    public static List<Family> of(
            Catalog catalog, RunSums sums, Config config, long nowMillis, Map<String, Long> anomalies) {
        long staleAfter = config.refresh().staleAfter().toMillis();
        List<Family> all = new ArrayList<>(ExperimentFamilies.of(catalog));
        all.addAll(sums.families());
        all.addAll(RecentRunFamilies.of(
                catalog, nowMillis, staleAfter, config.exposition().recentRuns()));
        all.add(Anomalies.family(anomalies));
        all.addAll(SweepFamilies.of(catalog));
        return all;
    }
}
