package io.mlflowexporter.testing;

import io.mlflowexporter.mlflow.Listing;
import io.mlflowexporter.mlflow.MlflowSource;
import io.mlflowexporter.mlflow.ModelVersion;
import io.mlflowexporter.mlflow.RegisteredModel;
import io.mlflowexporter.mlflow.Run;
import io.mlflowexporter.mlflow.RunProjection;
import io.mlflowexporter.mlflow.ServerInfo;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** An MLflow in memory without workspaces, models and histories, where a test does not say otherwise. Nothing takes time. */
public abstract class MlflowInMemory implements MlflowSource {
    @Override
    public ServerInfo server() {
        throw new UnsupportedOperationException();
    }

    @Override
    public List<String> workspaces() {
        return List.of("");
    }

    @Override
    public void registeredModels(String workspace, Listing<RegisteredModel> sink) {
        // There are none.
    }

    @Override
    public void modelVersions(String workspace, Listing<ModelVersion> sink) {
        // There are none.
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

    /** The run with what was asked for. */
    protected static Run projected(Run run, RunProjection projection) {
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

    private static <V> Map<String, V> kept(Map<String, V> all, Predicate<String> asked) {
        return all.entrySet().stream()
                .filter(entry -> asked.test(entry.getKey()))
                .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue));
    }
}
