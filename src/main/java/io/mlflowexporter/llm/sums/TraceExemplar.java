package io.mlflowexporter.llm.sums;

/**
 * A trace that fell into a bucket.
 *
 * @param timestampMillis when it ended, Unix milliseconds
 */
public record TraceExemplar(String traceId, double seconds, long timestampMillis) {}
