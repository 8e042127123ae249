package io.mlflowexporter.mlflow.traces;

import io.mlflowexporter.metric.Times;
import java.util.List;
import java.util.Map;

/**
 * One LLM trace, reduced to what is counted. Previews, inputs and outputs are never part of it.
 *
 * @param workspace the workspace it was read from; empty where the server has none
 * @param id {@code trace_id}
 * @param name the name of the root span; may be empty
 * @param startMillis {@code request_time} in Unix milliseconds; {@link Times#ABSENT} where the server gives none
 * @param durationMillis {@link Times#ABSENT} while in progress, and where the server gives none
 * @param tokens {@link TraceTokens#NONE} where the trace reports none
 * @param costUsd the server's own estimate in USD; NaN where there is none
 * @param notes the tags and metadata that a {@link TraceProjection} asks for, by {@code tag:NAME} or {@code metadata:NAME}
 * @param unreadable fields that were there and not in a form that can be counted, such as a negative number of tokens
 */
public record Trace(
        String workspace,
        String experimentId,
        String id,
        String name,
        State state,
        long startMillis,
        long durationMillis,
        TraceTokens tokens,
        double costUsd,
        Map<String, String> notes,
        List<Assessment> assessments,
        List<String> unreadable) {
    /** How a trace ended. {@link #UNSPECIFIED} stands for every word that is none of the others. */
    public enum State {
        OK,
        ERROR,
        IN_PROGRESS,
        UNSPECIFIED
    }

    public Trace {
        notes = Map.copyOf(notes);
        assessments = List.copyOf(assessments);
        unreadable = List.copyOf(unreadable);
    }

    /** Unix milliseconds; {@link Times#ABSENT} while in progress, or where start or duration is missing. */
    public long endMillis() {
        return startMillis == Times.ABSENT || durationMillis == Times.ABSENT
                ? Times.ABSENT
                : startMillis + durationMillis;
    }
}
