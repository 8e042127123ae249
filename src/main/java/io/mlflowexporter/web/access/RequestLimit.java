package io.mlflowexporter.web.access;

import io.mlflowexporter.web.access.WebFile.RateLimit;
import java.time.Duration;

/**
 * A token bucket for all requests together, which starts full where the limit itself was changed. Times are readings of a
 * monotonic clock in nanoseconds.
 */
final class RequestLimit {
    private RateLimit limit = new RateLimit(Duration.ZERO, 0);
    private double tokens;
    private long filledAt;

    /** Takes a token if there is one. */
    synchronized boolean allows(RateLimit wanted, long now) {
        if (wanted.interval().isZero()) {
            return true;
        }
        if (!wanted.equals(limit)) {
            limit = wanted;
            tokens = wanted.burst();
            filledAt = now;
        }
        double earned = (double) (now - filledAt) / wanted.interval().toNanos();
        tokens = Math.min(wanted.burst(), tokens + Math.max(0, earned));
        filledAt = now;
        if (tokens < 1) {
            return false;
        }
        tokens--;
        return true;
    }
}
