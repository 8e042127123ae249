package io.mlflowexporter.kpi;

import io.mlflowexporter.catalog.Catalog;
import io.mlflowexporter.mlflow.ModelVersion;
import io.mlflowexporter.mlflow.RegisteredModel;
import java.util.HashMap;
import java.util.Map;

/** Which run made which version, as of one refresh. */
final class VersionRuns {
    private final Map<ModelVersion.Id, String> runs = new HashMap<>();

    VersionRuns(Catalog catalog) {
        catalog.versions().forEach(version -> runs.putIfAbsent(version.id(), version.runId()));
    }

    /** A run's id; empty where the version is not known, or nothing is known of a run. */
    String runOf(RegisteredModel model, String version) {
        return runs.getOrDefault(new ModelVersion.Id(model.workspace(), model.name(), version), "");
    }
}
