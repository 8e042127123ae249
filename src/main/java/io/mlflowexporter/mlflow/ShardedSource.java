package io.mlflowexporter.mlflow;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/**
 * A part of an MLflow: of N shards the one that has an experiment is its id's 32-bit FNV-1a hash, taken as an unsigned
 * number, modulo N. Every shard has the whole registry, as the run behind a version may be in any of them.
 */
public final class ShardedSource implements MlflowSource {
    // http://www.isthe.com/chongo/tech/comp/fnv/: short to write in any language, and the same in all of them.
    private static final int FNV_OFFSET = 0x811c9dc5;
    private static final int FNV_PRIME = 0x01000193;

    private final MlflowSource whole;
    private final int index;
    private final int total;

    private ShardedSource(MlflowSource whole, int index, int total) {
        this.whole = whole;
        this.index = index;
        this.total = total;
    }

    /** The source itself where there is only one shard. */
    public static MlflowSource of(MlflowSource whole, int index, int total) {
        return total == 1 ? whole : new ShardedSource(whole, index, total);
    }

    /** The shard that has an experiment, from 0. */
    public static int shard(String experimentId, int total) {
        int hash = FNV_OFFSET;
        for (byte b : experimentId.getBytes(StandardCharsets.UTF_8)) {
            hash = (hash ^ (b & 0xff)) * FNV_PRIME;
        }
        return Integer.remainderUnsigned(hash, total);
    }

    @Override
    public ServerInfo server() throws MlflowException {
        return whole.server();
    }

    @Override
    public List<String> workspaces() throws MlflowException {
        return whole.workspaces();
    }

    @Override
    public void experiments(String workspace, ViewType view, Consumer<Experiment> sink) throws MlflowException {
        whole.experiments(workspace, view, experiment -> {
            if (shard(experiment.id(), total) == index) {
                sink.accept(experiment);
            }
        });
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
    public void registeredModels(String workspace, Consumer<RegisteredModel> sink) throws MlflowException {
        whole.registeredModels(workspace, sink);
    }

    @Override
    public void modelVersions(String workspace, Consumer<ModelVersion> sink) throws MlflowException {
        whole.modelVersions(workspace, sink);
    }

    @Override
    public void metricHistory(String workspace, String runId, String metric, Consumer<Run.Metric> sink)
            throws MlflowException {
        whole.metricHistory(workspace, runId, metric, sink);
    }

    @Override
    public void deadline(Duration fromNow) {
        whole.deadline(fromNow);
    }

    @Override
    public void close() {
        whole.close();
    }
}
