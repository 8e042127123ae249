package io.mlflowexporter.otlp;

import io.mlflowexporter.metric.FamilyDeclaration;
import io.mlflowexporter.metric.FamilyDeclaration.Fold;
import io.mlflowexporter.metric.FamilyDeclaration.Stability;
import io.mlflowexporter.metric.LiveFamilies;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.List;

/** The live family about pushing. */
public final class OtlpMetrics {
    static final FamilyDeclaration PUSHES = new FamilyDeclaration(
            "mlflow_exporter_otlp_pushes_total",
            FamilyDeclaration.Type.COUNTER,
            "Pushes of all families over OTLP: accepted, partial where the receiver refused some samples, or failed.",
            List.of("outcome"),
            Stability.EXPERIMENTAL,
            Fold.NEVER);

    private final Counter pushes;

    public OtlpMetrics(PrometheusRegistry live) {
        pushes = LiveFamilies.counter(PUSHES, live);
        List.of("accepted", "partial", "failed").forEach(pushes::initLabelValues);
    }

    /** All that is counted here; absent where nothing is pushed. */
    public static List<FamilyDeclaration> declarations() {
        return List.of(PUSHES);
    }

    void pushed(String outcome) {
        pushes.labelValues(outcome).inc();
    }
}
