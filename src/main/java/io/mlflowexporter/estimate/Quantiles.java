package io.mlflowexporter.estimate;

import io.mlflowexporter.estimate.Estimate.KpiSpread;
import io.mlflowexporter.estimate.Estimate.Spread;
import java.util.List;

/**
 * Exact quantiles of a few values: between the two nearest in rank it is interpolated linearly, as spreadsheets and NumPy
 * do (type 7 in Hyndman and Fan, Sample Quantiles in Statistical Packages, 1996).
 */
final class Quantiles {
    private static final double TENTH = 0.1;
    private static final double HALF = 0.5;
    private static final double NINE_TENTHS = 0.9;

    private Quantiles() {}

    /** The quantile of at least one value. */
    static double of(List<Double> values, double share) {
        double[] sorted = values.stream().mapToDouble(it -> it).sorted().toArray();
        double rank = share * (sorted.length - 1);
        int below = (int) Math.floor(rank);
        int above = Math.min(below + 1, sorted.length - 1);
        double weight = rank - below;
        // Not as the difference, which overflows for values at both ends of the range.
        return weight == 0 ? sorted[below] : sorted[below] * (1 - weight) + sorted[above] * weight;
    }

    /** The mean of at least one value. */
    static double mean(List<Double> values) {
        double mean = 0;
        for (double value : values) {
            mean += value / values.size();
        }
        return mean;
    }

    static Spread spread(List<Double> values) {
        return new Spread(of(values, HALF), of(values, NINE_TENTHS), mean(values));
    }

    static KpiSpread kpi(List<Double> values) {
        return new KpiSpread(of(values, TENTH), of(values, HALF), of(values, NINE_TENTHS));
    }
}
