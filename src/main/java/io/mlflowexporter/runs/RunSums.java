package io.mlflowexporter.runs;

import io.mlflowexporter.catalog.BillableTime;
import io.mlflowexporter.catalog.Catalog;
import io.mlflowexporter.catalog.KeptRows;
import io.mlflowexporter.catalog.RunState;
import io.mlflowexporter.catalog.RunTable;
import io.mlflowexporter.catalog.TimeRules;
import io.mlflowexporter.metric.Family;
import io.mlflowexporter.metric.Times;
import io.mlflowexporter.mlflow.Experiment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;

/**
 * What is said of all runs together. Sums are kept from one refresh to the next, see {@link KeptRows}, and are the same
 * as if all runs were added up anew. Belongs to the refresh thread.
 */
public final class RunSums implements KeptRows.Sums {
    private final Catalog catalog;
    private final TimeRules rules;
    private final IntPredicate unreadableStep;
    private final RunFamilies families = new RunFamilies();
    private final Reliability reliability = new Reliability();
    private final RunAnomalies anomalies = new RunAnomalies();
    private final Map<String, ExperimentRuns> experiments = new HashMap<>();
    private long nowMillis;

    /**
     * An experiment's runs that are not deleted.
     *
     * @param active of them those that have not ended
     * @param millis how long they took, or have taken so far, together
     */
    public record ExperimentRuns(long runs, long active, long millis) {
        private static final ExperimentRuns NONE = new ExperimentRuns(0, 0, 0);
    }

    /**
     * Begins with nothing.
     *
     * @param unreadableStep whether a row's run logged a step's duration that is none
     */
    public RunSums(Catalog catalog, TimeRules rules, IntPredicate unreadableStep) {
        this.catalog = catalog;
        this.rules = rules;
        this.unreadableStep = unreadableStep;
    }

    @Override
    public void at(long now) {
        nowMillis = now;
        families.begin();
    }

    @Override
    public long put(int row) {
        long until = add(1, row);
        RunTable runs = catalog.runs();
        if (runs.state(row) != RunState.ACTIVE) {
            return until;
        }
        // Also of an ended run: its end or, without one, its last activity may be ahead of the exporter's clock.
        if (runs.status(row).active()
                || BillableTime.of(runs, row, nowMillis, rules).untilMillis() >= nowMillis) {
            return KeptRows.AGAIN;
        }
        return runs.startMillis(row) > nowMillis ? Math.min(until, runs.startMillis(row) - 1) : until;
    }

    @Override
    public void take(int row) {
        add(-1, row);
    }

    private long add(int times, int row) {
        families.add(times, catalog, row, nowMillis, rules);
        RunTable runs = catalog.runs();
        BillableTime time = BillableTime.of(runs, row, nowMillis, rules);
        anomalies.add(times, runs, row, nowMillis, time, unreadableStep.test(row));
        if (runs.state(row) == RunState.ACTIVE) {
            long millis = time.millis();
            ExperimentRuns before = experiments.getOrDefault(runs.experimentId(row), ExperimentRuns.NONE);
            experiments.put(
                    runs.experimentId(row),
                    new ExperimentRuns(
                            before.runs + times,
                            before.active + (runs.status(row).active() ? times : 0),
                            before.millis + (millis == Times.ABSENT ? 0 : times * millis)));
        }
        return reliability.add(times, catalog, row, nowMillis);
    }

    @Override
    public Object seenOf(Experiment experiment) {
        return List.of(experiment.workspace(), experiment.name());
    }

    @Override
    public boolean whole() {
        return families.whole() && reliability.whole();
    }

    /** The families of these sums. */
    public List<Family> families() {
        List<Family> all = new ArrayList<>(families.families());
        all.addAll(reliability.families());
        return all;
    }

    /**
     * Kind to number of runs.
     *
     * @param unreadableQuantities as only the cost book knows
     */
    public Map<String, Long> anomalies(long unreadableQuantities) {
        return anomalies.found(unreadableQuantities);
    }

    /** Kind of anomaly to the ids of some runs that show it, the newest first. */
    public Map<String, List<String>> anomalyExamples() {
        return anomalies.examples(catalog.runs());
    }

    /** By experiment's id; where there are none such any more, none. */
    public Map<String, ExperimentRuns> experiments() {
        return experiments;
    }

    /** Runs that are in MLflow and not deleted. */
    public long activeRuns() {
        return experiments.values().stream().mapToLong(ExperimentRuns::runs).sum();
    }
}
