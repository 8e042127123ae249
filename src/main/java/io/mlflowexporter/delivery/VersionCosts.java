package io.mlflowexporter.delivery;

import io.mlflowexporter.catalog.Catalog;
import io.mlflowexporter.indicators.Family;
import io.mlflowexporter.indicators.FamilyDeclaration;
import io.mlflowexporter.indicators.FamilyDeclaration.Fold;
import io.mlflowexporter.indicators.FamilyDeclaration.Stability;
import io.mlflowexporter.indicators.Samples;
import io.mlflowexporter.mlflow.ModelVersion;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** What it cost to make a version. */
final class VersionCosts {
    static final FamilyDeclaration FAMILY = new FamilyDeclaration(
            "mlflow_model_version_cost",
            FamilyDeclaration.Type.GAUGE,
            "Estimated cost of the run that made the version, as of the snapshot; the newest versions of each model.",
            List.of("model", "version", "currency"),
            Stability.STABLE,
            Fold.drop("model"));

    private VersionCosts() {}

    /**
     * Of each model the newest versions.
     *
     * @param costOf run id to its cost by currency
     */
    static Family family(Catalog catalog, int versionsPerModel, Function<String, Map<String, Double>> costOf) {
        Samples samples = new Samples();
        Map<ModelKey, List<ModelVersion>> byModel = catalog.versions().stream()
                .collect(Collectors.groupingBy(version -> new ModelKey(version.workspace(), version.model())));
        byModel.forEach((key, versions) -> versions.stream()
                .filter(version -> !version.runId().isEmpty())
                .sorted(Comparator.comparingLong(ModelVersion::createdMillis)
                        .thenComparing(version -> version.version().length())
                        .thenComparing(ModelVersion::version)
                        .reversed())
                .limit(versionsPerModel)
                .forEach(version -> costOf.apply(version.runId())
                        .forEach((currency, cost) ->
                                samples.add(key.workspace(), cost, key.model(), version.version(), currency))));
        return samples.family(FAMILY);
    }
}
