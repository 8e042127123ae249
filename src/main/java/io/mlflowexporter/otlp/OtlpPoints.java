package io.mlflowexporter.otlp;

import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.DataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Exemplar;
import io.prometheus.metrics.model.snapshots.Exemplars;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Label;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.NativeHistogramBuckets;
import io.prometheus.metrics.model.snapshots.Quantile;
import io.prometheus.metrics.model.snapshots.SummarySnapshot.SummaryDataPointSnapshot;
import java.util.concurrent.TimeUnit;

/**
 * Samples as OTLP's data points. Numbers of fields are those of {@code opentelemetry/proto/metrics/v1/metrics.proto},
 * which are stable since OTLP 1.0.
 */
final class OtlpPoints {
    private final long nowNanos;

    /** Points of one moment. */
    OtlpPoints(long nowNanos) {
        this.nowNanos = nowNanos;
    }

    /** {@code NumberDataPoint}. */
    Proto number(DataPointSnapshot point, double value) {
        Proto out = new Proto();
        times(out, point);
        out.real(4, value);
        attributes(out, 7, point.getLabels());
        return out;
    }

    /** {@code HistogramDataPoint}. */
    Proto explicit(HistogramDataPointSnapshot point) {
        ClassicHistogramBuckets buckets = point.getClassicBuckets();
        long[] counts = new long[buckets.size()];
        // The last bound is infinity, which OTLP leaves out.
        long[] bounds = new long[Math.max(0, buckets.size() - 1)];
        long count = 0;
        for (int i = 0; i < counts.length; i++) {
            counts[i] = buckets.getCount(i);
            count += counts[i];
            if (i < bounds.length) {
                bounds[i] = Double.doubleToRawLongBits(buckets.getUpperBound(i));
            }
        }
        Proto out = new Proto();
        times(out, point);
        out.fixed64(4, count).real(5, point.getSum());
        out.packedFixed64(6, counts).packedFixed64(7, bounds);
        exemplars(out, 8, point.getExemplars());
        attributes(out, 9, point.getLabels());
        return out;
    }

    /** {@code ExponentialHistogramDataPoint}; a schema of Prometheus is a scale of OTLP. */
    Proto exponential(HistogramDataPointSnapshot point) {
        Proto out = new Proto();
        attributes(out, 1, point.getLabels());
        times(out, point);
        long count = point.getNativeZeroCount()
                + sum(point.getNativeBucketsForPositiveValues())
                + sum(point.getNativeBucketsForNegativeValues());
        out.fixed64(4, count).real(5, point.getSum()).zigzag(6, point.getNativeSchema());
        out.fixed64(7, point.getNativeZeroCount());
        buckets(out, 8, point.getNativeBucketsForPositiveValues());
        buckets(out, 9, point.getNativeBucketsForNegativeValues());
        exemplars(out, 11, point.getExemplars());
        out.real(14, point.getNativeZeroThreshold());
        return out;
    }

    /** {@code SummaryDataPoint}. */
    Proto summary(SummaryDataPointSnapshot point) {
        Proto out = new Proto();
        times(out, point);
        out.fixed64(4, point.getCount()).real(5, point.getSum());
        for (Quantile quantile : point.getQuantiles()) {
            out.message(6, new Proto().real(1, quantile.getQuantile()).real(2, quantile.getValue()));
        }
        attributes(out, 7, point.getLabels());
        return out;
    }

    private static long sum(NativeHistogramBuckets buckets) {
        long sum = 0;
        for (int i = 0; i < buckets.size(); i++) {
            sum += buckets.getCount(i);
        }
        return sum;
    }

    /** All from the first to the last, empty ones too; Prometheus counts from a bucket's upper bound, OTLP from its lower. */
    private static void buckets(Proto out, int field, NativeHistogramBuckets buckets) {
        if (buckets.size() == 0) {
            return;
        }
        int first = buckets.getBucketIndex(0);
        long[] counts = new long[buckets.getBucketIndex(buckets.size() - 1) - first + 1];
        for (int i = 0; i < buckets.size(); i++) {
            counts[buckets.getBucketIndex(i) - first] = buckets.getCount(i);
        }
        out.message(field, new Proto().zigzag(1, first - 1).packedVarints(2, counts));
    }

    private void times(Proto out, DataPointSnapshot point) {
        if (point.hasCreatedTimestamp() && point.getCreatedTimestampMillis() > 0) {
            out.fixed64(2, TimeUnit.MILLISECONDS.toNanos(point.getCreatedTimestampMillis()));
        }
        out.fixed64(3, nowNanos);
    }

    private static void exemplars(Proto out, int field, Exemplars exemplars) {
        for (Exemplar exemplar : exemplars) {
            Proto one = new Proto();
            if (exemplar.hasTimestamp()) {
                one.fixed64(2, TimeUnit.MILLISECONDS.toNanos(exemplar.getTimestampMillis()));
            }
            one.real(3, exemplar.getValue());
            attributes(one, 7, exemplar.getLabels());
            out.message(field, one);
        }
    }

    private static void attributes(Proto out, int field, Labels labels) {
        for (Label label : labels) {
            attribute(out, field, label.getName(), label.getValue());
        }
    }

    /** {@code KeyValue} with a text. */
    static void attribute(Proto out, int field, String name, String value) {
        out.message(field, new Proto().text(1, name).message(2, new Proto().text(1, value)));
    }
}
