package io.mlflowexporter.web.metrics;

import java.time.Instant;
import java.util.Optional;

/**
 * Scrapes answered since the start.
 *
 * @param failed answered with an error, or left by the client before the end
 * @param last when the last was served
 */
public record ScrapeCounts(long served, long failed, Optional<Instant> last) {
    /** Where {@code /metrics} is not served, or not yet asked for. */
    public static final ScrapeCounts NONE = new ScrapeCounts(0, 0, Optional.empty());
}
