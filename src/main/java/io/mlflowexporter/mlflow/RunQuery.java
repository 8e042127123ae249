package io.mlflowexporter.mlflow;

import java.util.List;

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
}
