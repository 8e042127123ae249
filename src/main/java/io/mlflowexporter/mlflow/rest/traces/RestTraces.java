package io.mlflowexporter.mlflow.rest.traces;

import io.mlflowexporter.metric.Times;
import io.mlflowexporter.mlflow.MlflowException;
import io.mlflowexporter.mlflow.MlflowException.Kind;
import io.mlflowexporter.mlflow.TraceSource;
import io.mlflowexporter.mlflow.rest.hosts.Ability;
import io.mlflowexporter.mlflow.rest.hosts.Host;
import io.mlflowexporter.mlflow.rest.pages.Pages;
import io.mlflowexporter.mlflow.rest.transport.Call;
import io.mlflowexporter.mlflow.rest.transport.HttpTransport;
import io.mlflowexporter.mlflow.traces.Trace;
import io.mlflowexporter.mlflow.traces.TraceAggregate;
import io.mlflowexporter.mlflow.traces.TracePoint;
import io.mlflowexporter.mlflow.traces.TraceQuery;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Reads traces by MLflow's REST API, version 3.
 *
 * <p>Traces that ended in a stretch are looked for among those that started in it or in the day before: MLflow keeps no index by
 * end, and would go through all there ever were. So one that ran for longer is not found by its end. Where the server does not
 * filter by end (seen: MLflow 3.4), all that started in the stretch or shortly before it are read, and of the day before those
 * that took longer than that.
 */
public final class RestTraces implements TraceSource {
    /** What of a longer list of experiments is named in one request. */
    private static final int MOST_EXPERIMENTS = 1_000;

    /** Before the stretch asked for: which traces are read whatever they took, where the server cannot filter by end. */
    private static final long SHORTLY = Duration.ofMinutes(5).toMillis();

    /** So far back MLflow has to go through the traces: a quarter of a second for 300,000 of them on SQLite. */
    private static final long LONG_AGO = Duration.ofDays(1).toMillis();

    private static final String ENDED = "trace.status != 'IN_PROGRESS' AND ";

    /** Asked about to see what the server can do; it need not exist. */
    private static final String SOME_EXPERIMENT = "0";

    private final HttpTransport transport;
    private final Host host;
    private final TracePager pager;
    private final TraceSums sums;

    public RestTraces(HttpTransport transport, Host host) {
        this.transport = transport;
        this.host = host;
        this.pager = new TracePager(transport);
        this.sums = new TraceSums(transport);
    }

    /** What the server would not do is tried again. */
    public void doubt() {
        pager.doubt();
    }

    @Override
    public boolean hasTraces() throws MlflowException {
        String search = """
            {"locations":[{"type":"MLFLOW_EXPERIMENT","mlflow_experiment":{"experiment_id":"%s"}}],"max_results":1}\
            """.formatted(SOME_EXPERIMENT);
        return has(
                Ability.TRACES,
                new Call(TracePager.ENDPOINT, "/api/3.0/mlflow/traces/search", Optional.of(search), ""),
                "traces");
    }

    @Override
    public boolean hasAggregates() throws MlflowException {
        TraceAggregate least =
                new TraceAggregate("", SOME_EXPERIMENT, "TRACES", "trace_count", "COUNT", List.of(), 0, 1);
        return has(Ability.TRACE_SUMS, TraceSums.call(least, 0, 1), "data_points");
    }

    private boolean has(Ability ability, Call call, String array) throws MlflowException {
        if (host.capabilities().does(ability)) {
            return true;
        }
        if (!host.capabilities().can(ability)) {
            return false;
        }
        try {
            Pages.read(transport, call.mayBeRefused(Call.OPTIONAL), array, value -> {});
            host.accepted(List.of(ability), 0);
            return true;
        } catch (MlflowException e) {
            switch (e.kind()) {
                case MISSING -> {
                    // There is no such experiment, which only a server that knows the question says.
                    host.accepted(List.of(ability), 0);
                    return true;
                }
                case NOT_FOUND, REJECTED, UNAUTHORIZED, FORBIDDEN, BAD_ANSWER, UNSUPPORTED -> {
                    host.refused(ability);
                    return false;
                }
                case UNAVAILABLE, GAVE_UP, TIMEOUT -> {
                    // Some proxies answer so to what they do not know: nothing else depends on it, and it is asked
                    // again.
                    return false;
                }
                default -> throw e;
            }
        }
    }

