package io.mlflowexporter.demo.api;

import com.fasterxml.jackson.databind.JsonNode;
import io.mlflowexporter.demo.api.TrackingApi.Call;
import io.mlflowexporter.demo.api.TrackingApi.Handler;
import io.mlflowexporter.demo.store.ApiException;
import io.mlflowexporter.demo.store.ExperimentRow;
import io.mlflowexporter.demo.store.MlflowStore;
import io.mlflowexporter.demo.store.OrderBy;
import io.mlflowexporter.demo.store.PageToken;
import io.mlflowexporter.demo.store.SearchDialect;
import io.mlflowexporter.demo.store.SearchFilter;
import io.mlflowexporter.demo.traces.DemoTrace;
import io.mlflowexporter.demo.traces.TraceMetrics;
import io.mlflowexporter.demo.traces.TraceSearch;
import io.mlflowexporter.demo.traces.TraceStore;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Traces over REST, version 3. */
final class TraceApi {
    private static final int MOST_TRACES = 500;
    private static final int MOST_POINTS = 1_000;
    private static final String TRACES = "traces/";
    private static final String ASSESSMENTS = "/assessments";

    private final MlflowStore store;
    private final TraceStore traces;
    private final boolean sums;

    /** @param sums whether the server sums up traces and knows the time they ended */
    TraceApi(MlflowStore store, TraceStore traces, boolean sums) {
        this.store = store;
        this.traces = traces;
        this.sums = sums;
    }

    /** Those of one method and path. */
    Map<String, Handler> handlers() {
        Map<String, Handler> handlers = new TreeMap<>();
        handlers.put("POST traces/search", this::search);
        handlers.put("POST traces", this::start);
        if (sums) {
            handlers.put("POST traces/metrics", this::metrics);
        }
        return handlers;
    }

    /** What is about one trace, whose id is part of the path; empty for nothing that is known. */
    Optional<Handler> ofOne(String method, String endpoint) {
        if (!endpoint.startsWith(TRACES)) {
            return Optional.empty();
        }
        String rest = endpoint.substring(TRACES.length());
        if (method.equals("GET") && !rest.contains("/")) {
            return Optional.of(call -> get(call, rest));
        }
        if (method.equals("POST") && rest.endsWith(ASSESSMENTS)) {
            return Optional.of(call -> assess(call, rest.substring(0, rest.length() - ASSESSMENTS.length())));
        }
        return Optional.empty();
    }

    private void search(Call call) throws IOException {
        Set<String> asked = new HashSet<>();
        for (JsonNode location : call.params().node("locations")) {
            String id = location.path("mlflow_experiment").path("experiment_id").asText();
            if (!id.matches("-?\\d+")) {
                throw ApiException.internal("invalid literal for int() with base 10: '" + id + "'");
            }
            asked.add(id);
        }
        int max = call.params().maxResults(100, MOST_TRACES);
        if (max < 1) {
            throw ApiException.invalid(
                    "Invalid value 0 for parameter 'max_results' supplied. It must be a positive integer");
        }
        SearchDialect dialect = TraceSearch.dialect(sums);
        PageToken.Page<DemoTrace> page = TraceSearch.page(
                traces,
                there(call, asked),
                SearchFilter.parse(call.params().text("filter"), dialect),
                OrderBy.parse(call.params().texts("order_by"), dialect),
                PageToken.offset(call.params().text("page_token")),
                max,
                call.nowMillis());
        call.out().list("traces", page.items().isEmpty(), () -> {
            for (DemoTrace trace : page.items()) {
                call.out().object(() -> TraceRender.trace(call.out(), trace));
            }
        });
        TrackingApi.nextToken(call, page.nextToken());
    }

    private Set<String> there(Call call, Set<String> asked) {
        Set<String> there = new HashSet<>();
        for (ExperimentRow experiment : store.experiments()) {
            String id = Long.toString(experiment.id);
            if (experiment.workspace.equals(call.workspace()) && asked.contains(id)) {
                there.add(id);
            }
        }
        return there;
    }

    private DemoTrace trace(Call call, String id) {
        return traces.find(id, call.nowMillis())
                .orElseThrow(() -> ApiException.missing("Trace with ID '" + id + "' not found."));
    }

    private void get(Call call, String id) throws IOException {
        DemoTrace trace = trace(call, id);
        call.out().object("trace", () -> call.out().object("trace_info", () -> TraceRender.trace(call.out(), trace)));
    }

    private void start(Call call) throws IOException {
        JsonNode info = call.params().node("trace").path("trace_info");
        String id = info.path("trace_id").asText();
        String experiment =
                info.at("/trace_location/mlflow_experiment/experiment_id").asText();
        store.experiment(call.workspace(), experiment);
        Map<String, String> tags = texts(info.path("tags"));
        Map<String, String> metadata = texts(info.path("trace_metadata"));
        DemoTrace trace = new DemoTrace(
                id,
                experiment,
                tags.getOrDefault("mlflow.traceName", ""),
                millis(info.path("request_time").asText()),
                duration(info.path("execution_duration").asText()),
                info.path("state").asText("STATE_UNSPECIFIED"),
                metadata,
                tags,
                info.path("request_preview").asText(),
                List.of(),
                List.of());
        traces.put(trace);
        get(call, id);
    }

