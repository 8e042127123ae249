package io.mlflowexporter.metric;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.core.metrics.MetricWithFixedMetadata;
import io.prometheus.metrics.model.registry.PrometheusRegistry;

/** Registers families that are counted as it happens, not computed from a snapshot, as they are declared. */
public final class LiveFamilies {
    private LiveFamilies() {}

    public static Counter counter(FamilyDeclaration declaration, PrometheusRegistry live) {
        return declared(Counter.builder(), declaration).register(live);
    }

    public static Gauge gauge(FamilyDeclaration declaration, PrometheusRegistry live) {
        return declared(Gauge.builder(), declaration).register(live);
    }

    /** A histogram with these upper bounds, in ascending order. */
    public static Histogram histogram(FamilyDeclaration declaration, PrometheusRegistry live, double... bounds) {
        return declared(Histogram.builder(), declaration)
                .classicUpperBounds(bounds)
                .register(live);
    }

    private static <B extends MetricWithFixedMetadata.Builder<B, ?>> B declared(
            B builder, FamilyDeclaration declaration) {
        return builder.name(declaration.name())
                .help(declaration.help())
                .labelNames(declaration.labels().toArray(String[]::new));
    }
}
