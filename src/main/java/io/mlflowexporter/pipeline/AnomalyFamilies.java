package io.mlflowexporter.pipeline;

import io.mlflowexporter.metric.Family;
import io.mlflowexporter.metric.FamilyDeclaration;
import io.mlflowexporter.metric.FamilyDeclaration.Fold;
import io.mlflowexporter.metric.FamilyDeclaration.Stability;
import io.mlflowexporter.metric.Samples;
import io.mlflowexporter.registry.RegistryAnomalies;
import io.mlflowexporter.runs.RunAnomalies;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** How much data in MLflow is implausible; {@link RunAnomalies} and {@link RegistryAnomalies} count it. */
public final class AnomalyFamilies {
    static final FamilyDeclaration FAMILY = new FamilyDeclaration(
            "mlflow_exporter_anomalies",
            FamilyDeclaration.Type.GAUGE,
            "Runs that are not deleted, aliases and model versions whose data cannot be true, by what is wrong, as of the"
                    + " snapshot.",
            List.of("kind"),
            Stability.STABLE,
            Fold.NEVER);

    /** All values of the label {@code kind}. */
    public static final List<String> KINDS = Stream.concat(
                    RunAnomalies.KINDS.stream(), RegistryAnomalies.KINDS.stream())
            .sorted()
            .toList();

    private AnomalyFamilies() {}

    /** All families of this subject. */
    public static List<FamilyDeclaration> declarations() {
        return List.of(FAMILY);
    }

    /**
     * The family.
     *
     * @param found kind to number
     */
    public static Family family(Map<String, Long> found) {
        Samples samples = new Samples();
        found.forEach((kind, number) -> samples.add("", number, kind));
        return samples.family(FAMILY);
    }
}
