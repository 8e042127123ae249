package io.mlflowexporter.mlflow.rest.transport;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.Unit;

/** What the requests to MLflow come to, as live metrics. */
public final class RequestMetrics {
    public static final String REQUESTS = "mlflow_exporter_api_requests_total";
    public static final String REQUESTS_HELP =
            "Requests sent to MLflow, retries included, by operation and HTTP status or kind of failure; refused optional"
                    + " probes are not counted.";
    public static final String DURATION = "mlflow_exporter_api_request_duration_seconds";
    public static final String DURATION_HELP = "Time from sending a request to MLflow to the last byte of its answer.";
    public static final String RECEIVED = "mlflow_exporter_api_received_bytes_total";
    public static final String RECEIVED_HELP =
            "Bytes of the bodies of MLflow's answers, as they came over the network.";

    private final Counter requests;
    private final Histogram duration;
    private final Counter received;

    public RequestMetrics(PrometheusRegistry registry) {
        requests = Counter.builder()
                .name(REQUESTS)
                .help(REQUESTS_HELP)
                .labelNames("operation", "code")
                .register(registry);
        duration = Histogram.builder()
                .name(DURATION)
                .help(DURATION_HELP)
                .unit(Unit.SECONDS)
                .labelNames("operation")
                .classicUpperBounds(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
                .register(registry);
        received = Counter.builder()
                .name(RECEIVED)
                .help(RECEIVED_HELP)
                .labelNames("operation")
                .register(registry);
    }

    public void ended(String operation, String code, long nanos) {
        requests.labelValues(operation, code).inc();
        duration.labelValues(operation).observe(Unit.nanosToSeconds(nanos));
    }

    void received(String operation, long bytes) {
        received.labelValues(operation).inc(bytes);
    }
}
