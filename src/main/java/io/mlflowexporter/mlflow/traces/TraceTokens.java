package io.mlflowexporter.mlflow.traces;

/**
 * Tokens that a trace reports in {@code mlflow.trace.tokenUsage}; none is negative. {@code cacheRead} and {@code cacheCreation} are
 * part of {@code input} or beside it, as the provider has it.
 */
public record TraceTokens(long input, long output, long cacheRead, long cacheCreation) {
    public static final TraceTokens NONE = new TraceTokens(0, 0, 0, 0);
}
