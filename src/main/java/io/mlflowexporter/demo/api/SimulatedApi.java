package io.mlflowexporter.demo.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.mlflowexporter.demo.api.TrackingApi.Call;
import io.mlflowexporter.demo.api.TrackingApi.Handler;
import io.mlflowexporter.demo.life.DemoWorld;
import io.mlflowexporter.demo.life.SimulationOptions;
import io.mlflowexporter.demo.store.ApiException;
import io.mlflowexporter.demo.store.MlflowStore;
import io.mlflowexporter.demo.traces.DemoObjects;
import io.mlflowexporter.demo.traces.TraceStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Answers requests, whatever carries them. One at a time, and never before the world has caught up with the clock. */
public final class SimulatedApi {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final List<String> PREFIXES =
            List.of("/api/2.0/mlflow/", "/ajax-api/2.0/mlflow/", "/api/2.0/preview/mlflow/");
    private static final List<String> PREFIXES_3 = List.of("/api/3.0/mlflow/", "/ajax-api/3.0/mlflow/");
    private static final String ARTIFACTS = "/api/2.0/mlflow-artifacts/artifacts";
    private static final String PLAIN = "text/html; charset=utf-8";
    private static final String APPLICATION_JSON = "application/json";
    private static final String NO_METHOD = "The method is not allowed for the requested URL.";
    /** Minor versions of MLflow 3. */
    private static final int SUMS_SINCE = 9;

    private static final int BUDGETS_SINCE = 11;

    /**
     * A request.
     *
     * @param query as sent, without the question mark
     * @param workspace the header, empty where it is missing
     * @param contentType empty where it is missing
     */
    record Request(String method, String path, String query, String workspace, String contentType, String body) {}

    /** An answer; handed on once, never compared. */
    @SuppressWarnings("ArrayRecordComponent")
    record Response(int status, String contentType, byte[] body) {
        static Response text(int status, String contentType, String text) {
            return new Response(status, contentType, text.getBytes(StandardCharsets.UTF_8));
        }
    }

    private final MlflowStore store;
    private final DemoWorld world;
    private final SimulationOptions options;
    private final boolean version3;
    private final Map<String, Handler> handlers = new TreeMap<>();
    private final Set<String> endpoints;
    private final TraceApi traces;
    private final Map<String, Handler> handlersOf3 = new TreeMap<>();

    public SimulatedApi(
            MlflowStore store, DemoWorld world, TraceStore traces, DemoObjects objects, SimulationOptions options) {
        this.store = store;
        this.world = world;
        this.options = options;
        this.version3 = !options.version().startsWith("2.");
        handlers.putAll(new TrackingApi(store, options.workspaces()).handlers());
        handlers.putAll(new RegistryApi(store.models()).handlers());
        this.traces = new TraceApi(store, traces, options.minor() >= SUMS_SINCE);
        ObjectApi others = new ObjectApi(objects, options.minor() >= BUDGETS_SINCE);
        if (version3) {
            handlers.putAll(others.handlersOf2());
            handlersOf3.putAll(this.traces.handlers());
            handlersOf3.putAll(others.handlers());
        }
        endpoints = handlers.keySet().stream()
                .map(key -> key.substring(key.indexOf(' ') + 1))
                .collect(Collectors.toUnmodifiableSet());
    }

    /** The path without its prefix: {@code runs/search}, {@code version}, {@code workspaces}. */
    static String endpoint(String path) {
        for (List<String> prefixes : List.of(PREFIXES, PREFIXES_3)) {
            for (String prefix : prefixes) {
                if (path.startsWith(prefix)) {
                    return path.substring(prefix.length());
                }
            }
        }
        return path.startsWith("/") ? path.substring(1) : path;
    }

    Response answer(Request request, Faults.Quirks quirks) throws IOException {
        String path = request.path();
        if (path.equals("/health")) {
            return Response.text(200, version3 ? "text/plain; charset=utf-8" : PLAIN, "OK");
        }
        if (path.equals("/version")) {
            return Response.text(200, PLAIN, options.version());
        }
        if (request.path().startsWith(ARTIFACTS) && request.method().equals("PUT")) {
            // Artifacts are taken, not kept: autologging gives up where it cannot leave its own.
            return Response.text(200, APPLICATION_JSON, "{}");
        }
        synchronized (store) {
            long now = options.clock().millis();
            world.advanceTo(now);
            try (JsonOut out = new JsonOut(quirks, version3)) {
                try {
                    return answer(request, now, out);
                } catch (ApiException e) {
                    return error(e);
                }
            }
        }
    }

    private Response answer(Request request, long now, JsonOut out) throws IOException {
        String endpoint = endpoint(request.path());
        boolean known = endpoints.contains(endpoint) && PREFIXES.stream().anyMatch(request.path()::startsWith);
        boolean third = version3 && PREFIXES_3.stream().anyMatch(request.path()::startsWith);
        if (third && endpoint.equals("server-info")) {
            return serverInfo();
        }
        String workspace = workspace(request.workspace());
        if (third && (endpoint.equals("workspaces") || endpoint.startsWith("workspaces/"))) {
            return workspaces(request, endpoint, out);
        }
        if (third && !known) {
            Optional<Handler> handler = Optional.ofNullable(handlersOf3.get(request.method() + " " + endpoint))
                    .or(() -> traces.ofOne(request.method(), endpoint));
            if (handler.isPresent()) {
                return answer(request, handler.get(), workspace, now, out);
            }
            if (endpoint.startsWith("traces/")) {
                // Another method of what would be about one trace.
                return page(405, "Method Not Allowed", NO_METHOD);
            }
        }
        if (!known) {
            return page(
                    404,
                    "Not Found",
                    "The requested URL was not found on the server. If you entered the URL manually please"
                            + " check your spelling and try again.");
        }
        Handler handler = handlers.get(request.method() + " " + endpoint);
        if (handler == null) {
            return page(405, "Method Not Allowed", NO_METHOD);
        }
        return answer(request, handler, workspace, now, out);
    }

