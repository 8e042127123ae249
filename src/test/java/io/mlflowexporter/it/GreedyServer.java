package io.mlflowexporter.it;

import io.mlflowexporter.testing.ScriptedServer;
import io.mlflowexporter.testing.ScriptedServer.Answer;
import io.mlflowexporter.testing.ScriptedServer.Request;
import java.net.URI;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * An MLflow with one experiment, run, model and version, some of whose endpoints give what a test says, until it is good
 * again.
 */
final class GreedyServer implements AutoCloseable {
    private static final Pattern OFFSET = Pattern.compile("page_token(?:\":\"|=)([0-9]+)");
    private static final Pattern MOST = Pattern.compile("max_results(?:\":|=)([0-9]+)");
    private static final Pattern FROM = Pattern.compile("start_time >= ([0-9]+)");
    private static final long START = 1_700_000_000_000L;

    private final ScriptedServer server = ScriptedServer.start();
    private final Map<String, Function<Request, String>> bad = new ConcurrentHashMap<>();
    private final AtomicInteger refreshes = new AtomicInteger();

    GreedyServer() {
        server.otherwise(this::answer);
    }

    URI uri() {
        return server.uri();
    }

    /** How many refreshes have begun. */
    int refreshes() {
        return refreshes.get();
    }

    /** From now on an endpoint gives these bodies. */
    GreedyServer gives(String endpoint, Function<Request, String> body) {
        bad.put(endpoint, body);
        return this;
    }

    /** From now on there is nothing special about it. */
    void isGood() {
        bad.clear();
    }

    private Answer answer(Request request) {
        String endpoint = request.endpoint();
        if (endpoint.equals("experiments/search") && !request.body().contains("page_token")) {
            // A first page: each refresh begins with one.
            refreshes.incrementAndGet();
        }
        if (endpoint.equals("version")) {
            return ScriptedServer.status(200, "3.1.0");
        }
        Function<Request, String> special = bad.get(endpoint);
        if (special != null) {
            return ScriptedServer.json(special.apply(request));
        }
        return switch (endpoint) {
            case "experiments/search" ->
                ScriptedServer.json(page("experiments", 0, 1, i -> experiment(i, "e" + i, "")));
            case "runs/search" ->
                ScriptedServer.json(runs(request, 1, i -> run(i, "RUNNING", "train", "me", "train.py")));
            case "registered-models/search" ->
                ScriptedServer.json(page("registered_models", 0, 1, i -> model("m" + i, "")));
            case "model-versions/search" ->
                ScriptedServer.json(page("model_versions", 0, 1, i -> version("m" + i, i, "")));
            default -> ScriptedServer.status(404, "{\"error_code\": \"ENDPOINT_NOT_FOUND\"}");
        };
    }

    /** Where the page that is asked for begins. */
    static int offset(Request request) {
        Matcher offset = OFFSET.matcher(request.target() + request.body());
        return offset.find() ? Integer.parseInt(offset.group(1)) : 0;
    }

    /** The page that is asked for of a list of so many. */
    static String page(Request request, String array, int total, Function<Integer, String> element) {
        Matcher most = MOST.matcher(request.target() + request.body());
        int from = offset(request);
        int to = Math.min(total, from + (most.find() ? Integer.parseInt(most.group(1)) : 1_000));
        String next = to < total ? ", \"next_page_token\": \"" + to + "\"" : "";
        String elements = IntStream.range(from, to).mapToObj(element::apply).collect(Collectors.joining(","));
        return "{\"" + array + "\": [" + elements + "]" + next + "}";
    }

    private static String page(String array, int from, int to, Function<Integer, String> element) {
        return "{\"" + array + "\": ["
                + IntStream.range(from, to).mapToObj(element::apply).collect(Collectors.joining(",")) + "]}";
    }

    /** All runs from the start that is asked for on. */
    static String runs(Request request, int total, Function<Integer, String> run) {
        Matcher from = FROM.matcher(request.body());
        long first = from.find() ? Math.max(0, Long.parseLong(from.group(1)) - START) : 0;
        return page("runs", (int) Math.min(total, first), total, run);
    }

    /** As {@link #runs}, of runs that never end. */
    static String endlessRuns(Request request) {
        Matcher from = FROM.matcher(request.body());
        long first = from.find() ? Math.max(0, Long.parseLong(from.group(1)) - START) : 0;
        String runs = page("runs", (int) first, (int) first + 500, i -> run(i, "FINISHED", "train", "me", "train.py"));
        return runs.substring(0, runs.length() - 1) + ", \"next_page_token\": \"1\"}";
    }

    static String experiment(int id, String name, String tags) {
        return "{\"experiment_id\": \"" + id + "\", \"name\": \"" + name + "\", \"lifecycle_stage\": \"active\","
                + " \"creation_time\": 1, \"last_update_time\": 1, \"tags\": [" + tags + "]}";
    }

    static String run(int number, String status, String name, String user, String source) {
        return "{\"info\": {\"run_id\": \"" + String.format("%032x", number) + "\", \"experiment_id\": \"0\","
                + " \"run_name\": \"" + name + "\", \"status\": \"" + status + "\", \"lifecycle_stage\": \"active\","
                + " \"start_time\": " + (START + number) + "}, \"data\": {\"tags\": ["
                + tag("mlflow.user", user) + "," + tag("mlflow.source.name", source) + "]}}";
    }

    /** @param more further fields, beginning with a comma */
    static String model(String name, String more) {
        return "{\"name\": \"" + name + "\", \"creation_timestamp\": 1, \"last_updated_timestamp\": 1" + more + "}";
    }

    static String aliases(int number, String prefix) {
        return IntStream.range(0, number)
                .mapToObj(i -> "{\"alias\": \"" + prefix + i + "\", \"version\": \"1\"}")
                .collect(Collectors.joining(",", ", \"aliases\": [", "]"));
    }

    /** @param more further fields, beginning with a comma */
    static String version(String model, int number, String more) {
        return "{\"name\": \"" + model + "\", \"version\": \"" + number + "\", \"creation_timestamp\": 1,"
                + " \"current_stage\": \"None\", \"status\": \"READY\"" + more + "}";
    }

    static String tag(String key, String value) {
        return "{\"key\": \"" + key + "\", \"value\": \"" + value + "\"}";
    }

    static String tags(int number, int length) {
        return IntStream.range(0, number)
                .mapToObj(i -> tag("note" + i, "x".repeat(length)))
                .collect(Collectors.joining(","));
    }

    @Override
    public void close() {
        server.close();
    }
}
