package io.mlflowexporter.registry;

import io.mlflowexporter.catalog.Catalog;
import io.mlflowexporter.mlflow.ModelVersion;
import io.mlflowexporter.mlflow.RegisteredModel;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** What one reading of the registry says, model by model. */
final class RegistryReading {
    private final Map<ModelKey, List<ModelVersion>> versions;

    RegistryReading(Catalog catalog) {
        this.versions = catalog.versions().stream()
                .collect(Collectors.groupingBy(version -> new ModelKey(version.workspace(), version.model())));
    }

    private List<ModelVersion> all(RegisteredModel model) {
        return versions.getOrDefault(ModelKey.of(model), List.of());
    }

    /** Version to when it was created. */
    Map<String, Long> created(RegisteredModel model) {
        Map<String, Long> created = new LinkedHashMap<>();
        all(model).forEach(version -> created.put(version.version(), version.createdMillis()));
        return created;
    }

    /** Version to the run it came from. */
    Map<String, String> runs(RegisteredModel model) {
        Map<String, String> runs = new LinkedHashMap<>();
        all(model).forEach(version -> runs.put(version.version(), version.runId()));
        return runs;
    }

    /** Aliases, and stages as aliases, to the version each points to, also of those that are not followed. */
    Map<String, String> pointers(RegisteredModel model) {
        Map<String, String> pointers = new LinkedHashMap<>(model.aliases());
        Map<String, Long> created = created(model);
        for (ModelVersion version : all(model)) {
            if (!version.stage().isEmpty()) {
                pointers.merge(
                        DeploymentConfig.STAGE + version.stage(),
                        version.version(),
                        (a, b) -> VersionOrder.compare(a, b, created) >= 0 ? a : b);
            }
        }
        return pointers;
    }
}
