package io.mlflowexporter.kpi;

import io.mlflowexporter.catalog.Catalog;
import io.mlflowexporter.mlflow.RegisteredModel;
import java.util.HashMap;
import java.util.Map;

/** Which run made which version, as of one refresh. */
final class VersionRuns {
    private record Version(String workspace, String model, String version) {}

    private final Map<Version, String> runs = new HashMap<>();

    VersionRuns(Catalog catalog) {
        catalog.versions()
                .forEach(version -> runs.putIfAbsent(
                        new Version(version.workspace(), version.model(), version.version()), version.runId()));
    }

    /** A run's id; empty where the version is not known, or nothing is known of a run. */
    String runOf(RegisteredModel model, String version) {
        return runs.getOrDefault(new Version(model.workspace(), model.name(), version), "");
    }
}
