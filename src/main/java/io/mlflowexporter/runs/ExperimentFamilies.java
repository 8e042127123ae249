package io.mlflowexporter.runs;

import io.mlflowexporter.catalog.Catalog;
import io.mlflowexporter.metric.Family;
import io.mlflowexporter.metric.FamilyDeclaration;
import io.mlflowexporter.metric.FamilyDeclaration.Fold;
import io.mlflowexporter.metric.FamilyDeclaration.Stability;
import io.mlflowexporter.metric.Samples;
import io.mlflowexporter.metric.Times;
import io.mlflowexporter.mlflow.Experiment;
import io.mlflowexporter.mlflow.LifecycleStage;
import java.util.List;
import java.util.Locale;

/** What is said of experiments. */
public final class ExperimentFamilies {
    static final FamilyDeclaration COUNT = new FamilyDeclaration(
            "mlflow_experiments",
            FamilyDeclaration.Type.GAUGE,
            "Experiments that the exporter reads, 0 where it sees none, as of the snapshot.",
            List.of("lifecycle_stage"),
            Stability.STABLE,
            Fold.NEVER);
    static final FamilyDeclaration CREATED = new FamilyDeclaration(
            "mlflow_experiment_created_timestamp_seconds",
            FamilyDeclaration.Type.GAUGE,
            "When the experiment was created, Unix time, as of the snapshot.",
            List.of("experiment", "experiment_id", "lifecycle_stage"),
            Stability.STABLE,
            Fold.drop("experiment_id"));

    private ExperimentFamilies() {}

    /** All families of this subject. */
    public static List<FamilyDeclaration> declarations() {
        return List.of(COUNT, CREATED);
    }

    /**
     * All families of this subject.
     *
     * @param workspaces those read: one without experiments says 0
     */
    public static List<Family> of(Catalog catalog, List<String> workspaces) {
        Samples counts = new Samples();
        Samples created = new Samples();
        workspaces.forEach(workspace -> {
            for (LifecycleStage stage : LifecycleStage.values()) {
                counts.add(workspace, 0, label(stage));
            }
        });
        for (Experiment experiment : catalog.experiments()) {
            String stage = label(experiment.lifecycleStage());
            counts.add(experiment.workspace(), 1, stage);
            if (experiment.createdMillis() != Times.ABSENT) {
                created.max(
                        experiment.workspace(),
                        experiment.createdMillis() / 1000.0,
                        experiment.name(),
                        experiment.id(),
                        stage);
            }
        }
        return List.of(counts.family(COUNT), created.family(CREATED));
    }

    private static String label(LifecycleStage stage) {
        return stage.name().toLowerCase(Locale.ROOT);
    }
}
