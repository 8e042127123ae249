package io.mlflowexporter.cost;

import io.mlflowexporter.mlflow.Experiment;

/**
 * A run that costs, as the sinks see it.
 *
 * @param row in the table of runs
 * @param phase by what MLflow says now; for gauges
 * @param countedPhase at first sight; for counters
 */
record CostRun(int row, Experiment experiment, String phase, String countedPhase, Span span, RunUsage usage) {}
