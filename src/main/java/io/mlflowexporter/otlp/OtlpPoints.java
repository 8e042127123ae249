package io.mlflowexporter.otlp;

import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.Exemplar;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint.Buckets;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.metrics.v1.SummaryDataPoint;
import io.opentelemetry.proto.metrics.v1.SummaryDataPoint.ValueAtQuantile;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.DataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Exemplars;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.NativeHistogramBuckets;
import io.prometheus.metrics.model.snapshots.Quantile;
import io.prometheus.metrics.model.snapshots.SummarySnapshot.SummaryDataPointSnapshot;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;

/** Samples as OTLP's data points. */
final class OtlpPoints {
    private final long nowNanos;

    /** Points of one moment. */
    OtlpPoints(long nowNanos) {
        this.nowNanos = nowNanos;
    }

    NumberDataPoint number(DataPointSnapshot point, double value) {
        return NumberDataPoint.newBuilder()
                .setStartTimeUnixNano(start(point))
                .setTimeUnixNano(nowNanos)
                .setAsDouble(value)
                .addAllAttributes(attributes(point.getLabels()))
                .build();
    }

    HistogramDataPoint explicit(HistogramDataPointSnapshot point) {
        ClassicHistogramBuckets buckets = point.getClassicBuckets();
        HistogramDataPoint.Builder out = HistogramDataPoint.newBuilder()
                .setStartTimeUnixNano(start(point))
                .setTimeUnixNano(nowNanos)
                .setSum(point.getSum())
                .addAllExemplars(exemplars(point.getExemplars()))
                .addAllAttributes(attributes(point.getLabels()));
        long count = 0;
        for (int i = 0; i < buckets.size(); i++) {
            out.addBucketCounts(buckets.getCount(i));
            count += buckets.getCount(i);
            // The last bound is infinity, which OTLP leaves out.
            if (i < buckets.size() - 1) {
                out.addExplicitBounds(buckets.getUpperBound(i));
            }
        }
        return out.setCount(count).build();
    }

    /** A schema of Prometheus is a scale of OTLP. */
    ExponentialHistogramDataPoint exponential(HistogramDataPointSnapshot point) {
        return ExponentialHistogramDataPoint.newBuilder()
                .setStartTimeUnixNano(start(point))
                .setTimeUnixNano(nowNanos)
                .setCount(point.getNativeZeroCount()
                        + sum(point.getNativeBucketsForPositiveValues())
                        + sum(point.getNativeBucketsForNegativeValues()))
                .setSum(point.getSum())
                .setScale(point.getNativeSchema())
                .setZeroCount(point.getNativeZeroCount())
                .setZeroThreshold(point.getNativeZeroThreshold())
                .setPositive(buckets(point.getNativeBucketsForPositiveValues()))
                .setNegative(buckets(point.getNativeBucketsForNegativeValues()))
                .addAllExemplars(exemplars(point.getExemplars()))
                .addAllAttributes(attributes(point.getLabels()))
                .build();
    }

    SummaryDataPoint summary(SummaryDataPointSnapshot point) {
        SummaryDataPoint.Builder out = SummaryDataPoint.newBuilder()
                .setStartTimeUnixNano(start(point))
                .setTimeUnixNano(nowNanos)
                .setCount(point.getCount())
                .setSum(point.getSum())
                .addAllAttributes(attributes(point.getLabels()));
        for (Quantile quantile : point.getQuantiles()) {
            out.addQuantileValues(ValueAtQuantile.newBuilder()
                    .setQuantile(quantile.getQuantile())
                    .setValue(quantile.getValue()));
        }
        return out.build();
    }

    private static long sum(NativeHistogramBuckets buckets) {
        return IntStream.range(0, buckets.size()).mapToLong(buckets::getCount).sum();
    }

    /** All from the first to the last, empty ones too; Prometheus counts from a bucket's upper bound, OTLP from its lower. */
    private static Buckets buckets(NativeHistogramBuckets buckets) {
        if (buckets.size() == 0) {
            return Buckets.getDefaultInstance();
        }
        int first = buckets.getBucketIndex(0);
        Buckets.Builder out = Buckets.newBuilder().setOffset(first - 1);
        for (int i = 0; i < buckets.size(); i++) {
            while (first + out.getBucketCountsCount() < buckets.getBucketIndex(i)) {
                out.addBucketCounts(0);
            }
            out.addBucketCounts(buckets.getCount(i));
        }
        return out.build();
    }

    /** When counting began; 0, which stands for unknown, where that is not known. */
    private static long start(DataPointSnapshot point) {
        return point.hasCreatedTimestamp()
                ? TimeUnit.MILLISECONDS.toNanos(Math.max(0, point.getCreatedTimestampMillis()))
                : 0;
    }

    private static List<Exemplar> exemplars(Exemplars exemplars) {
        return StreamSupport.stream(exemplars.spliterator(), false)
                .map(exemplar -> Exemplar.newBuilder()
                        .setTimeUnixNano(TimeUnit.MILLISECONDS.toNanos(
                                exemplar.hasTimestamp() ? exemplar.getTimestampMillis() : 0))
                        .setAsDouble(exemplar.getValue())
                        .addAllFilteredAttributes(attributes(exemplar.getLabels()))
                        .build())
                .toList();
    }

    private static List<KeyValue> attributes(Labels labels) {
        return labels.stream()
                .map(label -> attribute(label.getName(), label.getValue()))
                .toList();
    }

    static KeyValue attribute(String name, String value) {
        return KeyValue.newBuilder()
                .setKey(name)
                .setValue(AnyValue.newBuilder().setStringValue(value))
                .build();
    }
}
