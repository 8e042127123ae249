package io.mlflowexporter.exposition;

import io.mlflowexporter.metric.Family;
import java.time.Instant;
import java.util.List;

/**
 * Families that come and go together.
 *
 * @param name for messages
 * @param families as the indicators computed them; rendered later and by other threads, so neither the lists nor the
 *     histograms in them may change afterwards
 * @param expiresAt the last instant at which they may be served; {@link Instant#MAX} for never withdrawn
 */
public record SectionInput(String name, List<Family> families, Instant expiresAt) {
    public SectionInput {
        families = List.copyOf(families);
    }
}
