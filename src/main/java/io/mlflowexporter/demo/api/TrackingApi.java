package io.mlflowexporter.demo.api;

import io.mlflowexporter.demo.store.ApiException;
import io.mlflowexporter.demo.store.ExperimentRow;
import io.mlflowexporter.demo.store.MetricLog.Point;
import io.mlflowexporter.demo.store.MlflowStore;
import io.mlflowexporter.demo.store.OrderBy;
import io.mlflowexporter.demo.store.PageToken;
import io.mlflowexporter.demo.store.PageToken.Page;
import io.mlflowexporter.demo.store.RunRow;
import io.mlflowexporter.demo.store.SearchDialect;
import io.mlflowexporter.demo.store.SearchFilter;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Tracking over REST, experiments by way of {@link ExperimentApi}: reads parameters, asks the store, writes the answer. */
final class TrackingApi {
    static final int MAX_PAGE = 50_000;
    private static final int MAX_KEY = 250;
    private static final int MAX_PARAM = 6_000;
    private static final int MAX_TAG = 8_000;
    private static final Pattern NAME = Pattern.compile("[/\\w.\\- :]*", Pattern.UNICODE_CHARACTER_CLASS);
    private static final Set<String> STATUSES =
            Set.of(RunRow.RUNNING, RunRow.SCHEDULED, RunRow.FINISHED, RunRow.FAILED, RunRow.KILLED);

    private final MlflowStore store;
    private final boolean workspaces;

    /** One request's surroundings. */
    record Call(Params params, String workspace, long nowMillis, JsonOut out, Render render) {}

    /** Answers a call. */
    interface Handler {
        void handle(Call call) throws IOException;
    }

    /** @param workspaces whether the server has workspaces on */
    TrackingApi(MlflowStore store, boolean workspaces) {
        this.store = store;
        this.workspaces = workspaces;
    }

    Map<String, Handler> handlers() {
        Map<String, Handler> handlers = new TreeMap<>();
        handlers.putAll(new ExperimentApi(store).handlers());
        handlers.put("GET runs/get", this::getRun);
        handlers.put("POST runs/search", this::searchRuns);
        handlers.put("POST runs/create", this::createRun);
        handlers.put("POST runs/update", this::updateRun);
        handlers.put("POST runs/delete", call -> setDeleted(call, true));
        handlers.put("POST runs/restore", call -> setDeleted(call, false));
        handlers.put("POST runs/set-tag", this::setTag);
        handlers.put("POST runs/delete-tag", this::deleteTag);
        handlers.put("POST runs/log-metric", call -> logMetric(activeRun(call), call.params()));
        handlers.put("POST runs/log-parameter", this::logParam);
        handlers.put("POST runs/log-batch", this::logBatch);
        // Datasets and models as inputs and outputs: taken, not kept.
        handlers.put("POST runs/log-inputs", TrackingApi.this::activeRun);
        handlers.put("POST runs/log-model", TrackingApi.this::activeRun);
        handlers.put("POST runs/outputs", TrackingApi.this::activeRun);
        handlers.put("GET metrics/get-history", this::history);
        return handlers;
    }

    /** Writes the token of the next page, or the one a server in a loop would repeat. */
    static void nextToken(Call call, String token) throws IOException {
        String asked = call.params().text("page_token");
        boolean repeat = call.out().quirks().repeatPageToken();
        call.out().textUnlessEmpty("next_page_token", repeat ? asked.isEmpty() ? PageToken.of(1) : asked : token);
    }

    /** What a view type selects, told whether something is deleted; an unknown word reads as active only. */
    static Predicate<Boolean> view(String viewType) {
        return switch (viewType) {
            case "DELETED_ONLY" -> deleted -> deleted;
            case "ALL" -> deleted -> true;
            default -> deleted -> !deleted;
        };
    }

    private RunRow activeRun(Call call) {
        return store.activeRun(call.workspace(), call.params().runId());
    }

