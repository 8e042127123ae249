package io.mlflowexporter.exposition;

import java.util.Set;

/**
 * What a scrape asks for.
 *
 * @param accept the header, empty where there is none
 * @param gzip whether the body may be compressed
 * @param names families or samples wanted; empty for all
 */
public record ScrapeRequest(String accept, boolean gzip, Set<String> names) {
    public ScrapeRequest {
        names = Set.copyOf(names);
    }
}
