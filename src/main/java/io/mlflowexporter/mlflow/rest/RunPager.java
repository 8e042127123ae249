package io.mlflowexporter.mlflow.rest;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mlflowexporter.mlflow.MlflowException;
import io.mlflowexporter.mlflow.MlflowException.Kind;
import io.mlflowexporter.mlflow.Run;
import io.mlflowexporter.mlflow.RunProjection;
import io.mlflowexporter.mlflow.RunQuery;
import io.mlflowexporter.mlflow.Times;
import io.mlflowexporter.mlflow.rest.HttpTransport.Call;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Reads runs page by page, by key: each page starts at the start time the page before ended with, so that runs that
 * come or go meanwhile shift nothing and a late page costs the server no more than an early one. MLflow's own page
 * tokens are offsets; they are used only inside one millisecond that holds more runs than a page.
 */
final class RunPager {
    private static final String ENDPOINT = "runs/search";
    private static final JsonMapper JSON = new JsonMapper();

    private final HttpTransport transport;
    private final PageSize size;

    RunPager(HttpTransport transport, int size) {
        this.transport = transport;
        this.size = new PageSize(size, transport.room().page());
    }

    /** As {@link io.mlflowexporter.mlflow.MlflowSource#someRuns} says. */
    long read(RunQuery query, RunProjection projection, long atLeast, Consumer<Run> sink) throws MlflowException {
        long left = atLeast;
        RunParser parser = new RunParser(query.workspace(), projection);
        long from = query.fromStartMillis();
        Set<String> seenAtFrom = new HashSet<>();
        Set<String> tokens = new HashSet<>();
        String token = "";
        while (true) {
            List<Run> page = new ArrayList<>();
            String next = page(query, from, token, left, parser, page);
            long newest = from;
            for (Run run : page) {
                // Where pages follow, a run out of order would have all those between it and the next page left out.
                if (run.startMillis() != Times.ABSENT && key(run) < newest && !next.isEmpty()) {
                    throw problem(query, from, token, "the server does not sort and filter runs by start time");
                }
                newest = Math.max(newest, key(run));
            }
            for (Run run : page) {
                if (key(run) > from || (key(run) == from && seenAtFrom.add(run.id()))) {
                    sink.accept(run);
                    left--;
                }
            }
            if (next.isEmpty()) {
                return Long.MAX_VALUE;
            }
            if (newest > from) {
                if (left <= 0) {
                    return newest;
                }
                from = newest;
                seenAtFrom.clear();
                for (Run run : page) {
                    if (key(run) == from) {
                        seenAtFrom.add(run.id());
                    }
                }
                tokens.clear();
                token = "";
            } else if (tokens.add(next)) {
                token = next;
            } else {
                throw problem(query, from, token, "the server repeats a page for ever");
            }
        }
    }

    private MlflowException problem(RunQuery query, long from, String token, String why) {
        return transport.problem(Kind.BAD_ANSWER, call(query, from, token, size.runs()), why, "", null);
    }

    /** A run without a start time is stored with 0 when it came over REST. */
    private static long key(Run run) {
        return run.startMillis() == Times.ABSENT ? 0 : run.startMillis();
    }

    private String page(RunQuery query, long from, String token, long left, RunParser parser, List<Run> page)
            throws MlflowException {
        while (true) {
            page.clear();
            int most = (int) (left > 0 ? Math.min(size.runs(), left) : size.runs());
            Call call = call(query, from, token, most);
            long started = System.nanoTime();
            try {
                Pages.Page read = Pages.read(transport, call, "runs", value -> {
                    Run run = parser.read(value);
                    if (!run.id().isEmpty()) {
                        page.add(run);
                    }
                });
                size.took(page.size(), read.bytes(), System.nanoTime() - started);
                return read.next();
            } catch (MlflowException e) {
                if (e.kind() == Kind.TIMEOUT || e.kind() == Kind.REFRESH_OVER) {
                    size.tooSlow(most);
                }
                // Inside one millisecond the token counts runs, so the page may still shrink.
                if (e.kind() != Kind.TOO_LARGE) {
                    throw e;
                }
                if (most == 1) {
                    throw oneTooLarge(query, from, token, e);
                }
                size.tooLarge(most);
            }
        }
    }

    private MlflowException oneTooLarge(RunQuery query, long from, String token, MlflowException e) {
        String since = from == Times.ABSENT ? "" : " that began at or after " + Instant.ofEpochMilli(from);
        return transport.problem(
                Kind.TOO_LARGE,
                call(query, from, token, 1),
                "a single run is larger than " + transport.room().why()
                        + ", or leave the run's experiment out with read.experiments.exclude",
                "the first run" + since + " of the experiments with the ids "
                        + String.join(", ", query.experimentIds()),
                e);
    }

    private Call call(RunQuery query, long from, String token, int most) {
        ObjectNode body = JSON.createObjectNode();
        query.experimentIds().forEach(body.putArray("experiment_ids")::add);
        String filter = query.filter();
        if (from != Times.ABSENT) {
            filter = "attributes.start_time >= " + from + (filter.isEmpty() ? "" : " AND " + filter);
        }
        if (!filter.isEmpty()) {
            body.put("filter", filter);
        }
        body.put("run_view_type", query.view().name());
        body.put("max_results", most);
        body.putArray("order_by").add("attributes.start_time ASC");
        if (!token.isEmpty()) {
            body.put("page_token", token);
        }
        return new Call(ENDPOINT, "/api/2.0/mlflow/runs/search", Optional.of(body.toString()), query.workspace());
    }
}
