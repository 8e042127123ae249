package io.mlflowexporter.metric;

import java.util.Arrays;
import java.util.stream.IntStream;

/** Classic buckets of a histogram of durations, and what its exemplars are. */
public enum HistogramLayout {
    /** Runs and what goes with them: 1 s to 7 d. */
    RUNS("run_id", 1, 5, 15, 30, 60, 120, 300, 600, 1_800, 3_600, 7_200, 14_400, 28_800, 86_400, 172_800, 604_800),
    /**
     * LLM traces: 0.01 to 81.92 s, each twice the one before, as the OpenTelemetry conventions for generative AI advise, and on to
     * 655.36.
     */
    TRACES(
            "trace_id",
            // Of the hundredth, so that 81.92 is 81.92.
            IntStream.range(0, 17).mapToDouble(i -> (1L << i) / 100.0).toArray());

    private final String exemplarLabel;
    /** Never changed and never handed out. */
    @SuppressWarnings("ImmutableEnumChecker")
    private final double[] upperBounds;

    HistogramLayout(String exemplarLabel, double... upperBounds) {
        this.exemplarLabel = exemplarLabel;
        this.upperBounds = upperBounds;
    }

    /** The label of an exemplar, whose value is an id. */
    public String exemplarLabel() {
        return exemplarLabel;
    }

    /** Upper bounds of the buckets in seconds, the last of them infinite. */
    public double[] upperBounds() {
        double[] bounds = Arrays.copyOf(upperBounds, upperBounds.length + 1);
        bounds[upperBounds.length] = Double.POSITIVE_INFINITY;
        return bounds;
    }

    /** How many buckets there are, the infinite one included. */
    public int buckets() {
        return upperBounds.length + 1;
    }

    /** The index of the bucket that holds a number of seconds. */
    public int bucket(double seconds) {
        int at = Arrays.binarySearch(upperBounds, seconds);
        return at >= 0 ? at : -at - 1;
    }
}
