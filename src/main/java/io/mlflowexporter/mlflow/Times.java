package io.mlflowexporter.mlflow;

/** How times stand in the records of this package: Unix milliseconds in a {@code long}. */
public final class Times {
    /** MLflow gave no time, or one that could not be read. */
    public static final long ABSENT = Long.MIN_VALUE;

    private Times() {}
}
