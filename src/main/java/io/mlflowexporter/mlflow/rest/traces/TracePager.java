package io.mlflowexporter.mlflow.rest.traces;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mlflowexporter.metric.Times;
import io.mlflowexporter.mlflow.MlflowException;
import io.mlflowexporter.mlflow.MlflowException.Kind;
import io.mlflowexporter.mlflow.rest.pages.PageSize;
import io.mlflowexporter.mlflow.rest.pages.Pages;
import io.mlflowexporter.mlflow.rest.pages.SeenTexts;
import io.mlflowexporter.mlflow.rest.transport.Call;
import io.mlflowexporter.mlflow.rest.transport.HttpTransport;
import io.mlflowexporter.mlflow.traces.Trace;
import io.mlflowexporter.mlflow.traces.TraceQuery;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Reads traces page by page, by key: as {@code RunPager} does with runs, each page starts at the start time that the page before
 * ended with. Pages are in order of start whatever is asked for: MLflow 3.17 answers a search ordered by end with HTTP 500.
 */
final class TracePager {
    static final String ENDPOINT = "traces/search";
    private static final JsonMapper JSON = new JsonMapper();

    /** MLflow refuses more. */
    private static final int MOST_PER_PAGE = 500;

    /** In a row without a trace not met before. */
    private static final int MOST_IDLE_PAGES = 100;

    /** So much of an answer's room for each id and token that is remembered as traces began in the same millisecond, bytes. */
    private static final int BYTES_PER_ID = 100;

    private final HttpTransport transport;
    private final PageSize size;

    /**
     * What to read.
     *
     * @param filter conditions besides that on the start, each followed by {@code " AND "}; empty for none
     * @param fromMillis earliest start; {@link Times#ABSENT} for none
     * @param beforeMillis start that is no longer wanted; {@link Long#MAX_VALUE} for none
     * @param wanted what is delivered: not every server heeds its filter
     */
    record Reading(
            TraceQuery query,
            List<String> experimentIds,
            String filter,
            long fromMillis,
            long beforeMillis,
            Predicate<Trace> wanted) {}

    private record Page(List<Trace> traces, String next, long bytes) {}

    TracePager(HttpTransport transport) {
        this.transport = transport;
        this.size = new PageSize(MOST_PER_PAGE, transport.room().page());
    }

    /** What the server would not do is tried again. */
    void doubt() {
        size.doubt();
    }

    /**
     * Delivers traces in order of start, ties in any order.
     *
     * @param atMost stops after so many that were delivered, at the end of a page
     * @param goOnTo does not stop before a start later than this
     * @param mayBeRefused whether the server may not know a condition of the filter
     * @return every trace that started before this was delivered; {@code beforeMillis} where all were
     */
    long read(Reading reading, long atMost, long goOnTo, boolean mayBeRefused, Consumer<Trace> sink)
            throws MlflowException {
        TraceParser parser =
                new TraceParser(reading.query().workspace(), reading.query().projection());
        SeenTexts seenAtFrom = new SeenTexts();
        SeenTexts tokens = new SeenTexts();
        long from = reading.fromMillis();
        String token = "";
        long delivered = 0;
        int idle = 0;
        while (true) {
            Page page = page(reading, from, token, mayBeRefused, parser);
            long newest = from;
            idle++;
            for (Trace trace : page.traces()) {
                long key = key(trace);
                if (key < newest
                        && trace.startMillis() != Times.ABSENT
                        && !page.next().isEmpty()) {
                    throw problem(reading, from, "the server does not sort and filter traces by start time");
                }
                newest = Math.max(newest, key);
                if (key > from || (key == from && seenAtFrom.add(trace.id()))) {
                    idle = 0;
                    if (key < reading.beforeMillis() && reading.wanted().test(trace)) {
                        sink.accept(trace);
                        delivered++;
                    }
                }
            }
            if (page.next().isEmpty() || newest >= reading.beforeMillis()) {
                return reading.beforeMillis();
            }
            if (seenAtFrom.size() + tokens.size() > transport.room().limit() / BYTES_PER_ID) {
                throw transport.problem(
                        Kind.TOO_LARGE,
                        call(reading, from, "", size.runs()),
                        "more traces began in the same millisecond than memory has room for; give more with java -Xmx",
                        "",
                        null);
            }
            if (idle > MOST_IDLE_PAGES) {
                throw problem(reading, from, "the server gives page after page without a trace that is new");
            }
            if (newest > from) {
                if (delivered >= atMost && newest > goOnTo) {
                    return newest;
                }
                seenAtFrom.clear();
                for (Trace trace : page.traces()) {
                    if (key(trace) == newest) {
                        seenAtFrom.add(trace.id());
                    }
                }
                tokens.clear();
                from = newest;
                token = "";
            } else if (tokens.add(page.next())) {
                // More than a page began in this millisecond.
                token = page.next();
            } else {
                throw problem(reading, from, "the server repeats a page for ever");
            }
        }
    }

