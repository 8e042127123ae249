package io.mlflowexporter.audit;

import java.math.BigDecimal;

/** Durations by the buckets that {@code docs/metrics.md} names. */
final class Histogram {
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

    private Histogram() {}

    /** Counts a duration once. */
    static void observe(Sums sums, Series family, BigDecimal seconds) {
        for (double bound : BOUNDS) {
            sums.add(
                    new Series(family.name() + "_bucket", family.labels()).with("le", Double.toString(bound)),
                    seconds.doubleValue() <= bound ? 1 : 0);
        }
        sums.add(new Series(family.name() + "_count", family.labels()), 1);
        sums.add(new Series(family.name() + "_sum", family.labels()), seconds);
    }
}
