package io.mlflowexporter.cost;

import io.mlflowexporter.metric.Times;
import io.mlflowexporter.mlflow.Experiment;
import io.mlflowexporter.mlflow.LifecycleStage;
import io.mlflowexporter.mlflow.Listing;
import io.mlflowexporter.mlflow.MlflowException;
import io.mlflowexporter.mlflow.MlflowSource;
import io.mlflowexporter.mlflow.ModelVersion;
import io.mlflowexporter.mlflow.RegisteredModel;
import io.mlflowexporter.mlflow.Run;
import io.mlflowexporter.mlflow.RunProjection;
import io.mlflowexporter.mlflow.RunQuery;
import io.mlflowexporter.mlflow.ServerInfo;
import io.mlflowexporter.mlflow.ViewType;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** An MLflow that holds what a test puts into it. */
public final class FakeMlflow implements MlflowSource {
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
    public ServerInfo server() {
        throw new UnsupportedOperationException();
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

    private static Run projected(Run run, RunProjection projection) {
        return new Run(
                run.workspace(),
                run.id(),
                run.experimentId(),
                run.name(),
                run.user(),
                run.status(),
                run.lifecycleStage(),
                run.startMillis(),
                run.endMillis(),
                run.heartbeatMillis(),
                kept(run.tags(), projection.tags()),
                kept(run.params(), projection.params()),
                kept(run.metrics(), projection.metrics()),
                run.paramsHash(),
                run.unreadableValues(),
                run.metricInFuture(),
                run.metricBeforeStart());
    }

    private static <V> Map<String, V> kept(Map<String, V> all, java.util.function.Predicate<String> asked) {
        return all.entrySet().stream()
                .filter(entry -> asked.test(entry.getKey()))
                .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    @Override
    public void registeredModels(String workspace, Listing<RegisteredModel> sink) {
        // Costs know no models.
    }

    @Override
    public void modelVersions(String workspace, Listing<ModelVersion> sink) {
        // Costs know no models.
    }

    @Override
    public void metricHistory(String workspace, String runId, String metric, Consumer<Run.Metric> sink) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void deadline(Duration fromNow) {
        // Nothing here takes time.
    }

    @Override
    public void close() {
        // Nothing is open.
    }
}
