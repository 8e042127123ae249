package io.mlflowexporter.pipeline;

import io.mlflowexporter.catalog.Catalog;
import io.mlflowexporter.catalog.sync.ResyncFamilies;
import io.mlflowexporter.config.Config;
import io.mlflowexporter.metric.Family;
import io.mlflowexporter.runs.ExperimentFamilies;
import io.mlflowexporter.runs.RecentRunFamilies;
import io.mlflowexporter.runs.RunSums;
import java.util.ArrayList;
import java.util.List;

/** What experiments and runs are at one reading of the clock, as {@link Pipeline} publishes it beside what engines keep. */
public final class TrackingFamilies {
    private TrackingFamilies() {}

    /**
     * All families at one reading of the clock.
     *
     * @param workspaces those read
     * @param sums what the runs of the catalog come to at that time
     */
    public static List<Family> of(
            Catalog catalog, List<String> workspaces, RunSums sums, Config config, long nowMillis) {
        List<Family> all = new ArrayList<>(ExperimentFamilies.of(catalog, workspaces));
        all.addAll(sums.families());
        all.addAll(RecentRunFamilies.of(
                catalog, nowMillis, config.times(), config.exposition().recentRuns()));
        all.addAll(ResyncFamilies.of(catalog, config.sync().share()));
        return all;
    }
}
