package io.mlflowexporter.mlflow;

import io.mlflowexporter.metric.Times;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What to read of the runs.
 *
 * @param workspace empty where the server has no workspaces
 * @param experimentIds at least one
 * @param filter a condition in MLflow's search language that every run must meet besides, empty for none
 * @param fromStartMillis only runs that started at or after this Unix millisecond; {@link Times#ABSENT} for all,
 *     runs without a start time included
 */
public record RunQuery(
        String workspace, List<String> experimentIds, ViewType view, String filter, long fromStartMillis) {
    private static final Pattern BY_ID = Pattern.compile("attributes\\.run_id IN \\(([^)]*)\\)");

    public RunQuery {
        experimentIds = List.copyOf(experimentIds);
        if (experimentIds.isEmpty()) {
            throw new IllegalArgumentException("a run query needs at least one experiment id");
        }
    }

    /** All runs of some experiments. */
    public static RunQuery all(String workspace, List<String> experimentIds) {
        return new RunQuery(workspace, experimentIds, ViewType.ALL, "", Times.ABSENT);
    }

    /**
     * The condition that a run is one of some.
     *
     * @param runIds without quotes in them
     */
    public static String idFilter(List<String> runIds) {
        return runIds.stream()
                .map(id -> "'" + id + "'")
                .collect(Collectors.joining(",", "attributes.run_id IN (", ")"));
    }

    /** The ids that {@link #idFilter} was made of; empty where runs are not asked for by id. */
    public List<String> runIds() {
        Matcher byId = BY_ID.matcher(filter);
        return byId.matches() ? List.of(byId.group(1).replace("'", "").split(",")) : List.of();
    }
}
