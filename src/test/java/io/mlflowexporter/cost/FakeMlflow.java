package io.mlflowexporter.cost;

import io.mlflowexporter.metric.Times;
import io.mlflowexporter.mlflow.Experiment;
import io.mlflowexporter.mlflow.LifecycleStage;
import io.mlflowexporter.mlflow.Listing;
import io.mlflowexporter.mlflow.MlflowException;
import io.mlflowexporter.mlflow.Run;
import io.mlflowexporter.mlflow.RunProjection;
import io.mlflowexporter.mlflow.RunQuery;
import io.mlflowexporter.mlflow.ViewType;
import io.mlflowexporter.testing.MlflowInMemory;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** An MLflow that holds what a test puts into it. */
public final class FakeMlflow extends MlflowInMemory {
    private final Map<String, Experiment> experiments = new LinkedHashMap<>();
    private final Map<String, FakeRun> runs = new LinkedHashMap<>();
    private long nowMillis;
    private int limit = Integer.MAX_VALUE;

    /** From now on it is this time, by the clock of who reads. */
    void at(Instant now) {
        nowMillis = now.toEpochMilli();
    }

    long nowMillis() {
        return nowMillis;
    }

    /** From now on it stops answering after so many runs. */
    void breakOffAfter(int told) {
        limit = told;
    }

    /** Adds an experiment, or changes the one of this id. */
    public void experiment(String workspace, String id, String name, Map<String, String> tags) {
        experiments.put(
                id, new Experiment(workspace, id, name, LifecycleStage.ACTIVE, Times.ABSENT, Times.ABSENT, tags));
    }

    /** Adds a run, or changes the one of this id. */
    public void put(FakeRun run) {
        runs.put(run.id(), run);
    }

    /** As {@code mlflow gc} does. */
    void purge(String runId) {
        runs.remove(runId);
    }

    void purgeAll() {
        runs.clear();
    }

    @Override
    public List<String> workspaces() {
        return experiments.values().stream()
                .map(Experiment::workspace)
                .distinct()
                .toList();
    }

    @Override
    public void experiments(String workspace, ViewType view, Predicate<String> tags, Listing<Experiment> sink) {
        experiments.values().stream()
                .filter(experiment -> experiment.workspace().equals(workspace))
                .forEach(element -> sink.accept(element));
    }

    @Override
    public void runs(RunQuery query, RunProjection projection, Consumer<Run> sink) throws MlflowException {
        Set<String> ids = Set.copyOf(query.experimentIds());
        runs.values().stream()
                .filter(run -> ids.contains(run.experimentId()))
                .sorted(Comparator.comparingLong(FakeRun::startMillis))
                .limit(limit)
                .map(run -> projected(run.in(query.workspace(), nowMillis), projection))
                .forEach(sink);
        if (runs.size() > limit) {
            throw new MlflowException(MlflowException.Kind.UNREACHABLE, "broken off");
        }
    }
}
