package io.mlflowexporter.mlflow.rest.transport;

import io.mlflowexporter.metric.FamilyDeclaration;
import io.mlflowexporter.metric.FamilyDeclaration.Stability;
import io.mlflowexporter.metric.LiveFamilies;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.Unit;
import java.util.List;

/** The live families about requests to MLflow. */
public final class RequestMetrics {
    static final FamilyDeclaration REQUESTS = FamilyDeclaration.live(
            "mlflow_exporter_api_requests_total",
            FamilyDeclaration.Type.COUNTER,
            "Requests sent to MLflow, retries included, by operation and HTTP status or kind of failure; refused optional"
                    + " probes are not counted.",
            Stability.STABLE,
            "operation",
            "code");
    static final FamilyDeclaration DURATION = FamilyDeclaration.live(
            "mlflow_exporter_api_request_duration_seconds",
            FamilyDeclaration.Type.HISTOGRAM,
            "Time from sending a request to MLflow to the last byte of its answer.",
            Stability.STABLE,
            "operation");
    static final FamilyDeclaration RECEIVED = FamilyDeclaration.live(
            "mlflow_exporter_api_received_bytes_total",
            FamilyDeclaration.Type.COUNTER,
            "Bytes of the bodies of MLflow's answers, as they came over the network.",
            Stability.STABLE,
            "operation");

    private final Counter requests;
    private final Histogram duration;
    private final Counter received;

    public RequestMetrics(PrometheusRegistry live) {
        requests = LiveFamilies.counter(REQUESTS, live);
        duration = Histogram.builder()
                .name(DURATION.name())
                .help(DURATION.help())
                .unit(Unit.SECONDS)
                .labelNames(DURATION.labels().toArray(String[]::new))
                .classicUpperBounds(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
                .register(live);
        received = LiveFamilies.counter(RECEIVED, live);
    }

    /** All families of this subject. */
    public static List<FamilyDeclaration> declarations() {
        return List.of(REQUESTS, DURATION, RECEIVED);
    }

    public void ended(String operation, String code, long nanos) {
        requests.labelValues(operation, code).inc();
        duration.labelValues(operation).observe(Unit.nanosToSeconds(nanos));
    }

    void received(String operation, long bytes) {
        received.labelValues(operation).inc(bytes);
    }
}
