package io.mlflowexporter.mlflow.rest.traces;

import static io.mlflowexporter.testing.ScriptedServer.json;
import static io.mlflowexporter.testing.ScriptedServer.status;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.mlflowexporter.testing.ScriptedServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** A search for traces as MLflow answers it, of traces without contents. */
final class TraceServer implements AutoCloseable {
    private static final JsonMapper JSON = new JsonMapper();
    private static final Pattern CONDITION = Pattern.compile("trace\\.(\\w+) (=|!=|>=|<|>) ('?[^' ]+'?)");

    /** @param duration milliseconds, -1 while in progress */
    record Row(String id, String experiment, long start, long duration) {
        long end() {
            return start + Math.max(0, duration);
        }

        boolean inProgress() {
            return duration < 0;
        }
    }

    final ScriptedServer server = ScriptedServer.start();
    final List<Row> rows = new ArrayList<>();
    /** What a page holds at most, whatever is asked for. */
    int page = 500;

    boolean knowsEndTime = true;

    TraceServer() {
        server.otherwise(request -> {
            try {
                return answer(JSON.readTree(request.body()));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    private ScriptedServer.Answer answer(JsonNode asked) {
        String filter = asked.path("filter").asText("");
        if (!knowsEndTime && filter.contains("end_time_ms")) {
            return status(
                    400,
                    "{\"error_code\": \"INVALID_PARAMETER_VALUE\","
                            + " \"message\": \"Invalid attribute key 'end_time_ms' specified.\"}");
        }
        Set<String> experiments = new HashSet<>();
        asked.path("locations")
                .forEach(at -> experiments.add(
                        at.path("mlflow_experiment").path("experiment_id").asText()));
        List<Row> found = rows.stream()
                .filter(row -> experiments.contains(row.experiment()) && matches(row, filter))
                .sorted(Comparator.comparingLong(Row::start))
                .toList();
        int most = Math.min(page, asked.path("max_results").asInt());
        int offset = Integer.parseInt("0" + asked.path("page_token").asText(""));
        int end = Math.min(found.size(), offset + most);
        String traces =
                found.subList(offset, end).stream().map(TraceServer::text).collect(Collectors.joining(","));
        // As MLflow, which gives a token after every full page.
        String token = end - offset == most ? ",\"next_page_token\":\"" + end + "\"" : "";
        return json("{\"traces\":[" + traces + "]" + token + "}");
    }

    private static boolean matches(Row row, String filter) {
        Matcher conditions = CONDITION.matcher(filter);
        while (conditions.find()) {
            boolean met = switch (conditions.group(1)) {
                case "status" -> row.inProgress() == conditions.group(2).equals("=");
                case "timestamp_ms" -> met(row.start(), conditions);
                case "end_time_ms" -> met(row.end(), conditions);
                case "execution_time_ms" -> !row.inProgress() && met(row.duration(), conditions);
                default -> throw new AssertionError(filter);
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

    private static String text(Row row) {
        return "{\"trace_id\":\"" + row.id() + "\",\"trace_location\":{\"mlflow_experiment\":{\"experiment_id\":\""
                + row.experiment() + "\"}},\"request_time\":\"" + Instant.ofEpochMilli(row.start()) + "\","
                + (row.inProgress() ? "" : "\"execution_duration\":\"" + row.duration() / 1e3 + "s\",")
                + "\"state\":\"" + (row.inProgress() ? "IN_PROGRESS" : "OK") + "\"}";
    }

    @Override
    public void close() {
        server.close();
    }
}
