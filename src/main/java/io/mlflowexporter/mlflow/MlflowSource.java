package io.mlflowexporter.mlflow;

import io.mlflowexporter.mlflow.rest.hosts.Capabilities;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * The one door to MLflow. Every call either delivers all it was asked for, item by item in the order of arrival, or
 * throws {@link MlflowException}; what was delivered before the exception is true but not all. An item is delivered at
 * most once per call, though the server's pages may repeat it. Calls are made by one thread at a time.
 */
public interface MlflowSource extends AutoCloseable {
    /** Who answers on the tracking side. Never throws for an old server: what it does not tell is empty. */
    ServerInfo server() throws MlflowException;

    /** What the server can do, as far as it was asked for. */
    default Capabilities capabilities() {
        return Capabilities.UNKNOWN;
    }

    /** Goes on from what was known of the same server before a restart. */
    default void assume(Capabilities before) {}

    /**
     * The workspaces this source is configured to read, by name; a list of one empty string where the server has no
     * workspaces or none was configured.
     */
    List<String> workspaces() throws MlflowException;

    /**
     * All experiments of one workspace.
     *
     * @param tags which tags are kept, by name
     */
    void experiments(String workspace, ViewType view, Predicate<String> tags, Listing<Experiment> sink)
            throws MlflowException;

    /**
     * Runs in ascending order of start time, or in any order where the server cannot sort. Of kind {@code UNSUPPORTED} is
     * a filter that the server does not know, and {@code TOO_MANY} more experiments than {@link
     * Capabilities#experimentsPerQuery}.
     */
    void runs(RunQuery query, RunProjection projection, Consumer<Run> sink) throws MlflowException;

    /**
     * The next runs in ascending order of start time: at least so many, where there are, and at most a page more than
     * share the last one's start.
     *
     * @return every run that started before this was delivered; {@link Long#MAX_VALUE} where every run was
     */
    default long someRuns(RunQuery query, RunProjection projection, int atLeast, Consumer<Run> sink)
            throws MlflowException {
        runs(query, projection, sink);
        return Long.MAX_VALUE;
    }

    /** All registered models of one workspace, with their aliases; {@code UNSUPPORTED} where there is no registry. */
    void registeredModels(String workspace, Listing<RegisteredModel> sink) throws MlflowException;

    /** All model versions of one workspace; {@code UNSUPPORTED} where there is no registry. */
    void modelVersions(String workspace, Listing<ModelVersion> sink) throws MlflowException;

    /** The whole logged history of one metric of one run, in the order of arrival. */
    void metricHistory(String workspace, String runId, String metric, Consumer<Run.Metric> sink) throws MlflowException;

    /** The server's LLM traces; empty where this source reads none. */
    default Optional<TraceSource> traces() {
        return Optional.empty();
    }

    /** MLflow 3's other objects; empty where this source counts none. */
    default Optional<ObjectSource> objects() {
        return Optional.empty();
    }

    /**
     * How long MLflow took so far to answer, failures included, in nanoseconds: of requests that were under way at the
     * same time the sum. It never falls; 0 where it is not measured.
     */
    default long answerNanos() {
        return 0;
    }

    /**
     * Bounds everything asked for from now on until the next call of this method: past it, calls end with {@link
     * MlflowException.Kind#REFRESH_OVER}. The refresh sets it at its start.
     */
    void deadline(Duration fromNow);

    /** How long it is to the deadline; negative past it. A day where there is none. */
    default Duration timeLeft() {
        return Duration.ofDays(1);
    }

    @Override
    void close();
}