    private void getRun(Call call) throws IOException {
        RunRow run = store.run(call.workspace(), call.params().runId());
        call.out().object("run", () -> call.render().run(run, true));
    }

    private void searchRuns(Call call) throws IOException {
        Params params = call.params();
        params.text("filter");
        int max = params.maxResults(1000, MAX_PAGE);
        if (max == 0) {
            throw ApiException.invalid(
                    "Invalid value 0 for parameter 'max_results' supplied. It must be a positive integer");
        }
        Predicate<Boolean> view = view(params.text("run_view_type"));
        int offset = PageToken.offset(params.text("page_token"));
        Page<RunRow> page = store.searchRuns(
                call.workspace(),
                params.texts("experiment_ids"),
                run -> view.test(run.deleted),
                SearchFilter.parse(params.text("filter"), SearchDialect.RUNS),
                OrderBy.parse(params.texts("order_by"), SearchDialect.RUNS),
                offset,
                max);
        call.out().list("runs", page.items().isEmpty(), () -> {
            for (RunRow run : page.items()) {
                call.out().object(() -> call.render().run(run, true));
            }
        });
        // Before 3, a page that is full is followed by a token whether there is more or not.
        boolean told = !page.nextToken().isEmpty()
                || call.out().version3()
                || page.items().size() < max;
        nextToken(call, told ? page.nextToken() : PageToken.of(offset + (long) max));
    }

    private void createRun(Call call) throws IOException {
        Params params = call.params();
        ExperimentRow experiment =
                store.experiment(call.workspace(), call.params().required("experiment_id"));
        String name = params.text("run_name");
        for (Params tag : params.objects("tags")) {
            if (tag.text("key").equals(MlflowStore.RUN_NAME_TAG)) {
                String tagged = tag.text("value");
                if (!name.isEmpty() && !name.equals(tagged)) {
                    throw ApiException.invalid("Both 'run_name' argument and 'mlflow.runName' tag are specified, but"
                            + " with different values (run_name='" + name + "', mlflow.runName='" + tagged + "').");
                }
                name = tagged;
            }
        }
        // A start time that is missing is stored as 0, as protobuf's default.
        RunRow run = store.createRun(
                experiment, "", params.text("user_id"), name, RunRow.RUNNING, params.whole("start_time", 0));
        params.objects("tags").forEach(tag -> setTag(run, tag));
        store.setTag(run, MlflowStore.RUN_NAME_TAG, run.name);
        call.out().object("run", () -> call.render().run(run, false));
    }

    private void updateRun(Call call) throws IOException {
        Params params = call.params();
        RunRow run = activeRun(call);
        String status = params.text("status");
        store.updateRun(run, STATUSES.contains(status) ? status : run.status, params.whole("end_time", run.end));
        if (!params.text("run_name").isEmpty()) {
            store.setTag(run, MlflowStore.RUN_NAME_TAG, params.text("run_name"));
        }
        call.out().object("run_info", () -> call.render().runInfo(run));
    }

    private void setDeleted(Call call, boolean deleted) {
        store.run(call.workspace(), call.params().runId()).deleted = deleted;
    }

    private void setTag(Call call) {
        setTag(activeRun(call), call.params());
    }

    private void setTag(RunRow run, Params tag) {
        String key = name("key", tag.required("key"));
        store.setTag(run, key, cut(tag.text("value"), MAX_TAG));
    }

    private void deleteTag(Call call) {
        RunRow run = activeRun(call);
        String key = call.params().required("key");
        if (!run.tags.remove(key)) {
            throw ApiException.missing("No tag with name: " + key + " in run with id " + run.id);
        }
    }

    private void logMetric(RunRow run, Params metric) {
        String key = name("Metric name", metric.required("key"));
        // SQL knows no negative zero.
        double value = metric.number("value") + 0.0;
        if (!metric.has("timestamp")) {
            metric.required("timestamp");
        }
        store.logMetric(run, key, new Point(value, metric.whole("timestamp", 0), metric.whole("step", 0)), true);
    }

