package io.mlflowexporter.mlflow.rest.transport;

import java.time.Duration;

/** How much time requests have, each and all of one refresh. Safe for use by several threads. */
final class RefreshDeadline {
    /** A server that ends a request later than this worked on it: for the same again it would take as long. */
    private static final Duration LONG = Duration.ofSeconds(5);

    private final Duration readTimeout;
    private volatile long deadlineNanos =
            System.nanoTime() + Duration.ofDays(365).toNanos();
    /** One request that had so much time and was not answered is slow, however late in the refresh it was sent. */
    private volatile Duration enough;

    /** @param readTimeout of one request at most */
    RefreshDeadline(Duration readTimeout) {
        this.readTimeout = readTimeout;
        this.enough = readTimeout.dividedBy(2);
    }

    void set(Duration fromNow) {
        deadlineNanos = System.nanoTime() + fromNow.toNanos();
        enough = shorter(fromNow, readTimeout).dividedBy(2);
    }

    /** Of the refresh; negative after it is over. */
    Duration left() {
        return Duration.ofNanos(deadlineNanos - System.nanoTime());
    }

    /** Whether a request that was given so much time and not answered is slow, rather than sent too late. */
    boolean wasEnough(Duration limit) {
        return limit.compareTo(enough) >= 0;
    }

    /** Whether the server worked so long on a request that ended now that it would again. */
    boolean tookLong(long startedNanos) {
        return Duration.ofNanos(System.nanoTime() - startedNanos).compareTo(shorter(LONG, enough)) >= 0;
    }

    static Duration shorter(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }
}
