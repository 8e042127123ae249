package io.mlflowexporter.catalog;

/** Where a known run stands now. */
public enum RunState {
    /** In MLflow, and counted by state gauges. */
    ACTIVE,
    /** Soft-deleted. */
    DELETED,
    /** No longer in MLflow's answers: removed for good, or out of reach of the filters. */
    GONE,
    /** Left out by {@code read.max_runs}. */
    LEFT_OUT
}
