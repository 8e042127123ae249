package io.mlflowexporter.kpi;

import io.mlflowexporter.metric.Times;
import io.mlflowexporter.mlflow.Experiment;
import io.mlflowexporter.mlflow.LifecycleStage;
import io.mlflowexporter.mlflow.Listing;
import io.mlflowexporter.mlflow.ModelVersion;
import io.mlflowexporter.mlflow.RegisteredModel;
import io.mlflowexporter.mlflow.Run;
import io.mlflowexporter.mlflow.RunProjection;
import io.mlflowexporter.mlflow.RunQuery;
import io.mlflowexporter.mlflow.RunStatus;
import io.mlflowexporter.mlflow.ViewType;
import io.mlflowexporter.testing.MlflowInMemory;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** An MLflow without workspaces that holds finished runs of ten minutes with metrics, and versions made from them. */
final class MetricsMlflow extends MlflowInMemory {
    private static final long TEN_MINUTES = 600_000;

    private final Map<String, Run> runs = new LinkedHashMap<>();
    private final Map<String, Map<String, String>> aliases = new LinkedHashMap<>();
    private final Map<String, ModelVersion> versions = new LinkedHashMap<>();

    /** Adds a finished run; the experiment's id is its name. Metrics as names and values in turn. */
    void run(String id, String experiment, long endMillis, Object... metrics) {
        Map<String, Run.Metric> logged = new HashMap<>();
        for (int i = 0; i < metrics.length; i += 2) {
            logged.put((String) metrics[i], new Run.Metric((double) metrics[i + 1], endMillis, 0));
        }
        put(id, experiment, endMillis, RunStatus.FINISHED, logged);
    }

    void put(String id, String experiment, long endMillis, RunStatus status, Map<String, Run.Metric> logged) {
        runs.put(
                id,
                new Run(
                        "",
                        id,
                        experiment,
                        id,
                        "u",
                        status,
                        LifecycleStage.ACTIVE,
                        endMillis - TEN_MINUTES,
                        status.ended() ? endMillis : Times.ABSENT,
                        Times.ABSENT,
                        Map.of(),
                        Map.of(),
                        logged,
                        0,
                        0));
    }

    void remove(String id) {
        runs.remove(id);
    }

    void version(String model, String version, String runId) {
        aliases.computeIfAbsent(model, name -> new LinkedHashMap<>());
        versions.put(model + "/" + version, new ModelVersion("", model, version, runId, "None", "READY", 1, 1));
    }

    void alias(String model, String alias, String version) {
        aliases.computeIfAbsent(model, name -> new LinkedHashMap<>()).put(alias, version);
    }

    @Override
    public void experiments(String workspace, ViewType view, Predicate<String> tags, Listing<Experiment> sink) {
        runs.values().stream()
                .map(Run::experimentId)
                .distinct()
                .map(id -> new Experiment("", id, id, LifecycleStage.ACTIVE, Times.ABSENT, Times.ABSENT, Map.of()))
                .forEach(element -> sink.accept(element));
    }

    @Override
    public void runs(RunQuery query, RunProjection projection, Consumer<Run> sink) {
        runs.values().stream().map(run -> projected(run, projection)).forEach(element -> sink.accept(element));
    }

    @Override
    public void registeredModels(String workspace, Listing<RegisteredModel> sink) {
        aliases.forEach((name, all) -> sink.accept(new RegisteredModel("", name, 1, 1, all)));
    }

    @Override
    public void modelVersions(String workspace, Listing<ModelVersion> sink) {
        versions.values().forEach(element -> sink.accept(element));
    }
}
