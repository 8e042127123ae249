package io.mlflowexporter.catalog;

import io.mlflowexporter.catalog.columns.Columns;
import io.mlflowexporter.metric.Times;
import io.mlflowexporter.mlflow.Experiment;
import io.mlflowexporter.mlflow.ModelVersion;
import io.mlflowexporter.mlflow.RegisteredModel;
import io.mlflowexporter.mlflow.RunStatus;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;
import java.util.stream.IntStream;

/**
 * A catalog that was read once, made to hold what it would have held at earlier times, one after the other: the runs,
 * experiments, models and versions that there were, runs as active that had not ended yet. Whatever MLflow keeps no
 * time of is as it is now: names, tags, phases, what is deleted. Aliases are left out, as nobody knows where they
 * pointed. The rows stay what they are, so that what is counted is a part of what is counted now, added up in the same
 * order.
 */
public final class HistoricalView {
    private final Catalog catalog;
    private final RunTable runs;
    private final Columns columns;
    private final long[] billedUntil;
    private final long readAtMillis;

    private final byte[] statuses;
    private final byte[] states;
    private final byte[] countedStatuses;
    private final byte[] counted;
    private final byte[] leftOut;
    private final long[] ends;
    private final long[] heartbeats;
    private final long[] beginnings;
    private final long[] endings;
    private final int[] byBeginning;
    private final int[] byEnding;
    private final List<Experiment> experiments;
    private final List<RegisteredModel> models;
    private final List<ModelVersion> versions;

    private final BitSet active = new BitSet();
    private int begun;
    private int ended;
    private long nowMillis = Long.MIN_VALUE;

    /**
     * Takes the catalog back to before all times; it must not be read from MLflow again, and sums kept of it so far are
     * of no more use.
     *
     * @param readAtMillis when it was read: what MLflow dates later counts from then on
     */
    public HistoricalView(Catalog catalog, long readAtMillis, TimeRules rules) {
        this.catalog = catalog;
        this.runs = catalog.runs();
        this.columns = runs.columns();
        runs.unwatch();
        this.readAtMillis = readAtMillis;
        int size = runs.size();
        statuses = Arrays.copyOf(columns.statuses, size);
        states = Arrays.copyOf(columns.states, size);
        countedStatuses = Arrays.copyOf(columns.countedStatuses, size);
        counted = Arrays.copyOf(columns.counted, size);
        leftOut = Arrays.copyOf(columns.leftOut, size);
        ends = Arrays.copyOf(columns.ends, size);
        heartbeats = Arrays.copyOf(columns.heartbeats, size);
        beginnings = new long[size];
        endings = new long[size];
        billedUntil = new long[size];
        for (int row = 0; row < size; row++) {
            beginnings[row] = Math.min(beginning(row), readAtMillis);
            endings[row] = Math.min(ending(row), readAtMillis);
            billedUntil[row] = billedUntil(row, rules);
        }
        byBeginning = sorted(IntStream.range(0, size), beginnings);
        byEnding = sorted(IntStream.range(0, size).filter(runs::countedEnd), endings);
        experiments = catalog.experiments();
        models = catalog.models().stream().map(HistoricalView::withoutAliases).toList();
        versions = catalog.versions();
        for (int row = 0; row < size; row++) {
            columns.counted[row] = 0;
            columns.leftOut[row] = 1;
        }
    }

    private static int[] sorted(IntStream rows, long[] times) {
        return rows.boxed()
                .sorted(Comparator.comparingLong(row -> times[row]))
                .mapToInt(Integer::intValue)
                .toArray();
    }

    private long beginning(int row) {
        long start = runs.startMillis(row);
        return start == Times.ABSENT
                ? Math.max(runs.endMillis(row), BillableTime.lastActivityMillis(runs, row, readAtMillis))
                : start;
    }

    /** Not before its beginning: a run is seen before it is seen to have ended. */
    private long ending(int row) {
        long end = runs.endMillis(row) == Times.ABSENT
                ? BillableTime.lastActivityMillis(runs, row, readAtMillis)
                : runs.endMillis(row);
        return Math.max(end, beginnings[row]);
    }

    private static RegisteredModel withoutAliases(RegisteredModel model) {
        return new RegisteredModel(
                model.workspace(), model.name(), model.createdMillis(), model.lastUpdatedMillis(), Map.of());
    }

    /**
     * Goes on to another time. Runs that had not ended then are as they seemed: those that were to log something later
     * have just given a sign of life, the others have been silent since their last.
     *
     * @param millis Unix milliseconds, not before the last time and not after the reading
     */
    public void moveTo(long millis) {
        if (millis < nowMillis || millis > readAtMillis) {
            throw new IllegalArgumentException("cannot go to " + millis + " from " + nowMillis);
        }
        for (; begun < byBeginning.length && beginnings[byBeginning[begun]] <= millis; begun++) {
            begin(byBeginning[begun]);
        }
        for (; ended < byEnding.length && endings[byEnding[ended]] <= millis; ended++) {
            end(byEnding[ended]);
        }
        nowMillis = millis;
        active.stream().forEach(row -> {
            runs.changing(row);
            columns.states[row] = states[row];
            columns.heartbeats[row] = Math.min(heartbeats[row], millis);
        });
        catalog.replaceExperiments(until(experiments, Experiment::createdMillis));
        catalog.replaceRegistry(
                until(models, RegisteredModel::createdMillis), until(versions, ModelVersion::createdMillis), List.of());
    }

    private <T> List<T> until(List<T> all, ToLongFunction<T> createdMillis) {
        return all.stream()
                .filter(one -> Math.min(createdMillis.applyAsLong(one), readAtMillis) <= nowMillis)
                .toList();
    }

    /**
     * Says of the runs that had not ended what became of them: up to the time they are billed for they are active,
     * whatever they logged, and stale from then on. What runs cost is told so, by the rules {@link
     * TimeRules#hindsight}: it then adds up to what they are known to have cost in the end.
     */
    public void inHindsight() {
        active.stream().forEach(row -> {
            runs.changing(row);
            if (countedStatuses[row] != Columns.NOT_ENDED) {
                columns.states[row] = RunTable.code(RunState.ACTIVE);
            }
            columns.heartbeats[row] = Math.min(nowMillis, billedUntil[row]);
        });
    }

    private long billedUntil(int row, TimeRules rules) {
        BillableTime time = BillableTime.of(runs, row, readAtMillis, rules);
        return time.plausible() ? time.untilMillis() : time.fromMillis();
    }

    /** How many runs began or ended so far. */
    public int changes() {
        return begun + ended;
    }

    private void begin(int row) {
        runs.changing(row);
        columns.counted[row] = counted[row];
        columns.leftOut[row] = leftOut[row];
        active.set(row);
        if (countedStatuses[row] != Columns.NOT_ENDED) {
            columns.statuses[row] = RunTable.code(RunStatus.RUNNING);
            columns.countedStatuses[row] = Columns.NOT_ENDED;
            columns.ends[row] = Times.ABSENT;
        }
    }

    private void end(int row) {
        runs.changing(row);
        active.clear(row);
        columns.statuses[row] = statuses[row];
        columns.states[row] = states[row];
        columns.countedStatuses[row] = countedStatuses[row];
        columns.ends[row] = ends[row];
        columns.heartbeats[row] = heartbeats[row];
    }
}
