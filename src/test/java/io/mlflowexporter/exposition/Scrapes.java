package io.mlflowexporter.exposition;

import io.mlflowexporter.metric.Family;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.zip.GZIPInputStream;

/** Scrapes as Prometheus would, without a network between. */
public final class Scrapes {
    static final String TEXT = "text/plain;version=0.0.4";
    static final String OPENMETRICS = "application/openmetrics-text;version=1.0.0";
    static final String PROTOBUF =
            "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited";
    static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    private Scrapes() {}

    static ExpositionConfig config(int seriesPerFamily, int maxLabelLength) {
        return new ExpositionConfig(seriesPerFamily, 100, 20, maxLabelLength);
    }

    static ExpositionRenderer renderer() {
        return new ExpositionRenderer(config(1000, 200));
    }

    static Exposition render(Family... families) {
        return renderer().render(List.of(always(families)), false);
    }

    static SectionInput always(Family... families) {
        return new SectionInput("always", List.of(families), Instant.MAX);
    }

    /** What is shown but for the families about series. */
    static String text(Exposition exposition, String accept) {
        String all = all(exposition, accept);
        return all.replaceAll("(?m)^(# (HELP|TYPE) )?mlflow_exporter_series.*\n", "");
    }

    static String all(Exposition exposition, String accept) {
        return utf8(bytes(exposition.scrape(request(accept, false), new PrometheusRegistry(), NOW)));
    }

    static ScrapeRequest request(String accept, boolean gzip, String... names) {
        return new ScrapeRequest(accept, gzip, Set.of(names));
    }

    static byte[] bytes(ScrapeBody body) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        body.segments().forEach(bytes::writeBytes);
        if (bytes.size() != body.length()) {
            throw new AssertionError("length says " + body.length() + ", there are " + bytes.size());
        }
        return bytes.toByteArray();
    }

    /** Inflates with the JDK's reader, which gets the bytes as a slow network brings them: at most one at a time. */
    public static byte[] gunzip(byte[] bytes) {
        InputStream trickle = new ByteArrayInputStream(bytes) {
            @Override
            public synchronized int read(byte[] b, int off, int len) {
                return super.read(b, off, Math.min(len, 1));
            }

            @Override
            public synchronized int available() {
                return 0;
            }
        };
        try (GZIPInputStream gzip = new GZIPInputStream(trickle)) {
            return gzip.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Strict: what is not UTF-8 fails. */
    static String utf8(byte[] bytes) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new UncheckedIOException(e);
        }
    }
}
