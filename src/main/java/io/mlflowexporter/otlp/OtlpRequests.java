package io.mlflowexporter.otlp;

import com.google.protobuf.Message;
import io.mlflowexporter.otlp.OtlpConfig.Histograms;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.AggregationTemporality;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import io.opentelemetry.proto.metrics.v1.ScopeMetrics;
import io.opentelemetry.proto.resource.v1.Resource;
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
import java.util.function.BiConsumer;
import java.util.function.Function;

/**
 * Families as OTLP's {@code ExportMetricsServiceRequest}s. Names are those of {@code /metrics}, suffixes included, and no
 * units are told, which receivers would put into the names once more.
 */
final class OtlpRequests {
    /** Well below what receivers accept: the collector takes 20 MiB. */
    static final int LARGEST_BYTES = 4 << 20;

    private static final AggregationTemporality CUMULATIVE = AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE;
    private static final InstrumentationScope SCOPE =
            InstrumentationScope.newBuilder().setName("io.mlflowexporter").build();

    private final Resource resource;
    private final Histograms histograms;
    private final OtlpPoints points;
    private final int largest;
    private final List<byte[]> requests = new ArrayList<>();
    private ScopeMetrics.Builder metrics = ScopeMetrics.newBuilder().setScope(SCOPE);
    /** Bytes of the metrics, about. */
    private int size;

    private OtlpRequests(Map<String, String> resource, Histograms histograms, Instant now, int largest) {
        List<KeyValue> attributes = new ArrayList<>();
        resource.forEach((name, value) -> attributes.add(OtlpPoints.attribute(name, value)));
        this.resource = Resource.newBuilder().addAllAttributes(attributes).build();
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
            add(
                    gauge,
                    "",
                    gauge.getDataPoints(),
                    p -> points.number(p, p.getValue()),
                    (metric, all) -> metric.getGaugeBuilder().addAllDataPoints(all));
        } else if (family instanceof CounterSnapshot counter) {
            add(
                    counter,
                    "_total",
                    counter.getDataPoints(),
                    p -> points.number(p, p.getValue()),
                    (metric, all) -> metric.getSumBuilder()
                            .setAggregationTemporality(CUMULATIVE)
                            .setIsMonotonic(true)
                            .addAllDataPoints(all));
        } else if (family instanceof InfoSnapshot info) {
            add(
                    info,
                    "_info",
                    info.getDataPoints(),
                    p -> points.number(p, 1),
                    (metric, all) -> metric.getGaugeBuilder().addAllDataPoints(all));
        } else if (family instanceof SummarySnapshot summary) {
            add(
                    summary,
                    "",
                    summary.getDataPoints(),
                    points::summary,
                    (metric, all) -> metric.getSummaryBuilder().addAllDataPoints(all));
        } else if (family instanceof HistogramSnapshot histogram) {
            boolean nativeBuckets = histogram.getDataPoints().stream().allMatch(p -> p.hasNativeHistogramData());
            boolean classicBuckets = histogram.getDataPoints().stream().allMatch(p -> p.hasClassicHistogramData());
            if (nativeBuckets && (histograms == Histograms.EXPONENTIAL || !classicBuckets)) {
                add(
                        histogram,
                        "",
                        histogram.getDataPoints(),
                        points::exponential,
                        (metric, all) -> metric.getExponentialHistogramBuilder()
                                .setAggregationTemporality(CUMULATIVE)
                                .addAllDataPoints(all));
            } else {
                add(
                        histogram,
                        "",
                        histogram.getDataPoints(),
                        points::explicit,
                        (metric, all) -> metric.getHistogramBuilder()
                                .setAggregationTemporality(CUMULATIVE)
                                .addAllDataPoints(all));
            }
        }
    }

    private <S extends DataPointSnapshot, P extends Message> void add(
            MetricSnapshot family,
            String suffix,
            List<S> samples,
            Function<S, P> point,
            BiConsumer<Metric.Builder, List<P>> put) {
        String help = family.getMetadata().getHelp();
        Metric metric = Metric.newBuilder()
                .setName(family.getMetadata().getPrometheusName() + suffix)
                .setDescription(help == null ? "" : help)
                .build();
        List<P> some = new ArrayList<>();
        for (S sample : samples) {
            if (some.isEmpty()) {
                size += metric.getSerializedSize();
            }
            P made = point.apply(sample);
            some.add(made);
            size += made.getSerializedSize();
            if (size > largest) {
                add(metric, some, put);
                flush();
            }
        }
        add(metric, some, put);
    }

    private <P> void add(Metric metric, List<P> some, BiConsumer<Metric.Builder, List<P>> put) {
        if (!some.isEmpty()) {
            Metric.Builder whole = metric.toBuilder();
            put.accept(whole, some);
            metrics.addMetrics(whole);
            some.clear();
        }
    }

    private void flush() {
        if (metrics.getMetricsCount() > 0) {
            requests.add(ExportMetricsServiceRequest.newBuilder()
                    .addResourceMetrics(
                            ResourceMetrics.newBuilder().setResource(resource).addScopeMetrics(metrics))
                    .build()
                    .toByteArray());
            metrics = ScopeMetrics.newBuilder().setScope(SCOPE);
            size = 0;
        }
    }
}
