package io.mlflowexporter.metric;

import static org.assertj.core.api.Assertions.assertThat;

import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.NativeHistogramBucket;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Durations fall into the buckets that client_java's own histogram puts them in. */
final class NativeBucketsTest {
    private final DurationHistogram ours = new DurationHistogram();
    private final Histogram theirs = Histogram.builder()
            .name("reference_seconds")
            .classicUpperBounds(HistogramLayout.RUNS.upperBounds())
            .nativeInitialSchema(DurationHistogram.NATIVE_SCHEMA)
            .nativeMinZeroThreshold(DurationHistogram.ZERO_THRESHOLD)
            .nativeMaxZeroThreshold(DurationHistogram.ZERO_THRESHOLD)
            .nativeMaxNumberOfBuckets(0)
            .build();

    private void observe(double seconds) {
        ours.observe(seconds, "run", 0);
        theirs.observe(seconds);
    }

    private void compare() {
        HistogramDataPointSnapshot reference = theirs.collect().getDataPoints().get(0);
        TreeMap<Integer, Long> buckets = new TreeMap<>();
        for (NativeHistogramBucket bucket : reference.getNativeBucketsForPositiveValues()) {
            if (bucket.getCount() > 0) {
                buckets.put(bucket.getBucketIndex(), bucket.getCount());
            }
        }
        assertThat(ours.nativeCounts()).isEqualTo(buckets);
        assertThat(ours.zeroCount()).isEqualTo(reference.getNativeZeroCount());
        long[] classic = ours.classicCounts();
        for (int i = 0; i < classic.length; i++) {
            assertThat(classic[i])
                    .as("bucket %s", i)
                    .isEqualTo(reference.getClassicBuckets().getCount(i));
        }
        assertThat(ours.count()).isEqualTo(reference.getCount());
    }

    @Test
    void forDurationsOfAllSizes() {
        SplittableRandom random = new SplittableRandom(7);
        for (int i = 0; i < 50_000; i++) {
            observe(Math.pow(10, random.nextDouble(-5, 9)));
        }
        compare();
    }

    @Test
    void onTheBoundsAndNextToThem() {
        for (int exponent = -10; exponent < 30; exponent++) {
            double power = Math.scalb(1.0, exponent);
            observe(power);
            observe(Math.nextUp(power));
            observe(Math.nextDown(power));
        }
        for (double bound : HistogramLayout.RUNS.upperBounds()) {
            if (Double.isFinite(bound)) {
                observe(bound);
                observe(Math.nextUp(bound));
            }
        }
        observe(0);
        observe(DurationHistogram.ZERO_THRESHOLD);
        observe(Math.nextUp(DurationHistogram.ZERO_THRESHOLD));
        compare();
    }

    @Test
    void whenAddedUp() {
        DurationHistogram halves = new DurationHistogram();
        for (int i = 1; i <= 1_000; i++) {
            DurationHistogram one = new DurationHistogram();
            one.observe(i / 7.0, "run" + i, i);
            halves = halves.merge(one);
            observe(i / 7.0);
        }
        assertThat(halves.nativeCounts()).isEqualTo(ours.nativeCounts());
        assertThat(halves.classicCounts()).isEqualTo(ours.classicCounts());
        assertThat(halves.sum()).isEqualTo(ours.sum());
        compare();
    }
}
