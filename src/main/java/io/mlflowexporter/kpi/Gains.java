package io.mlflowexporter.kpi;

import io.mlflowexporter.catalog.KeptRows;
import io.mlflowexporter.metric.SlidingWindow;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/** How much better the best of an experiment's runs became inside windows that end now. */
final class Gains {
    /** Windows that costs are told of too. */
    static final List<SlidingWindow> WINDOWS = List.of(SlidingWindow.WEEK, SlidingWindow.THIRTY_DAYS);

    private static final int NO_ROW = -1;
    /** After those before each window: the best of all. */
    private static final int ALL = WINDOWS.size();

    /** Of a value: what it must become better by to be told. */
    private static final double LEAST = 1e-3;
    /** Of a value: less than this is rounding. */
    private static final double NOTHING = 1e-9;
    /** What is divided by less may come to no finite number. */
    private static final double SMALLEST = 1e-200;

    interface Better {
        boolean than(double value, double other);
    }

    private final Better better;
    private final int[] rows = new int[ALL + 1];
    private final double[] best = new double[ALL + 1];

    Gains(Better better) {
        this.better = better;
        clear();
    }

    /** Forgets all runs. */
    void clear() {
        Arrays.fill(rows, NO_ROW);
    }

    void add(int row, double value, long endedMillis, long nowMillis) {
        raise(ALL, row, value);
        for (int i = 0; i < ALL; i++) {
            if (endedMillis <= nowMillis - WINDOWS.get(i).millis()) {
                raise(i, row, value);
            }
        }
    }

    private void raise(int i, int row, double value) {
        if (rows[i] == NO_ROW || better.than(value, best[i])) {
            rows[i] = row;
            best[i] = value;
        }
    }

    /** Whether it is the best of any, so that without it another one is. */
    boolean holds(int row) {
        return Arrays.stream(rows).anyMatch(held -> held == row);
    }

    /** Until when a run lies on the side of each window's begin where it lies now, as {@link KeptRows.Sums#put} says it. */
    static long until(long endedMillis, long nowMillis) {
        for (SlidingWindow window : WINDOWS) {
            if (endedMillis > nowMillis - window.millis()) {
                return endedMillis + window.millis() - 1;
            }
        }
        return KeptRows.FOREVER;
    }

    /**
     * How much better, greater than 0; empty where it became better by less than counts, or nothing was known before the
     * window.
     *
     * @param least what counts; empty for a thousandth of the value
     */
    OptionalDouble in(SlidingWindow window, Optional<BigDecimal> least) {
        int i = WINDOWS.indexOf(window);
        double gain = Math.abs(best[ALL] - best[i]);
        double value = Math.max(Math.abs(best[ALL]), Math.abs(best[i]));
        double rounding = NOTHING * value;
        double counts = least.map(BigDecimal::doubleValue).orElse(LEAST * value) - rounding;
        return rows[i] == NO_ROW || gain <= rounding || gain < Math.max(counts, SMALLEST)
                ? OptionalDouble.empty()
                : OptionalDouble.of(gain);
    }
}
