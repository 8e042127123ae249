package io.mlflowexporter.refresh;

import io.mlflowexporter.checkpoint.CheckpointFile;
import io.mlflowexporter.metric.FamilyDeclaration;
import io.mlflowexporter.metric.FamilyDeclaration.Stability;
import io.mlflowexporter.metric.LiveFamilies;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.List;

/** How the checkpoint stands; registered only where there is one. */
final class CheckpointMetrics {
    static final FamilyDeclaration TIMESTAMP = live(
            "mlflow_exporter_checkpoint_timestamp_seconds",
            FamilyDeclaration.Type.GAUGE,
            "When the checkpoint on disk was written, Unix time, also by a process before this one; 0 if there is none;"
                    + " absent where none is configured.");
    static final FamilyDeclaration SIZE = live(
            "mlflow_exporter_checkpoint_size_bytes",
            FamilyDeclaration.Type.GAUGE,
            "Size of the checkpoint on disk; 0 if there is none; absent where none is configured.");
    static final FamilyDeclaration FAILURES = live(
            "mlflow_exporter_checkpoint_write_failures_total",
            FamilyDeclaration.Type.COUNTER,
            "Checkpoints that could not be written since the start; absent where none is configured.");

    private final Gauge timestamp;
    private final Gauge size;
    private final Counter failures;
    private long toldFailures;

    CheckpointMetrics(PrometheusRegistry live) {
        timestamp = LiveFamilies.gauge(TIMESTAMP, live);
        size = LiveFamilies.gauge(SIZE, live);
        failures = LiveFamilies.counter(FAILURES, live);
    }

    static List<FamilyDeclaration> declarations() {
        return List.of(TIMESTAMP, SIZE, FAILURES);
    }

    private static FamilyDeclaration live(String name, FamilyDeclaration.Type type, String help) {
        return FamilyDeclaration.live(name, type, help, Stability.STABLE);
    }

    void tell(CheckpointFile.State state) {
        timestamp.set(state.writtenAt().map(at -> at.toEpochMilli() / 1000.0).orElse(0.0));
        size.set((double) state.bytes());
        failures.inc((double) (state.failures() - toldFailures));
        toldFailures = state.failures();
    }
}