    private static long key(Trace trace) {
        return trace.startMillis() == Times.ABSENT ? 0 : trace.startMillis();
    }

    private MlflowException problem(Reading reading, long from, String why) {
        return transport.problem(Kind.BAD_ANSWER, call(reading, from, "", size.runs()), why, "", null);
    }

    private Page page(Reading reading, long from, String token, boolean mayBeRefused, TraceParser parser)
            throws MlflowException {
        while (true) {
            int most = size.runs();
            Call call = call(reading, from, token, most);
            long started = System.nanoTime();
            try {
                List<Trace> traces = new ArrayList<>();
                Pages.Page read = Pages.read(
                        transport,
                        mayBeRefused ? call.mayBeRefused(Call.BAD_REQUEST) : call,
                        "traces",
                        value -> add(parser.read(value), traces));
                size.took(traces.size(), read.bytes(), System.nanoTime() - started);
                return new Page(traces, read.next(), read.bytes());
            } catch (MlflowException e) {
                switch (e.kind()) {
                    case TIMEOUT, REFRESH_OVER, GAVE_UP ->
                        size.tooSlow(e, most, most > 1 && transport.hasTimeToRepeat(started));
                    case TOO_LARGE -> {
                        if (most == 1) {
                            return streamed(call, parser, e);
                        }
                        size.tooLarge(most);
                    }
                    default -> throw e;
                }
            }
        }
    }

    /** One trace may be larger than what is held: read as it comes, it takes no more than what is kept of it. */
    private Page streamed(Call call, TraceParser parser, MlflowException tooLarge) throws MlflowException {
        if (transport.room().streamed() <= transport.room().limit()) {
            throw tooLarge;
        }
        List<Trace> traces = new ArrayList<>();
        Pages.Page read = Pages.stream(transport, call, "traces", value -> add(parser.read(value), traces));
        return new Page(traces, read.next(), read.bytes());
    }

    private static void add(Trace trace, List<Trace> traces) {
        if (!trace.id().isEmpty()) {
            traces.add(trace);
        }
    }

    private static Call call(Reading reading, long from, String token, int most) {
        ObjectNode body = JSON.createObjectNode();
        for (String id : reading.experimentIds()) {
            body.withArray("locations")
                    .addObject()
                    .put("type", "MLFLOW_EXPERIMENT")
                    .putObject("mlflow_experiment")
                    .put("experiment_id", id);
        }
        String filter = reading.filter()
                + (from > 0 ? "trace.timestamp_ms >= " + from + " AND " : "")
                + (reading.beforeMillis() == Long.MAX_VALUE ? "" : "trace.timestamp_ms < " + reading.beforeMillis());
        filter = filter.endsWith(" AND ") ? filter.substring(0, filter.length() - " AND ".length()) : filter;
        if (!filter.isEmpty()) {
            body.put("filter", filter);
        }
        body.put("max_results", most);
        body.putArray("order_by").add("timestamp_ms ASC");
        if (!token.isEmpty()) {
            body.put("page_token", token);
        }
        return new Call(
                ENDPOINT,
                "/api/3.0/mlflow/traces/search",
                Optional.of(body.toString()),
                reading.query().workspace());
    }
}
