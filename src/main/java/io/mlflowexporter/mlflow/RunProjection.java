package io.mlflowexporter.mlflow;

import java.util.function.Predicate;

/**
 * Which tags, params and metrics of a run some indicator needs. The parser skips all others without making a string of
 * their values. Several pages may be parsed at the same time, so that each predicate must be safe for use by several
 * threads.
 */
public record RunProjection(Predicate<String> tags, Predicate<String> params, Predicate<String> metrics) {
    /** Keeps everything; for tests and comparisons. */
    public static RunProjection everything() {
        return new RunProjection(key -> true, key -> true, key -> true);
    }
}
