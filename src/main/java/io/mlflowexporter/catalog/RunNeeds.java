package io.mlflowexporter.catalog;

import java.util.Set;

/**
 * What of the runs must be kept for those who compute from the catalog.
 *
 * @param tags names of tags
 * @param params names of params
 * @param systemMetrics whether MLflow's system metrics are wanted
 */
public record RunNeeds(Set<String> tags, Set<String> params, boolean systemMetrics) {
    /** Nothing beyond what the catalog keeps anyway. */
    public static final RunNeeds NOTHING = new RunNeeds(Set.of(), Set.of(), false);

    /** Whether nothing is missing for whoever needs this. */
    public boolean covers(RunNeeds other) {
        return tags.containsAll(other.tags)
                && params.containsAll(other.params)
                && (systemMetrics || !other.systemMetrics);
    }

    public RunNeeds {
        tags = Set.copyOf(tags);
        params = Set.copyOf(params);
    }
}
