package io.mlflowexporter.catalog.sync;

import io.mlflowexporter.catalog.Catalog;
import io.mlflowexporter.catalog.reading.ExperimentBatch;
import io.mlflowexporter.catalog.reading.ResyncBudget;
import io.mlflowexporter.catalog.reading.ResyncState;
import io.mlflowexporter.mlflow.Experiment;
import io.mlflowexporter.mlflow.MlflowException;
import io.mlflowexporter.mlflow.MlflowException.Kind;
import io.mlflowexporter.mlflow.ViewType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Reads known runs again, as what changes in MLflow without a trace is found in no other way. It goes round all
 * experiments, those of one question after the other and each by start time, a step at a time, as far as its {@link
 * ResyncBudget} goes: at most once round in a refresh. A run that is known and does not come back is gone. What fails, or takes
 * the server too long, is asked for again in a later refresh, of fewer experiments at once: the refresh has read all that
 * it must by then and does not fail of it.
 */
public final class Resync {
    /** What must be read comes first, but the registry after it, and both need time. */
    private static final int PARTS_OF_TIMEOUT = 4;

    private final double share;
    private final Duration interval;
    private final int pageSize;
    private final Duration mostPerRefresh;

    Resync(SyncSettings config) {
        share = config.share();
        interval = config.refresh().interval();
        pageSize = config.mlflow().pageSize();
        mostPerRefresh = config.refresh().timeout().dividedBy(PARTS_OF_TIMEOUT);
    }

    /** Reads on, in a part of the time that is left, so that others have theirs however long it takes. */
    void read(Catalog catalog, RunReading reading, List<Experiment> experiments, long nowMillis)
            throws MlflowException {
        catalog.reading().resync.outcome(ResyncState.Outcome.NOTHING);
        Duration left = reading.timeLeft();
        Duration half = left.dividedBy(2);
        Duration own = half.compareTo(mostPerRefresh) < 0 ? half : mostPerRefresh;
        reading.deadline(own);
        try {
            readOn(catalog, reading, experiments, nowMillis);
        } finally {
            reading.deadline(left.minus(own).plus(reading.timeLeft()));
        }
    }

    private void readOn(Catalog catalog, RunReading reading, List<Experiment> experiments, long nowMillis)
            throws MlflowException {
        ResyncState state = catalog.reading().resync;
        int stepRuns = Math.max(1, Math.min(pageSize, catalog.runs().presence().present()));
        state.budget().earn(nowMillis, share, interval, mostPerRefresh, stepRuns);
        Map<String, Experiment> byId = new LinkedHashMap<>();
        experiments.stream()
                .filter(experiment -> !reading.setAside(experiment.id()))
                .forEach(experiment -> byId.put(experiment.id(), experiment));
        boolean underWay = !state.idle();
        state.retain(byId.keySet());
        if (underWay && state.idle()) {
            state.completed(nowMillis);
        }
        boolean begun = false;
        while (true) {
            if (state.idle()) {
                if (begun) {
                    return;
                }
                begun = true;
                // In the same order each time, so that no experiment waits longer than a round.
                state.begin(new TreeSet<>(byId.keySet()), nowMillis);
                if (state.idle()) {
                    // All that there is was read in this very refresh.
                    state.completed(nowMillis);
                    return;
                }
            }
            int runs = state.budget().runs(stepRuns);
            if (runs == 0 || !step(catalog, reading, byId, runs)) {
                return;
            }
            if (state.idle()) {
                state.completed(nowMillis);
            }
        }
    }

    /** Reads so many runs; false where they did not come. */
    private static boolean step(Catalog catalog, RunReading reading, Map<String, Experiment> byId, int runs)
            throws MlflowException {
        ResyncState state = catalog.reading().resync;
        if (state.current().isEmpty()) {
            List<Experiment> queue = state.queue().stream().map(byId::get).toList();
            state.next(reading.batches(queue, state.together()).get(0).ids());
        }
        List<String> ids = new ArrayList<>(state.current());
        ExperimentBatch batch =
                new ExperimentBatch(Objects.requireNonNull(byId.get(ids.get(0))).workspace(), ids);
        long from = state.fromMillis();
        long nanosBefore = reading.answerNanos();
        long countBefore = reading.count();
        long to = Long.MAX_VALUE;
        try {
            to = reading.some(batch, ViewType.ALL, from, runs);
        } catch (MlflowException e) {
            if (e.kind() == Kind.INTERRUPTED || e.kind() == Kind.OTHER_DATABASE) {
                throw e;
            }
            if (e.kind() != Kind.UNREACHABLE) {
                // It may be these experiments' fault.
                state.postponeLate(ids);
            }
            state.outcome(new ResyncState.Outcome(true, Optional.of(e)));
            return false;
        } finally {
            state.budget().spend(reading.answerNanos() - nanosBefore, reading.count() - countBefore);
        }
        Set<String> late = ids.stream().filter(reading::setAside).collect(Collectors.toSet());
        catalog.runs().presence().goneUnseen(from, to, id -> state.current().contains(id) && !late.contains(id));
        state.reached(to);
        state.outcome(new ResyncState.Outcome(true, reading.lateReason()));
        if (!late.isEmpty()) {
            state.postponeLate(late);
        }
        return late.isEmpty();
    }
}
