package io.mlflowexporter.refresh;

import io.mlflowexporter.config.Config;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.InstantSource;

/**
 * What the parts of one exporter share.
 *
 * @param live takes the live metrics
 * @param version the exporter's own
 * @param revision the exporter's source revision, {@code unknown} where the build did not say
 */
public record ExporterContext(
        Config config, InstantSource clock, PrometheusRegistry live, String version, String revision) {}
