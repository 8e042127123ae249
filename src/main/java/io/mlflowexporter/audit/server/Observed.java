package io.mlflowexporter.audit.server;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What the exporter says it saw of runs that MLflow does not keep, {@code /api/v1/observed-runs}: nobody can recompute
 * from MLflow when a run waited or was resumed. What follows from it is recomputed.
 *
 * @param snapshot as of when
 * @param complete false where the exporter left some out
 */
public record Observed(Instant snapshot, boolean complete, Map<String, Run> runs) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * Of one run; times are Unix milliseconds.
     *
     * @param known false where nobody asked the exporter
     * @param gaps beginnings and ends in the order in which they were seen, {@code Long.MIN_VALUE} for a beginning before
     *     all times
     * @param waitingSince since when it waits again
     * @param countedStatus how it first ended, of one that was resumed; else empty
     * @param countedMillis how long it had run then; empty where that is not counted
     */
    public record Run(
            boolean known,
            List<long[]> gaps,
            OptionalLong waitingSince,
            boolean resumed,
            Optional<String> countedStatus,
            OptionalLong countedMillis) {
        static final Run UNKNOWN = nothing(false);
        static final Run NOTHING = nothing(true);

        private static Run nothing(boolean known) {
            return new Run(known, List.of(), OptionalLong.empty(), false, Optional.empty(), OptionalLong.empty());
        }

        /** When it was last seen to begin to run; {@code Long.MIN_VALUE} where it was not. */
        public long seenToRun() {
            return gaps.isEmpty() ? Long.MIN_VALUE : gaps.get(gaps.size() - 1)[1];
        }
    }

    public Observed {
        runs = Map.copyOf(runs);
    }

    public Run of(String runId) {
        return runs.getOrDefault(runId, Run.NOTHING);
    }

    /**
     * Reads the exporter's answer.
     *
     * @throws IOException if it is none, with a line for the user
     */
    public static Observed read(String answer) throws IOException {
        try {
            JsonNode root = JSON.readTree(answer);
            Map<String, Run> runs = new HashMap<>();
            root.required("runs").forEach(run -> runs.put(run.required("id").asText(), run(run)));
            return new Observed(
                    Instant.parse(root.required("snapshot").asText()),
                    root.required("left_out").asInt() == 0,
                    runs);
        } catch (JsonProcessingException | IllegalArgumentException | DateTimeException e) {
            throw new IOException("the exporter's answer is not about observed runs: " + e.getMessage(), e);
        }
    }

    private static Run run(JsonNode run) {
        List<long[]> gaps = new ArrayList<>();
        run.required("gaps")
                .forEach(gap -> gaps.add(new long[] {
                    gap.path("from").asLong(Long.MIN_VALUE),
                    gap.required("until").asLong()
                }));
        JsonNode status = run.path("counted_status");
        return new Run(
                true,
                gaps,
                time(run.path("waiting_since")),
                run.required("resumed").asBoolean(),
                status.isTextual() ? Optional.of(status.asText()) : Optional.empty(),
                time(run.path("counted_millis")));
    }

    private static OptionalLong time(JsonNode time) {
        return time.isNumber() ? OptionalLong.of(time.asLong()) : OptionalLong.empty();
    }
}
