package io.mlflowexporter.mlflow.rest;

import java.time.Duration;

/**
 * How many runs to ask for at once: what past pages took in bytes and in time, up to the number configured. It shrinks
 * by what a page was too much and grows by a quarter at a time, so that a few large runs do not slow down the rest for
 * long.
 */
final class PageSize {
    /** A page that a server makes, and this exporter holds, without pain. */
    private static final double BYTES = 16 << 20;

    private static final double NANOS = Duration.ofSeconds(10).toNanos();
    private static final double MOST_AT_ONCE = 8;

    /** How much of the largest answer accepted a page may fill: runs differ in size. */
    private static final double FULL = 0.8;

    private final int most;
    private final double goodBytes;
    private int runs;

    /**
     * Begins with the most.
     *
     * @param maxBytes the largest answer accepted
     */
    PageSize(int most, long maxBytes) {
        this.most = most;
        this.goodBytes = Math.min(BYTES, FULL * maxBytes);
        this.runs = most;
    }

    int runs() {
        return runs;
    }

    /** Learns from a page that came whole. */
    void took(int got, long bytes, long nanos) {
        double burden = Math.max(bytes / goodBytes, nanos / NANOS);
        if (burden > 1 && got > 1) {
            runs = Math.max(1, Math.min(runs, (int) (got / Math.min(MOST_AT_ONCE, burden))));
        } else if (burden < 0.5) {
            runs = (int) Math.min(most, runs + Math.max(1L, runs / 4));
        }
    }

    void tooLarge(int asked) {
        runs = Math.max(1, asked / 2);
    }

    /** The next attempt asks for less; not this one, as the server is busy with what it was asked for. */
    void tooSlow(int asked) {
        runs = Math.max(1, Math.min(runs, asked / 4));
    }
}
