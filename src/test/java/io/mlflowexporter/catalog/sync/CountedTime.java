package io.mlflowexporter.catalog.sync;

import io.mlflowexporter.mlflow.Experiment;
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
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** A source that takes as long as is said for each run, however fast the machine is. */
final class CountedTime implements MlflowSource {
    private final MlflowSource source;
    private final Duration perRun;
    private long runs;
    private Optional<MlflowException.Kind> resyncFails = Optional.empty();
    private int late;
    private Duration timeLeft = Duration.ofMinutes(10);
    private Duration leastTimeLeft = Duration.ofMinutes(10);

    CountedTime(MlflowSource source, Duration perRun) {
        this.source = source;
        this.perRun = perRun;
    }

    /** From now on all runs come except those that are read again. */
    void resyncFails(Optional<MlflowException.Kind> kind) {
        resyncFails = kind;
    }

    /** The shortest time to the deadline while known runs were read again. */
    Duration leastTimeLeft() {
        return leastTimeLeft;
    }

    /** How often something did not come. */
    int late() {
        return late;
    }

    @Override
    public long answerNanos() {
        return perRun.multipliedBy(runs).toNanos();
    }

    private Consumer<Run> counting(Consumer<Run> sink) {
        return run -> {
            runs++;
            sink.accept(run);
        };
    }

    @Override
    public void runs(RunQuery query, RunProjection projection, Consumer<Run> sink) throws MlflowException {
        source.runs(query, projection, counting(sink));
    }

    @Override
    public long someRuns(RunQuery query, RunProjection projection, int atLeast, Consumer<Run> sink)
            throws MlflowException {
        if (query.view() == ViewType.ALL) {
            leastTimeLeft = timeLeft.compareTo(leastTimeLeft) < 0 ? timeLeft : leastTimeLeft;
            if (resyncFails.isPresent()) {
                late++;
                throw new MlflowException(resyncFails.get(), "no answer");
            }
        }
        return source.someRuns(query, projection, atLeast, counting(sink));
    }

    @Override
    public ServerInfo server() throws MlflowException {
        return source.server();
    }

    @Override
    public List<String> workspaces() throws MlflowException {
        return source.workspaces();
    }

    @Override
    public void experiments(String workspace, ViewType view, Predicate<String> tags, Listing<Experiment> sink)
            throws MlflowException {
        source.experiments(workspace, view, tags, sink);
    }

    @Override
    public void registeredModels(String workspace, Listing<RegisteredModel> sink) throws MlflowException {
        source.registeredModels(workspace, sink);
    }

    @Override
    public void modelVersions(String workspace, Listing<ModelVersion> sink) throws MlflowException {
        source.modelVersions(workspace, sink);
    }

    @Override
    public void metricHistory(String workspace, String runId, String metric, Consumer<Run.Metric> sink)
            throws MlflowException {
        source.metricHistory(workspace, runId, metric, sink);
    }

    @Override
    public void deadline(Duration fromNow) {
        timeLeft = fromNow;
    }

    @Override
    public Duration timeLeft() {
        return timeLeft;
    }

    @Override
    public void close() {
        source.close();
    }
}
