package io.mlflowexporter.refresh;

import io.mlflowexporter.metric.FamilyDeclaration;
import io.mlflowexporter.metric.FamilyDeclaration.Fold;
import io.mlflowexporter.metric.FamilyDeclaration.Stability;
import io.mlflowexporter.metric.LiveFamilies;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Instant;
import java.util.List;

/** Whether what was configured last is in force. */
public final class ReloadMetrics {
    static final FamilyDeclaration SUCCESSFUL = new FamilyDeclaration(
            "mlflow_exporter_config_last_reload_successful",
            FamilyDeclaration.Type.GAUGE,
            "1 if the cost book was valid when it was last read, at the start or later; 0: an older one is in force.",
            List.of(),
            Stability.STABLE,
            Fold.NEVER);
    static final FamilyDeclaration SUCCESS_TIME = new FamilyDeclaration(
            "mlflow_exporter_config_last_reload_success_timestamp_seconds",
            FamilyDeclaration.Type.GAUGE,
            "When the cost book in force was read; without one, when the exporter started.",
            List.of(),
            Stability.STABLE,
            Fold.NEVER);

    private final Gauge successful;
    private final Gauge successTime;

    public ReloadMetrics(PrometheusRegistry registry) {
        successful = LiveFamilies.gauge(SUCCESSFUL, registry);
        successTime = LiveFamilies.gauge(SUCCESS_TIME, registry);
    }

    static List<FamilyDeclaration> declarations() {
        return List.of(SUCCESSFUL, SUCCESS_TIME);
    }

    /** What was read is in force. */
    public void succeeded(Instant at) {
        successful.set(1);
        successTime.set(at.toEpochMilli() / 1000.0);
    }

    /** What was read cannot be used, and what was in force stays so. */
    public void failed() {
        successful.set(0);
    }
}
