package io.mlflowexporter.registry;

import io.mlflowexporter.catalog.Catalog;
import io.mlflowexporter.mlflow.ModelVersion;
import io.mlflowexporter.mlflow.RegisteredModel;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** What in the registry cannot be true, counted over aliases and versions. */
public final class RegistryAnomalies {
    private static final String ALIAS_WITHOUT_VERSION = "alias_without_version";
    private static final String VERSION_NOT_A_NUMBER = "version_not_a_number";

    public static final List<String> KINDS = List.of(ALIAS_WITHOUT_VERSION, VERSION_NOT_A_NUMBER);

    private RegistryAnomalies() {}

    /** Kind to how many show it, every kind there is of the registry. */
    public static Map<String, Long> of(Catalog catalog) {
        Set<ModelVersion.Id> known = new HashSet<>();
        long notNumbers = 0;
        for (ModelVersion version : catalog.versions()) {
            known.add(version.id());
            notNumbers += ModelVersion.isNumber(version.version()) ? 0 : 1;
        }
        long dangling = 0;
        for (RegisteredModel model : catalog.models()) {
            dangling += model.aliases().values().stream()
                    .filter(version -> !known.contains(new ModelVersion.Id(model.workspace(), model.name(), version)))
                    .count();
        }
        return new TreeMap<>(Map.of(ALIAS_WITHOUT_VERSION, dangling, VERSION_NOT_A_NUMBER, notNumbers));
    }
}
