package io.mlflowexporter.mlflow.rest;

import io.mlflowexporter.mlflow.Times;

/**
 * A stretch of start times of runs, Unix milliseconds.
 *
 * @param from the first; {@link Times#ABSENT} for the beginning, runs without a start included
 * @param before the end, exclusive; {@link #OPEN} for none
 * @param token of the page to go on with inside the millisecond {@code from}, empty for its first
 */
record Stretch(long from, long before, String token) {
    static final long OPEN = Long.MAX_VALUE;

    Stretch(long from, long before) {
        this(from, before, "");
    }

    static Stretch openFrom(long from) {
        return new Stretch(from, OPEN);
    }
}
