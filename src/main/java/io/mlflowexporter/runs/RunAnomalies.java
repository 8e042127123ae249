package io.mlflowexporter.runs;

import io.mlflowexporter.catalog.BillableTime;
import io.mlflowexporter.catalog.BillableTime.Doubt;
import io.mlflowexporter.catalog.RunState;
import io.mlflowexporter.catalog.RunTable;
import io.mlflowexporter.metric.Times;
import io.mlflowexporter.mlflow.RunStatus;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Implausible data of runs, counted over the runs that are not deleted. */
public final class RunAnomalies {
    private static final String UNREADABLE_QUANTITY = "unreadable_quantity";

    /** All kinds there are of runs. */
    public static final List<String> KINDS = List.of(
            "end_before_start",
            "ended_when_stale",
            "finished_when_stale",
            "future_start",
            "implausible_duration",
            "implausible_start",
            "metric_before_start",
            "metric_in_future",
            "missing_end",
            "missing_start",
            "queued",
            "resumed",
            "unknown_status",
            UNREADABLE_QUANTITY,
            "unreadable_step",
            "unreadable_value");

    /** So many runs of each kind are named. */
    private static final int EXAMPLES = 10;

    /** Kind to the rows that show it. */
    private final Map<String, BitSet> found = new LinkedHashMap<>();

    RunAnomalies() {
        KINDS.forEach(kind -> found.put(kind, new BitSet()));
    }

    /**
     * Adds a run, or takes it back.
     *
     * @param times 1, or -1 for one that was added before
     * @param unreadableStep whether it logged a step's duration that is none
     */
    void add(int times, RunTable runs, int row, long nowMillis, BillableTime time, boolean unreadableStep) {
        if (runs.state(row) != RunState.ACTIVE) {
            return;
        }
        long start = runs.startMillis(row);
        long end = runs.endMillis(row);
        count(times, row, "end_before_start", start != Times.ABSENT && end != Times.ABSENT && end < start);
        boolean finished = runs.status(row) == RunStatus.FINISHED;
        count(times, row, "ended_when_stale", time.endedSilent() && !finished);
        count(times, row, "finished_when_stale", time.endedSilent() && finished);
        count(times, row, "implausible_duration", time.doubt() == Doubt.DURATION);
        count(times, row, "implausible_start", time.doubt() == Doubt.START);
        count(times, row, "metric_before_start", runs.metricBeforeStart(row));
        count(times, row, "metric_in_future", runs.metricInFuture(row));
        count(times, row, "queued", runs.queued(row));
        count(times, row, "resumed", runs.resumed(row));
        count(times, row, "future_start", start > nowMillis);
        count(times, row, "missing_end", runs.status(row).ended() && end == Times.ABSENT);
        count(times, row, "missing_start", start == Times.ABSENT);
        count(times, row, "unknown_status", runs.status(row) == RunStatus.UNKNOWN);
        count(times, row, "unreadable_step", unreadableStep);
        count(times, row, "unreadable_value", runs.unreadableValues(row) > 0);
    }

    private void count(int times, int row, String kind, boolean shown) {
        if (shown) {
            rows(kind).set(row, times > 0);
        }
    }

    private BitSet rows(String kind) {
        return found.computeIfAbsent(kind, k -> new BitSet());
    }

    /**
     * Kind to number of runs, every kind there is of runs, in a fixed order.
     *
     * @param unreadableQuantities runs that the cost book asks for a quantity and that tell something else
     */
    Map<String, Long> found(long unreadableQuantities) {
        Map<String, Long> all = new LinkedHashMap<>();
        found.forEach((kind, rows) -> all.put(kind, (long) rows.cardinality()));
        all.put(UNREADABLE_QUANTITY, unreadableQuantities);
        return all;
    }

    /** Kind to the ids of the runs that show it, the newest of them; kinds that none shows are left out. */
    Map<String, List<String>> examples(RunTable runs) {
        Map<String, List<String>> examples = new TreeMap<>();
        found.forEach((kind, rows) -> {
            List<String> ids = new ArrayList<>();
            for (int row = rows.length() - 1; row >= 0 && ids.size() < EXAMPLES; row = rows.previousSetBit(row - 1)) {
                ids.add(runs.id(row));
            }
            if (!ids.isEmpty()) {
                examples.put(kind, List.copyOf(ids));
            }
        });
        return examples;
    }
}
