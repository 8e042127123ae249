package io.mlflowexporter.mlflow.rest.transport;

import java.time.Duration;

/**
 * Lets so many requests a second through, and after a pause as many at once as a second allows. Safe for use by several
 * threads.
 */
final class RequestRate {
    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    private final long perRequest;
    /** When the next request would be due if they came evenly. */
    private long dueNanos;

    private boolean begun;

    RequestRate(int perSecond) {
        this.perRequest = SECOND / perSecond;
    }

    /** Counts a request and says how long to wait before it. */
    synchronized Duration next(long nowNanos) {
        if (!begun || nowNanos - dueNanos > SECOND - perRequest) {
            dueNanos = nowNanos - SECOND + perRequest;
            begun = true;
        }
        long wait = Math.max(0, dueNanos - nowNanos);
        dueNanos += perRequest;
        return Duration.ofNanos(wait);
    }
}
