package io.mlflowexporter.web.access;

import io.mlflowexporter.metric.FamilyDeclaration;
import io.mlflowexporter.metric.FamilyDeclaration.Fold;
import io.mlflowexporter.metric.FamilyDeclaration.Stability;
import io.mlflowexporter.metric.LiveFamilies;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Instant;
import java.util.List;
import java.util.Locale;

/** The live families about who may use the listeners. */
public final class AccessMetrics {
    static final FamilyDeclaration FAILURES = new FamilyDeclaration(
            "mlflow_exporter_authentication_failures_total",
            FamilyDeclaration.Type.COUNTER,
            "Requests turned away by basic authentication: without credentials, with wrong ones, or limited after too"
                    + " many wrong ones.",
            List.of("listener", "reason"),
            Stability.EXPERIMENTAL,
            Fold.NEVER);
    static final FamilyDeclaration EXPIRY = new FamilyDeclaration(
            "mlflow_exporter_web_certificate_expiry_timestamp_seconds",
            FamilyDeclaration.Type.GAUGE,
            "When the certificate that the listener shows ceases to be valid, Unix time; absent without TLS.",
            List.of("listener"),
            Stability.EXPERIMENTAL,
            Fold.NEVER);

    /** Why a request was turned away. */
    enum Reason {
        MISSING,
        WRONG,
        LIMITED
    }

    private final Counter failures;
    private final Gauge expiry;

    public AccessMetrics(PrometheusRegistry live) {
        failures = LiveFamilies.counter(FAILURES, live);
        expiry = LiveFamilies.gauge(EXPIRY, live);
    }

    /** All that are counted here. */
    public static List<FamilyDeclaration> declarations() {
        return List.of(FAILURES, EXPIRY);
    }

    /** Lets a listener's counts begin with 0. */
    void begin(String listener) {
        for (Reason reason : Reason.values()) {
            failures.initLabelValues(listener, label(reason));
        }
    }

    void failed(String listener, Reason reason) {
        failures.labelValues(listener, label(reason)).inc();
    }

    /** What the listener's certificate says from now on. */
    public void certificate(String listener, Instant expires) {
        expiry.labelValues(listener).set((double) expires.getEpochSecond());
    }

    private static String label(Reason reason) {
        return reason.name().toLowerCase(Locale.ROOT);
    }
}
