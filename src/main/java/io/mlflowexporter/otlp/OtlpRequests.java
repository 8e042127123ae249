package io.mlflowexporter.otlp;

import io.mlflowexporter.otlp.OtlpConfig.Histograms;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.DataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.SummarySnapshot;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * Families as OTLP's {@code ExportMetricsServiceRequest}s. Names are those of {@code /metrics}, suffixes included, and no
 * units are told, which receivers would put into the names once more.
 */
final class OtlpRequests {
    /** Well below what receivers accept: the collector takes 20 MiB. */
    static final int LARGEST_BYTES = 4 << 20;

    private static final int CUMULATIVE = 2;
    private static final int GAUGE = 5;
    private static final int SUM = 7;
    private static final int HISTOGRAM = 9;
    private static final int EXPONENTIAL = 10;
    private static final int SUMMARY = 11;

    private final Map<String, String> resource;
    private final Histograms histograms;
    private final OtlpPoints points;
    private final int largest;
    private final List<byte[]> requests = new ArrayList<>();
    private Proto metrics = new Proto();

    private OtlpRequests(Map<String, String> resource, Histograms histograms, Instant now, int largest) {
        this.resource = resource;
        this.histograms = histograms;
        this.points = new OtlpPoints(TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano());
        this.largest = largest;
    }

    /** One request, or as many as it takes; none where there is nothing to tell. */
    static List<byte[]> of(
            List<MetricSnapshot> families,
            Map<String, String> resource,
            Histograms histograms,
            Instant now,
            int largest) {
        OtlpRequests requests = new OtlpRequests(resource, histograms, now, largest);
        families.forEach(requests::add);
        requests.flush();
        return requests.requests;
    }

    private void add(MetricSnapshot family) {
        if (family instanceof GaugeSnapshot gauge) {
            add(gauge, "", GAUGE, gauge.getDataPoints(), p -> points.number(p, p.getValue()));
        } else if (family instanceof CounterSnapshot counter) {
            add(counter, "_total", SUM, counter.getDataPoints(), p -> points.number(p, p.getValue()));
        } else if (family instanceof InfoSnapshot info) {
            add(info, "_info", GAUGE, info.getDataPoints(), p -> points.number(p, 1));
        } else if (family instanceof SummarySnapshot summary) {
            add(summary, "", SUMMARY, summary.getDataPoints(), points::summary);
        } else if (family instanceof HistogramSnapshot histogram) {
            boolean nativeBuckets = histogram.getDataPoints().stream().allMatch(p -> p.hasNativeHistogramData());
            boolean classicBuckets = histogram.getDataPoints().stream().allMatch(p -> p.hasClassicHistogramData());
            if (nativeBuckets && (histograms == Histograms.EXPONENTIAL || !classicBuckets)) {
                add(histogram, "", EXPONENTIAL, histogram.getDataPoints(), points::exponential);
            } else {
                add(histogram, "", HISTOGRAM, histogram.getDataPoints(), points::explicit);
            }
        }
    }

    private <P extends DataPointSnapshot> void add(
            MetricSnapshot family, String suffix, int kind, List<P> samples, Function<P, Proto> point) {
        if (samples.isEmpty()) {
            return;
        }
        String name = family.getMetadata().getPrometheusName() + suffix;
        String help = family.getMetadata().getHelp();
        Proto data = new Proto();
        for (P sample : samples) {
            data.message(1, point.apply(sample));
            if (metrics.size() + data.size() > largest) {
                metric(name, help, kind, data);
                data = new Proto();
                flush();
            }
        }
        if (data.size() > 0) {
            metric(name, help, kind, data);
        }
    }

    private void metric(String name, String help, int kind, Proto data) {
        if (kind == SUM) {
            data.varint(2, CUMULATIVE).varint(3, 1);
        } else if (kind == HISTOGRAM || kind == EXPONENTIAL) {
            data.varint(2, CUMULATIVE);
        }
        Proto metric = new Proto().text(1, name);
        if (help != null) {
            metric.text(2, help);
        }
        metrics.message(2, metric.message(kind, data));
    }

    private void flush() {
        if (metrics.size() == 0) {
            return;
        }
        Proto attributes = new Proto();
        resource.forEach((name, value) -> OtlpPoints.attribute(attributes, 1, name, value));
        // The scope comes before the metrics, which are the rest of the same message.
        Proto scope = new Proto().message(1, new Proto().text(1, "io.mlflowexporter"));
        scope.append(metrics);
        requests.add(new Proto()
                .message(1, new Proto().message(1, attributes).message(2, scope))
                .toByteArray());
        metrics = new Proto();
    }
}
