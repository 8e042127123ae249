package io.mlflowexporter.catalog.sync;

import io.mlflowexporter.catalog.Catalog;
import io.mlflowexporter.catalog.RunTable;
import io.mlflowexporter.catalog.reading.ExperimentBatch;
import io.mlflowexporter.catalog.reading.RereadSchedule;
import io.mlflowexporter.metric.Times;
import io.mlflowexporter.mlflow.Experiment;
import io.mlflowexporter.mlflow.LifecycleStage;
import io.mlflowexporter.mlflow.MlflowException;
import io.mlflowexporter.mlflow.ViewType;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Asks for all runs that were deleted one by one: a deletion or a restore leaves no other trace. A run that was deleted
 * and is not among them was restored, or removed for good. Where very many are deleted, or the server refuses the question, this
 * is left to the resync. The
 * runs of a deleted experiment are not asked for, as they follow it.
 */
final class DeletedRuns {
    /** More take seconds, at every 16th refresh at the least. */
    private static final int MOST = 3_000;

    private DeletedRuns() {}

    static void read(Catalog catalog, RunReading reading, List<Experiment> experiments) throws MlflowException {
        RereadSchedule turns = catalog.reading().deletedTurns;
        if (!turns.due()) {
            turns.passed();
            return;
        }
        List<Experiment> active = experiments.stream()
                .filter(experiment -> experiment.lifecycleStage() == LifecycleStage.ACTIVE)
                .toList();
        Set<String> ids = active.stream().map(Experiment::id).collect(Collectors.toSet());
        RunTable runs = catalog.runs();
        int[] known = IntStream.range(0, runs.size())
                .filter(row -> runs.isDeleted(row) && ids.contains(runs.experimentId(row)))
                .toArray();
        if (known.length > MOST) {
            return;
        }
        long before = reading.answerNanos();
        long count = reading.count();
        long to = Long.MAX_VALUE;
        for (ExperimentBatch batch : reading.batches(active, ExperimentBatch.MOST)) {
            try {
                to = Math.min(to, reading.some(batch, ViewType.DELETED_ONLY, Times.ABSENT, MOST));
            } catch (MlflowException e) {
                if (e.kind() != MlflowException.Kind.REJECTED && e.kind() != MlflowException.Kind.UNSUPPORTED) {
                    throw e;
                }
                turns.refused();
                return;
            }
        }
        long all = to;
        MissingRuns.ask(catalog, reading, IntStream.of(known).filter(row -> runs.startKey(row) < all), active);
        turns.asked((int) (reading.count() - count), reading.answerNanos() - before);
    }
}
