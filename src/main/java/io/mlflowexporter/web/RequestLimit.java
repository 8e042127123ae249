package io.mlflowexporter.web;

import io.mlflowexporter.config.WebFile.RateLimit;
import java.time.Duration;
import java.time.Instant;

/** A token bucket for all requests together; begins anew where the limit itself was changed. */
final class RequestLimit {
    private RateLimit limit = new RateLimit(Duration.ZERO, 0);
    private double tokens;
    private Instant filledAt = Instant.MIN;

    /** Takes a token if there is one. */
    synchronized boolean allows(RateLimit wanted, Instant now) {
        if (wanted.interval().isZero()) {
            return true;
        }
        if (!wanted.equals(limit)) {
            limit = wanted;
            tokens = wanted.burst();
            filledAt = now;
        }
        double earned = (double) Duration.between(filledAt, now).toNanos()
                / wanted.interval().toNanos();
        tokens = Math.min(wanted.burst(), tokens + Math.max(0, earned));
        filledAt = now;
        if (tokens < 1) {
            return false;
        }
        tokens--;
        return true;
    }
}
