package io.mlflowexporter.metric;

/** How times stand in the records of this package: Unix milliseconds in a {@code long}. */
public final class Times {
    /** MLflow gave no time, or one that could not be read. */
    public static final long ABSENT = Long.MIN_VALUE;

    /**
     * So far the clocks of the exporter, of MLflow and of the machines that write to it may differ; what contradicts by
     * more is not a matter of clocks.
     */
    public static final long GREATEST_SKEW_MILLIS = 2 * 3_600_000;

    private Times() {}
}
