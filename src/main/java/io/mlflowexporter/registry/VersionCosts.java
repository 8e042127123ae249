package io.mlflowexporter.registry;

import io.mlflowexporter.catalog.Catalog;
import io.mlflowexporter.catalog.RunTable;
import io.mlflowexporter.metric.Family;
import io.mlflowexporter.metric.FamilyDeclaration;
import io.mlflowexporter.metric.FamilyDeclaration.Fold;
import io.mlflowexporter.metric.FamilyDeclaration.Stability;
import io.mlflowexporter.metric.Samples;
import io.mlflowexporter.mlflow.ModelVersion;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.stream.Collectors;

/** What it cost to make a version. */
final class VersionCosts {
    static final FamilyDeclaration FAMILY = new FamilyDeclaration(
            "mlflow_model_version_cost",
            FamilyDeclaration.Type.GAUGE,
            "Estimated cost of the run that made the version, with delivery.whole_search of the search it belongs to, as of the"
                    + " snapshot; the newest versions of each model.",
            List.of("model", "version", "currency"),
            Stability.STABLE,
            Fold.drop("model"));

    private VersionCosts() {}

    /**
     * Of each model the newest versions.
     *
     * @param wholeSearch whether all runs of the search that a version's run belongs to are added
     * @param costOf run id to its cost by currency
     */
    static Family family(
            Catalog catalog, int versionsPerModel, boolean wholeSearch, Function<String, Map<String, Double>> costOf) {
        Map<String, List<String>> searches = wholeSearch ? searches(catalog) : Map.of();
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
                .forEach(version -> runs(catalog, searches, version.runId())
                        .forEach(run -> costOf.apply(run)
                                .forEach((currency, cost) -> samples.add(
                                        key.workspace(), cost, key.model(), version.version(), currency)))));
        return samples.family(FAMILY);
    }

    /** Id of a run that others are nested in to the ids of these, where versions come from any of them. */
    private static Map<String, List<String>> searches(Catalog catalog) {
        RunTable runs = catalog.runs();
        Map<String, List<String>> searches = new HashMap<>();
        for (ModelVersion version : catalog.versions()) {
            String parent = parent(catalog, version.runId());
            if (!parent.isEmpty()) {
                searches.putIfAbsent(parent, new ArrayList<>(List.of(parent)));
            }
        }
        for (int row = 0; row < runs.size() && !searches.isEmpty(); row++) {
            List<String> search = searches.get(runs.parentId(row));
            if (search != null) {
                search.add(runs.id(row));
            }
        }
        return searches;
    }

    private static List<String> runs(Catalog catalog, Map<String, List<String>> searches, String runId) {
        return searches.getOrDefault(parent(catalog, runId), List.of(runId));
    }

    /** Empty where it is nested in none, or is not known. */
    private static String parent(Catalog catalog, String runId) {
        OptionalInt row = catalog.runs().row(runId);
        return row.isPresent() ? catalog.runs().parentId(row.getAsInt()) : "";
    }
}
