package io.mlflowexporter.exposition;

import io.prometheus.metrics.config.PrometheusProperties;
import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.ExpositionFormats;
import org.jspecify.annotations.Nullable;

/** The formats Prometheus scrapes, each written by client_java's own writer. */
enum Format {
    TEXT,
    OPENMETRICS,
    PROTOBUF;

    /** What OpenMetrics puts after the last family. */
    static final String OPENMETRICS_END = "# EOF\n";

    /** With client_java's defaults, whatever its properties and environment variables say. */
    private static final ExpositionFormats FORMATS =
            ExpositionFormats.init(PrometheusProperties.builder().build());

    /** Safe for use by several threads. */
    ExpositionFormatWriter writer() {
        return switch (this) {
            case TEXT -> FORMATS.getPrometheusTextFormatWriter();
            case OPENMETRICS -> FORMATS.getOpenMetricsTextFormatWriter();
            case PROTOBUF -> FORMATS.getPrometheusProtobufWriter();
        };
    }

    /** The format client_java answers this {@code Accept} header with; text where it has no other. */
    static Format negotiate(@Nullable String accept) {
        ExpositionFormatWriter chosen = FORMATS.findWriter(accept);
        for (Format format : values()) {
            if (format.writer() == chosen) {
                return format;
            }
        }
        return TEXT;
    }
}
