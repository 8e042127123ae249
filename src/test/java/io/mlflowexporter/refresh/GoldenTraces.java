package io.mlflowexporter.refresh;

import io.mlflowexporter.testing.ScriptedServer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** LLM traces of one experiment, answered as MLflow does, by hours before a time: something of all that is kept of traces. */
final class GoldenTraces {
    private static final Pattern CONDITION = Pattern.compile("trace\\.(\\w+) (=|!=|>=|<) '?([A-Z_0-9]+)");
    private static final long MINUTE = 60_000;

    private record Row(long start, long duration, String text) {}

    private final List<Row> rows = new ArrayList<>();

    /** @param at Unix milliseconds */
    GoldenTraces(String experiment, long at) {
        for (int i = 0; i < 40; i++) {
            long start = at - i * 37L * MINUTE;
            boolean running = i % 20 == 1;
            long duration = running ? -1 : 40L << (i % 12);
            rows.add(0, new Row(start, duration, text(experiment, i, start, duration)));
        }
    }

    private static String text(String experiment, int i, long start, long duration) {
        String state = duration < 0 ? "IN_PROGRESS" : i % 5 == 0 ? "ERROR" : "OK";
        String ended = duration < 0 ? "" : "\"execution_duration\":\"" + duration / 1e3 + "s\",";
        String cost = i % 3 == 0 ? "" : ",\"mlflow.trace.cost\":\"{\\\"total_cost\\\":" + i / 64.0 + "}\"";
        String feedback = i % 4 != 0
                ? ""
                : "{\"assessment_id\":\"a" + i
                        + "\",\"assessment_name\":\"relevance\",\"source\":{\"source_type\":\"LLM_JUDGE\"},"
                        + "\"create_time\":\"" + Instant.ofEpochMilli(start)
                        + "\",\"feedback\":{\"value\":0.75},\"valid\":true,"
                        + "\"metadata\":{\"mlflow.assessment.judgeCost\":\"0.125\"}}";
        return "{\"trace_id\":\"tr-" + i
                + "\",\"trace_location\":{\"type\":\"MLFLOW_EXPERIMENT\",\"mlflow_experiment\":"
                + "{\"experiment_id\":\"" + experiment + "\"}},\"request_time\":\"" + Instant.ofEpochMilli(start)
                + "\","
                + ended + "\"state\":\"" + state + "\",\"trace_metadata\":{\"mlflow.trace.tokenUsage\":"
                + "\"{\\\"input_tokens\\\":" + 100 * i + ",\\\"output_tokens\\\":" + i + "}\"" + cost + "},"
                + "\"tags\":{\"team\":\"team " + i % 2 + "\",\"mlflow.traceName\":\"agent\"},\"assessments\":["
                + feedback
                + "]}";
    }

    /** What the server answers to a search. */
    ScriptedServer.Answer answer(String body, String experiment) {
        List<String> found = new ArrayList<>();
        if (body.contains("\"" + experiment + "\"")) {
            rows.stream().filter(row -> matches(row, body)).forEach(row -> found.add(row.text()));
        }
        return ScriptedServer.json("{\"traces\":[" + String.join(",", found) + "]}");
    }

    private static boolean matches(Row row, String filter) {
        Matcher conditions = CONDITION.matcher(filter);
        while (conditions.find()) {
            boolean met = switch (conditions.group(1)) {
                case "status" -> (row.duration() < 0) == conditions.group(2).equals("=");
                case "timestamp_ms" -> met(row.start(), conditions);
                case "end_time_ms" -> row.duration() >= 0 && met(row.start() + row.duration(), conditions);
                default -> true;
            };
            if (!met) {
                return false;
            }
        }
        return true;
    }

    private static boolean met(long value, Matcher condition) {
        long bound = Long.parseLong(condition.group(3));
        return condition.group(2).equals("<") ? value < bound : value >= bound;
    }
}