    private void logParam(Call call) {
        RunRow run = activeRun(call);
        String key = name("Param key", call.params().required("key"));
        String value = cut(call.params().text("value"), MAX_PARAM);
        String old = run.params.get(key);
        if (old != null && !old.equals(value)) {
            throw ApiException.invalid("Changing param values is not allowed. Param with key='" + key
                    + "' was already logged with value='" + old + "' for run ID='" + run.id
                    + "'. Attempted logging new value '" + value + "'.");
        }
        store.setParam(run, key, value);
    }

    private void logBatch(Call call) {
        RunRow run = activeRun(call);
        List<Params> metrics = call.params().objects("metrics");
        List<Params> params = call.params().objects("params");
        List<Params> tags = call.params().objects("tags");
        atMost("metrics", metrics.size(), 1000);
        atMost("params", params.size(), 100);
        atMost("tags", tags.size(), 100);
        for (Params param : params) {
            String key = name("Param key", param.required("key"));
            String value = cut(param.text("value"), MAX_PARAM);
            String old = run.params.get(key);
            if (old != null && !old.equals(value)) {
                throw ApiException.invalid("Changing param values is not allowed. Params were already logged='[{'key':"
                        + " '" + key + "', 'old_value': '" + old + "', 'new_value': '" + value + "'}]' for run ID='"
                        + run.id + "'.");
            }
        }
        params.forEach(param -> store.setParam(run, param.text("key"), cut(param.text("value"), MAX_PARAM)));
        metrics.forEach(metric -> logMetric(run, metric));
        tags.forEach(tag -> setTag(run, tag));
    }

    private void history(Call call) throws IOException {
        String key = call.params().required("metric_key");
        @Nullable RunRow run = store.findRun(call.params().runId());
        boolean here = run != null && run.experiment().workspace.equals(call.workspace());
        if (workspaces && call.out().version3()) {
            // Only a store that must keep workspaces apart looks for the run.
            store.run(call.workspace(), call.params().runId());
        }
        List<Point> all = run != null && here ? run.metrics.history(key) : List.of();
        // Servers before 3 return the whole history whatever is asked.
        boolean paged = call.out().version3() && call.params().has("max_results");
        int max = paged ? call.params().maxResults(0, 25_000) : Integer.MAX_VALUE;
        Page<Point> page = Page.of(all, PageToken.offset(call.params().text("page_token")), max);
        call.out().list("metrics", page.items().isEmpty(), () -> {
            for (Point point : page.items()) {
                call.out().object(() -> call.render().metric(key, point));
            }
        });
        nextToken(call, page.nextToken());
    }

    private static void atMost(String what, int size, int limit) {
        if (size > limit) {
            throw ApiException.invalid("A batch logging request can contain at most " + limit + " " + what
                    + ". Got " + size + " " + what + ". Please split up " + what
                    + " across multiple requests and try again.");
        }
    }

    /** The name of a tag, a param or a metric. */
    private static String name(String what, String value) {
        if (!NAME.matcher(value).matches()) {
            throw ApiException.invalid("Invalid value \"" + value + "\" for parameter 'key' supplied: Names may only"
                    + " contain alphanumerics, underscores (_), dashes (-), periods (.), spaces ( ), colon(:) and"
                    + " slashes (/).");
        }
        return limited(what, value, MAX_KEY);
    }

    static String limited(String what, String value, int limit) {
        if (value.length() > limit) {
            throw ApiException.invalid("'" + what + "' exceeds the maximum length of " + limit + " characters");
        }
        return value;
    }

    /** Values that are too long are cut, not refused: MLflow's default. */
    private static String cut(String value, int limit) {
        return value.length() > limit ? value.substring(0, limit) : value;
    }
}