    private static Map<String, String> texts(JsonNode fields) {
        Map<String, String> texts = new LinkedHashMap<>();
        fields.properties()
                .forEach(field -> texts.put(field.getKey(), field.getValue().asText()));
        return texts;
    }

    private static long millis(String time) {
        try {
            return OffsetDateTime.parse(time).toInstant().toEpochMilli();
        } catch (DateTimeParseException e) {
            throw ApiException.invalid("Failed to parse request_time field: " + time);
        }
    }

    private static long duration(String text) {
        try {
            return text.isEmpty() ? DemoTrace.NONE : Duration.parse("PT" + text).toMillis();
        } catch (DateTimeParseException e) {
            throw ApiException.invalid("Failed to parse execution_duration field: " + text);
        }
    }

    private void assess(Call call, String traceId) throws IOException {
        trace(call, traceId);
        JsonNode given = call.params().node("assessment");
        boolean feedback = given.has("feedback");
        DemoTrace.Feedback said = new DemoTrace.Feedback(
                String.format("a-%032x", given.hashCode() & 0xffffffffL),
                given.path("assessment_name").asText(),
                feedback ? "feedback" : "expectation",
                given.path(feedback ? "feedback" : "expectation").path("value").toString(),
                given.path("source").path("source_type").asText("CODE"),
                call.nowMillis(),
                given.path("metadata").path("mlflow.assessment.judgeCost").asText(""));
        traces.add(traceId, said);
        call.out().object("assessment", () -> TraceRender.feedback(call.out(), traceId, said));
    }

    private void metrics(Call call) throws IOException {
        Params params = call.params();
        String view = params.required("view_type");
        String metric = params.required("metric_name");
        List<String> aggregations = params.objects("aggregations").stream()
                .map(each -> each.text("aggregation_type"))
                .toList();
        Set<String> can = TraceMetrics.aggregations(view, metric);
        if (can.isEmpty()) {
            throw ApiException.invalid("Invalid metric_name: '" + metric + "'.");
        }
        List<String> wrong =
                aggregations.stream().filter(each -> !can.contains(each)).toList();
        if (!wrong.isEmpty()) {
            throw ApiException.invalid("Found invalid aggregation_type(s): " + wrong + ". Supported aggregation types: "
                    + can.stream().sorted().toList());
        }
        List<String> dimensions = params.texts("dimensions");
        if (!TraceMetrics.dimensions(view, metric).containsAll(dimensions)) {
            throw ApiException.invalid("Found invalid dimension(s): " + dimensions);
        }
        long interval = params.whole("time_interval_seconds", 0) * 1_000;
        if (interval > 0 && (!params.has("start_time_ms") || !params.has("end_time_ms"))) {
            throw ApiException.invalid("start_time_ms and end_time_ms are required if time_interval_seconds is set");
        }
        TraceMetrics.Question question = new TraceMetrics.Question(
                view,
                metric,
                aggregations,
                dimensions,
                interval,
                params.whole("start_time_ms", Long.MIN_VALUE / 2),
                params.whole("end_time_ms", Long.MAX_VALUE));
        List<TraceMetrics.Point> all = TraceMetrics.answer(
                traces, there(call, Set.copyOf(params.texts("experiment_ids"))), question, call.nowMillis());
        List<TraceMetrics.Point> points =
                all.subList(0, (int) Math.min(all.size(), params.whole("max_results", MOST_POINTS)));
        call.out().list("data_points", points.isEmpty(), () -> {
            for (TraceMetrics.Point point : points) {
                call.out().object(() -> point(call.out(), question, point));
            }
        });
    }

    private static void point(JsonOut out, TraceMetrics.Question question, TraceMetrics.Point point)
            throws IOException {
        out.text("metric_name", question.metric());
        out.object("dimensions", () -> {
            if (question.intervalMillis() > 0) {
                String bucket = Instant.ofEpochMilli(point.bucket())
                        .atOffset(ZoneOffset.UTC)
                        .toLocalDateTime()
                        .withNano(0)
                        .toString();
                out.text("time_bucket", (bucket.length() == 16 ? bucket + ":00" : bucket) + "+00:00");
            }
            for (int i = 0; i < question.dimensions().size(); i++) {
                out.text(question.dimensions().get(i), point.dimensions().get(i));
            }
        });
        out.object("values", () -> {
            for (Map.Entry<String, Double> value : point.values().entrySet()) {
                out.number(value.getKey(), value.getValue());
            }
        });
    }
}
