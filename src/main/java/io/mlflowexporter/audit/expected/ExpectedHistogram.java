package io.mlflowexporter.audit.expected;

import java.math.BigDecimal;

/** Durations by the buckets that {@code docs/metrics.md} names. */
public final class ExpectedHistogram {
    private static final double[] BOUNDS = {
        1,
        5,
        15,
        30,
        60,
        120,
        300,
        600,
        1_800,
        3_600,
        7_200,
        14_400,
        28_800,
        86_400,
        172_800,
        604_800,
        Double.POSITIVE_INFINITY
    };

    private ExpectedHistogram() {}

    /** Counts a duration once. */
    public static void observe(ExpectedSeries sums, SeriesName family, BigDecimal seconds) {
        for (double bound : BOUNDS) {
            sums.add(
                    new SeriesName(family.name() + "_bucket", family.labels()).with("le", Double.toString(bound)),
                    seconds.doubleValue() <= bound ? 1 : 0);
        }
        sums.add(new SeriesName(family.name() + "_count", family.labels()), 1);
        sums.add(new SeriesName(family.name() + "_sum", family.labels()), seconds);
    }
}
