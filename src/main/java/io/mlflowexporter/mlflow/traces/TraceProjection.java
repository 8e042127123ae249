package io.mlflowexporter.mlflow.traces;

import java.util.Set;

/**
 * The tags and metadata of a trace that something is computed from, by name. All others are skipped while parsing.
 */
public record TraceProjection(Set<String> tags, Set<String> metadata) {
    public static final TraceProjection NOTHING = new TraceProjection(Set.of(), Set.of());

    public TraceProjection {
        tags = Set.copyOf(tags);
        metadata = Set.copyOf(metadata);
    }
}
