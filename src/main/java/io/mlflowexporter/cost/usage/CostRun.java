package io.mlflowexporter.cost.usage;

import io.mlflowexporter.catalog.BillableTime;
import io.mlflowexporter.mlflow.Experiment;

/**
 * A run that costs, as the sinks see it.
 *
 * @param row in the table of runs
 * @param phase by what MLflow says now; for gauges
 * @param countedPhase at first sight; for counters
 * @param machine which part of what it uses is its own, where it shares a machine
 * @param times 1, or -1 where what was said of it before is taken back
 */
public record CostRun(
        int row,
        Experiment experiment,
        String phase,
        String countedPhase,
        BillableTime time,
        Outcome outcome,
        RunUsage usage,
        MachineShare machine,
        int times) {}
