package io.mlflowexporter.registry;

import io.mlflowexporter.catalog.Catalog;
import io.mlflowexporter.metric.Family;
import io.mlflowexporter.metric.FamilyDeclaration;
import io.mlflowexporter.metric.FamilyDeclaration.Fold;
import io.mlflowexporter.metric.FamilyDeclaration.Stability;
import io.mlflowexporter.metric.Samples;
import io.mlflowexporter.metric.Times;
import io.mlflowexporter.mlflow.ModelVersion;
import io.mlflowexporter.mlflow.RegisteredModel;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** What is said of registered models, their versions and their aliases. */
public final class RegistryFamilies {
    static final FamilyDeclaration MODELS = new FamilyDeclaration(
            "mlflow_registered_models",
            FamilyDeclaration.Type.GAUGE,
            "Registered models as of the snapshot.",
            List.of(),
            Stability.STABLE,
            Fold.NEVER);
    static final FamilyDeclaration MODEL_CREATED = new FamilyDeclaration(
            "mlflow_registered_model_created_timestamp_seconds",
            FamilyDeclaration.Type.GAUGE,
            "When the registered model was created, Unix time, as of the snapshot.",
            List.of("model"),
            Stability.STABLE,
            Fold.drop("model"));
    static final FamilyDeclaration VERSIONS = new FamilyDeclaration(
            "mlflow_model_versions",
            FamilyDeclaration.Type.GAUGE,
            "Versions of the model in the registry as of the snapshot.",
            List.of("model"),
            Stability.STABLE,
            Fold.sum("model"));
    static final FamilyDeclaration VERSIONS_BY_STAGE = new FamilyDeclaration(
            "mlflow_model_versions_by_stage",
            FamilyDeclaration.Type.GAUGE,
            "Versions of the model in the legacy stage as of the snapshot; absent where no version is in a stage.",
            List.of("model", "stage"),
            Stability.STABLE,
            Fold.sum("model"));
    static final FamilyDeclaration VERSION_CREATED = new FamilyDeclaration(
            "mlflow_model_version_created_timestamp_seconds",
            FamilyDeclaration.Type.GAUGE,
            "When the version was created, Unix time, as of the snapshot; the newest versions of each model.",
            List.of("model", "version"),
            Stability.STABLE,
            Fold.drop("model"));
    static final FamilyDeclaration ALIAS = new FamilyDeclaration(
            "mlflow_model_alias_info",
            FamilyDeclaration.Type.INFO,
            "Always 1: the alias of the model points to the version as of the snapshot; before MLflow 3 also where that"
                    + " version has been deleted.",
            List.of("model", "alias", "version"),
            Stability.STABLE,
            Fold.drop("model"));

    /** MLflow's word for a version that is in no stage. */
    private static final String NO_STAGE = "None";

    private static final List<String> STAGES = List.of(NO_STAGE, "Staging", "Production", "Archived");
    /** A stage that MLflow does not have, so that the label stays bounded. */
    private static final String OTHER_STAGE = "unknown";

    private RegistryFamilies() {}

    /** All families of this subject. */
    public static List<FamilyDeclaration> declarations() {
        return List.of(MODELS, MODEL_CREATED, VERSIONS, VERSIONS_BY_STAGE, VERSION_CREATED, ALIAS);
    }

    /**
     * All families of this subject.
     *
     * @param workspaces those read: a registry without models says 0
     */
    public static List<Family> of(Catalog catalog, List<String> workspaces, int versionsPerModel) {
        Samples models = new Samples();
        Samples modelCreated = new Samples();
        Samples versions = new Samples();
        Samples versionCreated = new Samples();
        Samples aliases = new Samples();
        workspaces.forEach(workspace -> models.add(workspace, 0));
        for (RegisteredModel model : catalog.models()) {
            models.add(model.workspace(), 1);
            versions.add(model.workspace(), 0, model.name());
            if (model.createdMillis() != Times.ABSENT) {
                modelCreated.max(model.workspace(), model.createdMillis() / 1000.0, model.name());
            }
            model.aliases()
                    .forEach((alias, version) -> aliases.max(model.workspace(), 1, model.name(), alias, version));
        }
        Map<String, Map<String, List<ModelVersion>>> byModel = catalog.versions().stream()
                .collect(Collectors.groupingBy(ModelVersion::workspace, Collectors.groupingBy(ModelVersion::model)));
        byModel.forEach((workspace, ofWorkspace) -> ofWorkspace.forEach((model, all) -> {
            versions.add(workspace, all.size(), model);
            all.stream()
                    .filter(version -> version.createdMillis() != Times.ABSENT)
                    .sorted(Comparator.comparingLong(ModelVersion::createdMillis)
                            .thenComparing(version -> version.version().length())
                            .thenComparing(ModelVersion::version)
                            .reversed())
                    .limit(versionsPerModel)
                    .forEach(version -> versionCreated.max(
                            version.workspace(), version.createdMillis() / 1000.0, version.model(), version.version()));
        }));
        return List.of(
                models.family(MODELS),
                modelCreated.family(MODEL_CREATED),
                versions.family(VERSIONS),
                byStage(byModel).family(VERSIONS_BY_STAGE),
                versionCreated.family(VERSION_CREATED),
                aliases.family(ALIAS));
    }

    /**
     * In workspaces that use stages every version counts, so that the stages of a model add up to its versions. A model that
     * uses them has all four, so that a stage that empties falls to 0.
     */
    private static Samples byStage(Map<String, Map<String, List<ModelVersion>>> byModel) {
        Samples samples = new Samples();
        byModel.forEach((workspace, models) -> {
            if (models.values().stream().noneMatch(RegistryFamilies::usesStages)) {
                return;
            }
            models.forEach((model, all) -> {
                if (usesStages(all)) {
                    STAGES.forEach(stage -> samples.add(workspace, 0, model, stage));
                }
                all.forEach(version -> samples.add(workspace, 1, model, stage(version)));
            });
        });
        return samples;
    }

    private static boolean usesStages(List<ModelVersion> versions) {
        return versions.stream().anyMatch(version -> !stage(version).equals(NO_STAGE));
    }

    private static String stage(ModelVersion version) {
        String stage = version.stage().isEmpty() ? NO_STAGE : version.stage();
        return STAGES.contains(stage) ? stage : OTHER_STAGE;
    }
}
