package io.mlflowexporter.mlflow.rest.traces;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.mlflowexporter.metric.Times;
import io.mlflowexporter.mlflow.rest.pages.Json;
import io.mlflowexporter.mlflow.traces.Assessment;
import io.mlflowexporter.mlflow.traces.Trace;
import io.mlflowexporter.mlflow.traces.TraceProjection;
import io.mlflowexporter.mlflow.traces.TraceTokens;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Reads one trace ({@code TraceInfoV3}) from the token stream. Previews, inputs and outputs are skipped without a string being made
 * of them. Not safe for use by several threads.
 */
final class TraceParser {
    static final String TOKENS = "mlflow.trace.tokenUsage";
    static final String COST = "mlflow.trace.cost";
    private static final String NAME_TAG = "mlflow.traceName";
    private static final String JUDGE_COST = "mlflow.assessment.judgeCost";

    /** More is no number of tokens that one trace used. */
    private static final long MOST_TOKENS = 1_000_000_000_000L;

    /** More is nothing that one trace cost, USD. */
    private static final double MOST_COST = 1e9;

    private static final long LONGEST_MILLIS = 100L * 365 * 86_400_000;

    /** Of one trace; more are left out. */
    private static final int MOST_ASSESSMENTS = 1_000;

    private final String workspace;
    private final TraceProjection projection;

    private String id = "";
    private String experimentId = "";
    private String name = "";
    private Trace.State state = Trace.State.UNSPECIFIED;
    private long start;
    private long duration;
    private TraceTokens tokens = TraceTokens.NONE;
    private double cost;
    private Map<String, String> notes = Map.of();
    private List<Assessment> assessments = List.of();
    private List<String> unreadable = List.of();

    TraceParser(String workspace, TraceProjection projection) {
        this.workspace = workspace;
        this.projection = projection;
    }

    /** The trace at the parser's position. */
    Trace read(JsonParser parser) throws IOException {
        id = "";
        experimentId = "";
        name = "";
        state = Trace.State.UNSPECIFIED;
        start = Times.ABSENT;
        duration = Times.ABSENT;
        tokens = TraceTokens.NONE;
        cost = Double.NaN;
        notes = new HashMap<>();
        assessments = new ArrayList<>();
        unreadable = new ArrayList<>();
        Json.object(parser, this::field);
        return new Trace(
                workspace,
                experimentId,
                id,
                name,
                state,
                start,
                state == Trace.State.IN_PROGRESS ? Times.ABSENT : duration,
                tokens,
                cost,
                notes,
                assessments,
                unreadable);
    }

    private void field(String field, JsonParser value) throws IOException {
        switch (field) {
            case "trace_id" -> id = Json.text(value);
            case "trace_location" -> Json.object(value, this::location);
            case "request_time" -> {
                start = Json.instant(value);
                noted(field, start == Times.ABSENT && value.currentToken() != JsonToken.VALUE_NULL);
            }
            case "execution_duration" -> {
                duration = duration(value);
                noted(field, duration == Times.ABSENT && value.currentToken() != JsonToken.VALUE_NULL);
            }
            case "state" -> state = state(Json.text(value));
            case "trace_metadata" -> Json.object(value, this::metadata);
            case "tags" -> Json.object(value, this::tag);
            case "assessments" -> Json.array(value, this::assessment);
            default -> {
                // Previews, and what newer servers add.
            }
        }
    }

    private void noted(String field, boolean bad) {
        if (bad && !unreadable.contains(field)) {
            unreadable.add(field);
        }
    }

    private void location(String field, JsonParser value) throws IOException {
        if (field.equals("mlflow_experiment")) {
            Json.object(value, (name, id) -> {
                if (name.equals("experiment_id")) {
                    experimentId = Json.text(id);
                }
            });
        }
    }

    private static Trace.State state(String word) {
        return switch (word) {
            case "OK" -> Trace.State.OK;
            case "ERROR" -> Trace.State.ERROR;
            case "IN_PROGRESS" -> Trace.State.IN_PROGRESS;
            default -> Trace.State.UNSPECIFIED;
        };
    }

    /** Protobuf's duration in JSON: seconds with a fraction, and an "s". */
    private static long duration(JsonParser value) throws IOException {
        String text = value.currentToken() == JsonToken.VALUE_STRING && value.getTextLength() <= 32
                ? value.getText().strip()
                : "";
        if (!text.endsWith("s")) {
            return Times.ABSENT;
        }
        try {
            double millis = Double.parseDouble(text.substring(0, text.length() - 1)) * 1_000;
            return millis >= 0 && millis <= LONGEST_MILLIS ? Math.round(millis) : Times.ABSENT;
        } catch (NumberFormatException e) {
            return Times.ABSENT;
        }
    }

    private void metadata(String key, JsonParser value) throws IOException {
        if (key.equals(TOKENS)) {
            Optional<TraceTokens> read = Inner.read(value, TraceParser::tokens);
            tokens = read.orElse(TraceTokens.NONE);
            noted(key, read.isEmpty());
        } else if (key.equals(COST)) {
            Optional<Double> read = Inner.read(value, TraceParser::cost);
            cost = read.orElse(Double.NaN);
            noted(key, read.isEmpty());
        }
        if (projection.metadata().contains(key)) {
            notes.put("metadata:" + key, Json.text(value));
        }
    }

