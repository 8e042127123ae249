package io.mlflowexporter.kpi;

import java.util.List;
import java.util.Optional;

/**
 * What people are shown of KPIs.
 *
 * @param values in the order of the KPIs
 * @param idle a line for each KPI of the user's own that no run tells
 */
public record KpiOverview(List<KpiValue> values, List<String> idle) {
    /** Nothing known. */
    public static final KpiOverview NOTHING = new KpiOverview(List.of(), List.of());

    /**
     * One KPI of one experiment.
     *
     * @param subject what it is about
     * @param description empty where not given
     * @param model empty but for the selectors that are aliases
     * @param selector {@code latest}, {@code best}, {@code mean} or an alias
     * @param unit empty where not given
     * @param met empty where there is no target
     * @param run name and id of the run that tells it; empty for a mean
     */
    public record KpiValue(
            String workspace,
            String kpi,
            String subject,
            String description,
            String experiment,
            String model,
            String selector,
            double value,
            String unit,
            Optional<Boolean> met,
            String run) {}
}
