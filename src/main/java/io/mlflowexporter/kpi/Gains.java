package io.mlflowexporter.kpi;

import java.time.Duration;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.BiPredicate;

/** How much better the best of an experiment's runs became inside windows that end now. */
final class Gains {
    /** By the labels that costs have for the same windows. */
    static final List<String> WINDOWS = List.of("7d", "30d");

    private static final long[] WINDOW_MILLIS = {
        Duration.ofDays(7).toMillis(), Duration.ofDays(30).toMillis()
    };

    private interface Better {
        boolean than(double value, double other);
    }

    private final Better better;
    private final long nowMillis;
    private double best = Double.NaN;
    /** By window, NaN where no run had ended before it. */
    private final double[] before = {Double.NaN, Double.NaN};

    Gains(BiPredicate<Double, Double> better, long nowMillis) {
        this.better = better::test;
        this.nowMillis = nowMillis;
    }

    void add(double value, long endedMillis) {
        best = better(value, best);
        for (int i = 0; i < WINDOW_MILLIS.length; i++) {
            if (endedMillis <= nowMillis - WINDOW_MILLIS[i]) {
                before[i] = better(value, before[i]);
            }
        }
    }

    private double better(double value, double than) {
        return Double.isNaN(than) || better.than(value, than) ? value : than;
    }

    /** How much better, greater than 0; empty where it became no better, or nothing was known before the window. */
    OptionalDouble in(String window) {
        double earlier = before[WINDOWS.indexOf(window)];
        return Double.isNaN(earlier) || best == earlier
                ? OptionalDouble.empty()
                : OptionalDouble.of(Math.abs(best - earlier));
    }
}