    @Override
    public long search(TraceQuery query, long atMost, Consumer<Trace> sink) throws MlflowException {
        List<String> ids = query.experimentIds();
        int each = Math.min(MOST_EXPERIMENTS, host.capabilities().experimentsPerQuery());
        int parts = (ids.size() + each - 1) / each;
        long reached = query.toMillis();
        for (int i = 0; i < parts; i++) {
            List<String> some = ids.subList(i * each, Math.min(ids.size(), (i + 1) * each));
            reached = Math.min(reached, search(query, some, Math.max(1, atMost / parts), sink));
        }
        return reached;
    }

    private long search(TraceQuery query, List<String> ids, long atMost, Consumer<Trace> sink) throws MlflowException {
        long from = query.fromMillis();
        long to = query.toMillis();
        return switch (query.by()) {
            case START ->
                pager.read(new TracePager.Reading(query, ids, "", from, to, trace -> true), atMost, from, false, sink);
            case IN_PROGRESS ->
                pager.read(
                        new TracePager.Reading(
                                query,
                                ids,
                                "trace.status = 'IN_PROGRESS' AND ",
                                from,
                                to,
                                trace -> trace.state() == Trace.State.IN_PROGRESS),
                        atMost,
                        from,
                        false,
                        sink);
            case END -> ended(query, ids, atMost, sink);
        };
    }

    private long ended(TraceQuery query, List<String> ids, long atMost, Consumer<Trace> sink) throws MlflowException {
        long from = query.fromMillis();
        long to = query.toMillis();
        Predicate<Trace> wanted =
                trace -> trace.state() != Trace.State.IN_PROGRESS && end(trace) >= from && end(trace) < to;
        if (host.capabilities().can(Ability.FILTER_TRACES_BY_END_TIME)) {
            String filter = ENDED
                    + (from > 0 ? "trace.end_time_ms >= " + from + " AND " : "")
                    + (to == Long.MAX_VALUE ? "" : "trace.end_time_ms < " + to + " AND ");
            boolean sure = host.capabilities().does(Ability.FILTER_TRACES_BY_END_TIME);
            try {
                // None starts after it ended, so that whatever ended before the start reached was delivered.
                long reached = pager.read(
                        new TracePager.Reading(query, ids, filter, aDayBefore(from), to, wanted),
                        atMost,
                        from,
                        !sure,
                        sink);
                host.accepted(List.of(Ability.FILTER_TRACES_BY_END_TIME), 0);
                return reached;
            } catch (MlflowException e) {
                boolean unknown = e.kind() == Kind.REJECTED
                        && Ability.FILTER_TRACES_BY_END_TIME.isMentionedIn(String.valueOf(e.getMessage()));
                if (sure || !unknown) {
                    throw e;
                }
                host.refused(Ability.FILTER_TRACES_BY_END_TIME);
            }
        }
        long early = from > SHORTLY ? from - SHORTLY : Times.ABSENT;
        if (early != Times.ABSENT) {
            String filter = ENDED + "trace.execution_time_ms >= " + SHORTLY + " AND ";
            pager.read(
                    new TracePager.Reading(query, ids, filter, aDayBefore(from), early, wanted),
                    Long.MAX_VALUE,
                    from,
                    false,
                    sink);
        }
        return pager.read(new TracePager.Reading(query, ids, ENDED, early, to, wanted), atMost, from, false, sink);
    }

    private static long aDayBefore(long from) {
        return from > LONG_AGO ? from - LONG_AGO : Times.ABSENT;
    }

    /** As the server takes it: without a duration, a trace ended when it started. */
    private static long end(Trace trace) {
        if (trace.startMillis() == Times.ABSENT) {
            return 0;
        }
        return trace.durationMillis() == Times.ABSENT ? trace.startMillis() : trace.endMillis();
    }

    @Override
    public List<TracePoint> sums(TraceAggregate aggregate) throws MlflowException {
        return sums.read(aggregate);
    }
}
