package io.mlflowexporter.mlflow.traces;

/**
 * Feedback on a trace. Expectations, which say what an answer should have been, are none.
 *
 * @param score 1 for true and "yes", 0 for false and "no", a number as it is; NaN for every other value
 * @param valid false where a later assessment overrides it
 * @param createdMillis Unix milliseconds, or {@link io.mlflowexporter.metric.Times#ABSENT}
 * @param judgeCostUsd {@code mlflow.assessment.judgeCost}; NaN where there is none
 */
public record Assessment(
        String id, String name, Source source, double score, boolean valid, long createdMillis, double judgeCostUsd) {
    /** Who assessed. */
    public enum Source {
        HUMAN,
        LLM_JUDGE,
        CODE,
        OTHER
    }
}
