package io.mlflowexporter.catalog.reading;

import io.mlflowexporter.checkpoint.fields.FieldReader;
import io.mlflowexporter.checkpoint.fields.FieldWriter;
import io.mlflowexporter.checkpoint.fields.Fields;
import io.mlflowexporter.settings.value.Glob;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What of the runs must be kept for those who compute from the catalog.
 *
 * @param tags names of tags
 * @param params names of params
 * @param metrics patterns of the names of metrics; the more there are, the slower a reading
 * @param systemMetrics whether MLflow's system metrics are wanted
 * @param machines {@code tag:NAME} and {@code param:NAME} of what is also kept of each run that has it: which runs share a
 *     machine. Not written, as only memory is reckoned by it
 */
public record RunNeeds(
        Set<String> tags, Set<String> params, Set<Glob> metrics, boolean systemMetrics, Set<String> machines) {
    /** Nothing beyond what the catalog keeps anyway. */
    public static final RunNeeds NOTHING = new RunNeeds(Set.of(), Set.of(), Set.of(), false);

    /** Without machines. */
    public RunNeeds(Set<String> tags, Set<String> params, Set<Glob> metrics, boolean systemMetrics) {
        this(tags, params, metrics, systemMetrics, Set.of());
    }

    /** Nothing but metrics. */
    public static RunNeeds metrics(Set<Glob> metrics) {
        return new RunNeeds(Set.of(), Set.of(), metrics, false);
    }

    /** What either needs. */
    public RunNeeds and(RunNeeds other) {
        return new RunNeeds(
                union(tags, other.tags),
                union(params, other.params),
                union(metrics, other.metrics),
                systemMetrics || other.systemMetrics,
                union(machines, other.machines));
    }

    private static <T> Set<T> union(Set<T> some, Set<T> others) {
        Set<T> all = new HashSet<>(some);
        all.addAll(others);
        return all;
    }

    /** Whether nothing is missing for whoever needs this. */
    public boolean covers(RunNeeds other) {
        return tags.containsAll(other.tags)
                && params.containsAll(other.params)
                && metrics.containsAll(other.metrics)
                && (systemMetrics || !other.systemMetrics);
    }

    public RunNeeds {
        tags = Set.copyOf(tags);
        params = Set.copyOf(params);
        metrics = Set.copyOf(metrics);
        machines = Set.copyOf(machines);
    }

    public void write(FieldWriter out) throws IOException {
        out.texts("tags", tags);
        out.texts("params", params);
        out.texts("metrics", metrics.stream().map(Glob::toString).toList());
        out.flag("systemMetrics", systemMetrics);
    }

    public static RunNeeds read(FieldReader in) throws IOException {
        Fields fields = in.fields();
        return new RunNeeds(
                Set.copyOf(fields.texts("tags")),
                Set.copyOf(fields.texts("params")),
                fields.texts("metrics").stream().map(Glob::of).collect(Collectors.toSet()),
                fields.flag("systemMetrics", false));
    }
}
