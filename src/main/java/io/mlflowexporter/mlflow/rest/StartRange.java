package io.mlflowexporter.mlflow.rest;

import io.mlflowexporter.metric.Times;

/**
 * A stretch of start times of runs, Unix milliseconds.
 *
 * @param from the first; {@link Times#ABSENT} for the beginning, runs without a start included
 * @param before the end, exclusive; {@link #OPEN} for none
 * @param token of the page to go on with inside the millisecond {@code from}, empty for its first
 */
record StartRange(long from, long before, String token) {
    static final long OPEN = Long.MAX_VALUE;

    StartRange(long from, long before) {
        this(from, before, "");
    }

    static StartRange openFrom(long from) {
        return new StartRange(from, OPEN);
    }
}
