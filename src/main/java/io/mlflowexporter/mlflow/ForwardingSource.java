package io.mlflowexporter.mlflow;

import io.mlflowexporter.mlflow.rest.hosts.Capabilities;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** Another source as it is, for those that change one thing of it. */
public abstract class ForwardingSource implements MlflowSource {
    private final MlflowSource whole;

    protected ForwardingSource(MlflowSource whole) {
        this.whole = whole;
    }

    @Override
    public ServerInfo server() throws MlflowException {
        return whole.server();
    }

    @Override
    public Capabilities capabilities() {
        return whole.capabilities();
    }

    @Override
    public void assume(Capabilities before) {
        whole.assume(before);
    }

    @Override
    public List<String> workspaces() throws MlflowException {
        return whole.workspaces();
    }

    @Override
    public void experiments(String workspace, ViewType view, Predicate<String> tags, Listing<Experiment> sink)
            throws MlflowException {
        whole.experiments(workspace, view, tags, sink);
    }

    @Override
    public void runs(RunQuery query, RunProjection projection, Consumer<Run> sink) throws MlflowException {
        whole.runs(query, projection, sink);
    }

    @Override
    public long someRuns(RunQuery query, RunProjection projection, int atLeast, Consumer<Run> sink)
            throws MlflowException {
        return whole.someRuns(query, projection, atLeast, sink);
    }

    @Override
    public void registeredModels(String workspace, Listing<RegisteredModel> sink) throws MlflowException {
        whole.registeredModels(workspace, sink);
    }

    @Override
    public void modelVersions(String workspace, Listing<ModelVersion> sink) throws MlflowException {
        whole.modelVersions(workspace, sink);
    }

    @Override
    public void metricHistory(String workspace, String runId, String metric, Consumer<Run.Metric> sink)
            throws MlflowException {
        whole.metricHistory(workspace, runId, metric, sink);
    }

    @Override
    public Optional<TraceSource> traces() {
        return whole.traces();
    }

    @Override
    public Optional<ObjectSource> objects() {
        return whole.objects();
    }

    @Override
    public long answerNanos() {
        return whole.answerNanos();
    }

    @Override
    public void deadline(Duration fromNow) {
        whole.deadline(fromNow);
    }

    @Override
    public Duration timeLeft() {
        return whole.timeLeft();
    }

    /** Closes the whole. */
    @Override
    public void close() {
        whole.close();
    }
}
