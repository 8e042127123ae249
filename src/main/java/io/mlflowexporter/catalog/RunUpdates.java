package io.mlflowexporter.catalog;

import io.mlflowexporter.catalog.columns.Columns;
import io.mlflowexporter.metric.Times;
import io.mlflowexporter.mlflow.Run;

/**
 * Writes what MLflow says of a run into its row. What counters count is written once: the phase when the run is first
 * read, the status and duration when it is first read as ended.
 */
final class RunUpdates {
    private final RunTable runs;
    private final Columns columns;

    RunUpdates(RunTable runs) {
        this.runs = runs;
        this.columns = runs.columns();
    }

    /** As {@link RunTable#put}. */
    void put(Run run, String phase, String estimatorClass, RunNotes kept, Gaps.Look look) {
        int known = runs.ids.row(run.id());
        boolean differs = known < 0 || differs(known, run, phase, kept);
        if (!differs && isNow(known, run, estimatorClass)) {
            runs.marks.mark(known);
            runs.gaps().unchanged(known, run.status(), look);
            return;
        }
        if (known >= 0) {
            runs.changing(known);
            runs.gaps().changing(runs, known, run, look);
        }
        int row = known < 0 ? newRow(run.id(), phase) : known;
        if (differs) {
            columns.revisions[row]++;
            columns.parents[row] = runs.texts.put(run.tags().getOrDefault(RunTable.PARENT_TAG, ""));
            columns.sources[row] = runs.texts.put(run.tags().getOrDefault(RunTable.SOURCE_TAG, ""));
            if (known >= 0) {
                runs.sharing.subtract(runs.notes(row));
            }
            runs.sharing.add(kept);
            columns.notes[row] = runs.sharedNotes.number(kept);
            columns.names[row] = runs.texts.put(run.name());
            columns.experiments[row] = runs.storage.experimentNumber(run.experimentId());
            columns.users[row] = runs.words.number(run.user());
            columns.phases[row] = runs.words.number(phase);
            columns.paramsHashes[row] = run.paramsHash();
        }
        columns.estimators[row] = runs.words.number(estimatorClass);
        columns.statuses[row] = RunTable.code(run.status());
        runs.unfinished.set(row, !run.status().ended());
        runs.presence.become(row, RunPresence.state(run.lifecycleStage()));
        runs.systemUses.put(row, run.metrics(), run.status().ended());
        times(row, run.startMillis(), run.endMillis());
        columns.heartbeats[row] = run.heartbeatMillis();
        if (run.unreadableValues() == 0) {
            columns.unreadable.remove(row);
        } else {
            columns.unreadable.put(row, run.unreadableValues());
        }
        runs.marks.mark(row);
        columns.metricInFuture.set(row, run.metricInFuture());
        columns.metricBeforeStart.set(row, run.metricBeforeStart());
        if (known < 0) {
            runs.gaps().met(row, run.status(), run.endMillis(), look);
        }
        if (columns.countedStatuses[row] == Columns.NOT_ENDED && run.status().ended()) {
            countEnd(row, look);
        }
    }

    /** How long the run ran is kept as it is known now, where that is not simply what its times say. */
    private void countEnd(int row, Gaps.Look look) {
        columns.countedStatuses[row] = columns.statuses[row];
        // An end ahead of the exporter's clock is no reason to count less.
        long now = Math.max(look.nowMillis(), columns.ends[row]);
        long millis = BillableTime.of(runs, row, now, look.rules()).millis();
        if (columns.ends[row] == Times.ABSENT) {
            millis = Times.ABSENT;
        }
        if (millis != columns.endedMillis(row)) {
            columns.countedMillis.put(row, millis);
        }
    }

    private boolean differs(int row, Run run, String phase, RunNotes kept) {
        return !(kept.equals(runs.notes(row))
                && phase.equals(runs.phase(row))
                && run.name().equals(runs.name(row))
                && run.paramsHash() == runs.paramsHash(row)
                && run.user().equals(runs.user(row))
                && run.experimentId().equals(runs.experimentId(row))
                && run.tags().getOrDefault(RunTable.PARENT_TAG, "").equals(runs.parentId(row))
                && run.tags().getOrDefault(RunTable.SOURCE_TAG, "").equals(runs.source(row)));
    }

    /** Whether it says all that was not compared yet. */
    private boolean isNow(int row, Run run, String estimatorClass) {
        return columns.statuses[row] == RunTable.code(run.status())
                && columns.states[row] == RunTable.code(RunPresence.state(run.lifecycleStage()))
                && columns.starts[row] == run.startMillis()
                && columns.ends[row] == run.endMillis()
                && columns.heartbeats[row] == run.heartbeatMillis()
                && runs.unreadableValues(row) == run.unreadableValues()
                && runs.metricInFuture(row) == run.metricInFuture()
                && runs.metricBeforeStart(row) == run.metricBeforeStart()
                && estimatorClass.equals(runs.estimatorClass(row))
                && runs.systemUses.isNow(row, run.metrics(), run.status().ended());
    }

    private void times(int row, long start, long end) {
        long before = columns.endedMillis(row);
        columns.starts[row] = start;
        columns.ends[row] = end;
        if (runs.countedEnd(row) && columns.endedMillis(row) != before) {
            columns.countedMillis.putIfAbsent(row, before);
        }
    }

    private int newRow(String id, String phase) {
        int row = columns.add();
        runs.ids.add(id);
        columns.countedPhases[row] = runs.words.number(phase);
        runs.presence.added();
        return row;
    }
}
