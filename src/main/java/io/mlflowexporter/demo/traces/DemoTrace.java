package io.mlflowexporter.demo.traces;

import java.util.List;
import java.util.Map;

/**
 * A trace as it looks at one moment.
 *
 * @param startMillis Unix milliseconds
 * @param durationMillis {@link #NONE} while in progress
 * @param state OK, ERROR or IN_PROGRESS
 * @param calls of language models
 */
public record DemoTrace(
        String id,
        String experimentId,
        String name,
        long startMillis,
        long durationMillis,
        String state,
        Map<String, String> metadata,
        Map<String, String> tags,
        String preview,
        List<Call> calls,
        List<Feedback> feedback) {
    /** No duration. */
    public static final long NONE = -1;

    /**
     * One call of a language model, which is a span.
     *
     * @param inputCost USD; NaN where the server cannot price the model
     */
    public record Call(
            String model,
            String provider,
            long input,
            long output,
            long cacheRead,
            double inputCost,
            double outputCost) {
        boolean priced() {
            return !Double.isNaN(inputCost);
        }
    }

    /**
     * An assessment.
     *
     * @param kind feedback or expectation
     * @param value JSON
     * @param source HUMAN, LLM_JUDGE or CODE
     * @param judgeCost USD as MLflow writes it; empty for none
     */
    public record Feedback(
            String id, String name, String kind, String value, String source, long createdMillis, String judgeCost) {}

    /** As MLflow has it: a trace without a duration ended when it started. */
    public long endMillis() {
        return startMillis + Math.max(0, durationMillis);
    }
}