    private static Response answer(Request request, Handler handler, String workspace, long now, JsonOut out)
            throws IOException {
        Params params = params(request);
        Call call = new Call(params, workspace, now, out, new Render(out));
        out.object(() -> handler.handle(call));
        return new Response(200, APPLICATION_JSON, out.bytes());
    }

    private static Params params(Request request) {
        if (request.method().equals("GET") && !request.query().isEmpty()) {
            return Params.ofQuery(request.query());
        }
        if (!request.method().equals("GET") && !request.contentType().startsWith(APPLICATION_JSON)) {
            throw ApiException.invalid("Bad Request. Content-Type must be one of ['application/json'].");
        }
        return new Params(json(request.body()));
    }

    /** A body that is not a JSON object reads as an empty one, as on the real server. */
    private static JsonNode json(String body) {
        try {
            JsonNode read = JSON.readTree(body);
            if (read != null && read.isTextual()) {
                read = JSON.readTree(read.asText());
            }
            return read == null || !read.isObject() ? JsonNodeFactory.instance.objectNode() : read;
        } catch (JsonProcessingException e) {
            return JsonNodeFactory.instance.objectNode();
        }
    }

    private String workspace(String header) {
        String name = header.strip();
        if (name.isEmpty() || !version3) {
            return MlflowStore.DEFAULT_WORKSPACE;
        }
        if (!options.workspaces()) {
            throw ApiException.disabled("Workspace APIs are not available: workspaces are not enabled on this server");
        }
        checkWorkspaceName(name);
        if (!store.workspaces().containsKey(name)) {
            throw ApiException.missing("Workspace '" + name + "' not found");
        }
        return name;
    }

    private static void checkWorkspaceName(String name) {
        if (name.length() < 2 || name.length() > 63) {
            throw ApiException.invalid("Workspace name '" + name + "' must be between 2 and 63 characters.");
        }
        if (!name.matches("[a-z0-9]([-a-z0-9]*[a-z0-9])?")) {
            throw ApiException.invalid("Workspace name '" + name + "' must match the pattern"
                    + " ^[a-z0-9]([-a-z0-9]*[a-z0-9])?$ (lowercase alphanumeric with optional internal hyphens).");
        }
    }

    private Response serverInfo() {
        String text = "{\"store_type\":\"SqlStore\",\"workspaces_enabled\":" + options.workspaces()
                + ",\"trace_archival_enabled\":false,\"multipart_uploads_enabled\":false"
                + ",\"multipart_downloads_enabled\":false,\"presigned_upload_run_id_supported\":true"
                + ",\"presigned_upload_model_id_supported\":true,\"features_enabled\":{\"gateway\":true}}";
        return Response.text(200, APPLICATION_JSON, text);
    }

    private Response workspaces(Request request, String endpoint, JsonOut out) throws IOException {
        if (!options.workspaces()) {
            return Response.text(
                    503,
                    PLAIN,
                    "Endpoint: " + request.path() + " disabled because the server is running without workspaces"
                            + " support. To enable workspace, run `mlflow server` with `--enable-workspaces`");
        }
        if (request.method().equals("POST") && endpoint.equals("workspaces")) {
            Params params = params(request);
            String name = params.required("name");
            checkWorkspaceName(name);
            store.createWorkspace(name, params.text("description"));
            out.object(() -> out.object("workspace", () -> workspace(name, out)));
            return new Response(201, APPLICATION_JSON, out.bytes());
        } else if (endpoint.equals("workspaces")) {
            out.object(() -> out.list("workspaces", store.workspaces().isEmpty(), () -> {
                for (String name : store.workspaces().keySet()) {
                    out.object(() -> workspace(name, out));
                }
            }));
        } else {
            String name = endpoint.substring("workspaces/".length());
            if (!store.workspaces().containsKey(name)) {
                throw ApiException.missing("Workspace '" + name + "' not found");
            }
            out.object(() -> out.object("workspace", () -> workspace(name, out)));
        }
        return new Response(200, APPLICATION_JSON, out.bytes());
    }

    private void workspace(String name, JsonOut out) throws IOException {
        out.text("name", name);
        out.textUnlessEmpty("description", store.workspaces().getOrDefault(name, ""));
    }

    private Response error(ApiException problem) {
        var error =
                JSON.createObjectNode().put("error_code", problem.errorCode()).put("message", problem.getMessage());
        if (version3) {
            error.put("sqlstate", problem.sqlState()).put("error_class", problem.errorClass());
        }
        return Response.text(problem.status(), APPLICATION_JSON, error.toString());
    }

    private static Response page(int status, String title, String text) {
        return Response.text(
                status,
                PLAIN,
                "<!doctype html>\n<html lang=en>\n<title>" + status + " " + title + "</title>\n<h1>" + title
                        + "</h1>\n<p>" + text + "</p>\n");
    }
}