    private void tag(String key, JsonParser value) throws IOException {
        if (key.equals(NAME_TAG)) {
            name = Json.text(value);
        }
        if (projection.tags().contains(key)) {
            notes.put("tag:" + key, Json.text(value));
        }
    }

    private static Optional<TraceTokens> tokens(JsonParser json) throws IOException {
        long[] counts = new long[4];
        boolean[] good = {true};
        Json.object(json, (key, value) -> {
            int at = switch (key) {
                case "input_tokens" -> 0;
                case "output_tokens" -> 1;
                case "cache_read_input_tokens" -> 2;
                case "cache_creation_input_tokens" -> 3;
                default -> -1;
            };
            if (at >= 0 && value.currentToken() != JsonToken.VALUE_NULL) {
                counts[at] = Json.integer(value);
                good[0] &= counts[at] >= 0 && counts[at] <= MOST_TOKENS;
            }
        });
        return good[0] ? Optional.of(new TraceTokens(counts[0], counts[1], counts[2], counts[3])) : Optional.empty();
    }

    private static Optional<Double> cost(JsonParser json) throws IOException {
        double[] total = {Double.NaN};
        Json.object(json, (key, value) -> {
            if (key.equals("total_cost")) {
                total[0] = usd(value);
            }
        });
        return Double.isNaN(total[0]) ? Optional.empty() : Optional.of(total[0]);
    }

    /** What can be added up; NaN for everything else. */
    private static double usd(JsonParser value) throws IOException {
        OptionalDouble read = Json.number(value);
        return read.isPresent() && read.getAsDouble() >= 0 && read.getAsDouble() <= MOST_COST
                ? read.getAsDouble()
                : Double.NaN;
    }

    private void assessment(JsonParser element) throws IOException {
        String[] texts = {"", "", ""};
        double[] numbers = {Double.NaN, Double.NaN};
        long[] created = {Times.ABSENT};
        boolean[] flags = {false, true};
        Json.object(element, (field, value) -> {
            switch (field) {
                case "assessment_id" -> texts[0] = Json.text(value);
                case "assessment_name" -> texts[1] = Json.text(value);
                case "source" ->
                    Json.object(value, (key, text) -> {
                        if (key.equals("source_type")) {
                            texts[2] = Json.text(text);
                        }
                    });
                case "create_time" -> created[0] = Json.instant(value);
                case "feedback" -> {
                    flags[0] = value.currentToken() == JsonToken.START_OBJECT;
                    Json.object(value, (key, given) -> {
                        if (key.equals("value")) {
                            numbers[0] = score(given);
                        }
                    });
                }
                case "valid" -> flags[1] = value.currentToken() != JsonToken.VALUE_FALSE;
                case "metadata" ->
                    Json.object(value, (key, text) -> {
                        if (key.equals(JUDGE_COST)) {
                            numbers[1] = usd(text);
                            noted(key, Double.isNaN(numbers[1]));
                        }
                    });
                default -> {
                    // Expectations, which are none, rationales, and what newer servers add.
                }
            }
        });
        if (!flags[0]) {
            return;
        }
        if (assessments.size() >= MOST_ASSESSMENTS) {
            noted("assessments", true);
            return;
        }
        assessments.add(
                new Assessment(texts[0], texts[1], source(texts[2]), numbers[0], flags[1], created[0], numbers[1]));
    }

    private static Assessment.Source source(String word) {
        return switch (word) {
            case "HUMAN" -> Assessment.Source.HUMAN;
            case "LLM_JUDGE" -> Assessment.Source.LLM_JUDGE;
            case "CODE" -> Assessment.Source.CODE;
            default -> Assessment.Source.OTHER;
        };
    }

    /** As MLflow's own means take a value. */
    private static double score(JsonParser value) throws IOException {
        return switch (value.currentToken()) {
            case VALUE_TRUE -> 1;
            case VALUE_FALSE -> 0;
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> {
                double number = value.getDoubleValue();
                yield Double.isFinite(number) ? number : Double.NaN;
            }
            case VALUE_STRING ->
                switch (value.getTextLength() > 16
                        ? ""
                        : value.getText().strip().toLowerCase(Locale.ROOT)) {
                    case "yes" -> 1;
                    case "no" -> 0;
                    default -> Double.NaN;
                };
            default -> Double.NaN;
        };
    }

    /** JSON inside a text, as MLflow keeps what is more than a text in metadata. */
    private static final class Inner {
        private static final int LONGEST = 4_096;

        private interface Reader<T> {
            Optional<T> read(JsonParser json) throws IOException;
        }

        /** What the reader makes of it; empty where it is no whole object, too. */
        static <T> Optional<T> read(JsonParser value, Reader<T> reader) throws IOException {
            if (value.currentToken() != JsonToken.VALUE_STRING || value.getTextLength() > LONGEST) {
                return Optional.empty();
            }
            try (JsonParser json = Json.parser(value.getText())) {
                Optional<T> read = json.nextToken() == JsonToken.START_OBJECT ? reader.read(json) : Optional.empty();
                return json.nextToken() == null ? read : Optional.empty();
            } catch (IOException e) {
                return Optional.empty();
            }
        }
    }
}
