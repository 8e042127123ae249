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
import io.mlflowexporter.mlflow.rest.hosts.Ability;
import io.mlflowexporter.mlflow.rest.hosts.Capabilities;
import io.mlflowexporter.mlflow.rest.hosts.Host;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Reads runs page by page, by key: each page starts at the start time the page before ended with, so that runs that
 * come or go meanwhile shift nothing and a late page costs the server no more than an early one. MLflow's own page
 * tokens are offsets; they are used only inside one millisecond that holds more runs than a page, and where the server
 * cannot sort runs or filter them by start time. What else a server cannot do is found out when it refuses a question:
 * the question is asked again without one thing after the other.
 */
final class RunPager {
    private static final String ENDPOINT = "runs/search";
    private static final JsonMapper JSON = new JsonMapper();
    private static final int MOST_LESSONS = 8;

    private final HttpTransport transport;
    private final Host host;
    private final PageSize size;

    RunPager(HttpTransport transport, Host host, int size) {
        this.transport = transport;
        this.host = host;
        this.size = new PageSize(size, transport.room().page());
    }

    /** Something more is known of the server, so that the question is to be asked otherwise. */
    private static final class LearnedException extends Exception {
        private static final long serialVersionUID = 1L;
    }

    /** As {@link io.mlflowexporter.mlflow.MlflowSource#someRuns} says. */
    long read(RunQuery query, RunProjection projection, long atLeast, Consumer<Run> sink) throws MlflowException {
        RunParser parser = new RunParser(query.workspace(), projection);
        for (int lessons = 0; lessons < MOST_LESSONS; lessons++) {
            Capabilities server = host.capabilities();
            if (query.experimentIds().size() > server.experimentsPerQuery()) {
                throw problem(Kind.TOO_MANY, query, "more experiments than the server takes in one request");
            }
            try {
                if (!query.runIds().isEmpty() && !server.can(Ability.FILTER_BY_RUN_ID)) {
                    oneByOne(query, parser, sink);
                    return Long.MAX_VALUE;
                }
                if (!Ability.neededBy(query.filter()).stream().allMatch(server::can)) {
                    throw problem(Kind.UNSUPPORTED, query, "the server does not filter runs by this");
                }
                if (server.can(Ability.ORDER_RUNS) && server.can(Ability.FILTER_BY_START_TIME)) {
                    return byStart(query, parser, atLeast, sink);
                }
                byToken(query, parser, sink);
                return Long.MAX_VALUE;
            } catch (LearnedException e) {
                // Asked again as the server can answer it.
            }
        }
        throw problem(Kind.BAD_ANSWER, query, "the server refuses by turns what it did before");
    }

    private long byStart(RunQuery query, RunParser parser, long atLeast, Consumer<Run> sink)
            throws MlflowException, LearnedException {
        long left = atLeast;
        long from = query.fromStartMillis();
        Set<String> seenAtFrom = new HashSet<>();
        Set<String> tokens = new HashSet<>();
        String token = "";
        boolean first = true;
        while (true) {
            List<Run> page = new ArrayList<>();
            String next = page(query, from, token, left, parser, page);
            long newest = from;
            for (Run run : page) {
                // Where pages follow, a run out of order would have all those between it and the next page left out.
                if (run.startMillis() != Times.ABSENT && key(run) < newest && !next.isEmpty()) {
                    host.refused(Ability.ORDER_RUNS);
                    if (first) {
                        throw new LearnedException();
                    }
                    throw problem(query, from, token, "the server does not sort and filter runs by start time");
                }
                newest = Math.max(newest, key(run));
            }
            first = false;
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

    /** Reads to the end, as nothing is known of what the pages to come hold. */
    private void byToken(RunQuery query, RunParser parser, Consumer<Run> sink)
            throws MlflowException, LearnedException {
        long from = query.fromStartMillis();
        Set<String> seen = new HashSet<>();
        Set<String> tokens = new HashSet<>();
        String token = "";
        do {
            List<Run> page = new ArrayList<>();
            String next = page(query, from, token, Long.MAX_VALUE, parser, page);
            for (Run run : page) {
                if ((from == Times.ABSENT || key(run) >= from) && seen.add(run.id())) {
                    sink.accept(run);
                }
            }
            if (!next.isEmpty() && !tokens.add(next)) {
                throw problem(query, from, token, "the server repeats a page for ever");
            }
            token = next;
        } while (!token.isEmpty());
    }

    private void oneByOne(RunQuery query, RunParser parser, Consumer<Run> sink) throws MlflowException {
        for (String id : query.runIds()) {
            String path = "/api/2.0/mlflow/runs/get?run_id=" + URLEncoder.encode(id, StandardCharsets.UTF_8);
            Call call = new Call("runs/get", path, Optional.empty(), query.workspace()).mayBeRefused(Set.of(404));
            List<Run> found = new ArrayList<>();
            try {
                Pages.readObject(transport, call, "run", value -> found.add(parser.read(value)));
            } catch (MlflowException e) {
                if (e.kind() != Kind.MISSING) {
                    throw e;
                }
            }
            found.stream().filter(run -> !run.id().isEmpty()).forEach(sink);
        }
    }

    private MlflowException problem(Kind kind, RunQuery query, String why) {
        return transport.problem(kind, call(query, Times.ABSENT, "", 1, Set.of()), why, "", null);
    }

    private MlflowException problem(RunQuery query, long from, String token, String why) {
        return transport.problem(Kind.BAD_ANSWER, call(query, from, token, size.runs(), Set.of()), why, "", null);
    }

    /** A run without a start time is stored with 0 when it came over REST. */
    private static long key(Run run) {
        return run.startMillis() == Times.ABSENT ? 0 : run.startMillis();
    }

    private String page(RunQuery query, long from, String token, long left, RunParser parser, List<Run> page)
            throws MlflowException, LearnedException {
        while (true) {
            page.clear();
            int most = (int) (left > 0 ? Math.min(size.runs(), left) : size.runs());
            Set<Ability> needed = needed(query, from);
            Call call = call(query, from, token, most, Set.of());
            boolean before = host.didBefore(needed, query.experimentIds().size());
            long started = System.nanoTime();
            try {
                Pages.Page read =
                        Pages.read(transport, before ? call : call.mayBeRefused(Call.BAD_REQUEST), "runs", value -> {
                            Run run = parser.read(value);
                            if (!run.id().isEmpty()) {
                                page.add(run);
                            }
                        });
                size.took(page.size(), read.bytes(), System.nanoTime() - started);
                host.accepted(needed, query.experimentIds().size());
                return read.next();
            } catch (MlflowException e) {
                // Inside one millisecond the token counts runs, so the page may still shrink.
                switch (e.kind()) {
                    case TIMEOUT, REFRESH_OVER -> {
                        // Not asked for less now: the server is still busy with what it was asked for.
                        size.tooSlow(most);
                        throw e;
                    }
                    case GAVE_UP -> {
                        size.tooSlow(most);
                        if (most == 1 || !transport.hasTimeFor(Duration.ofNanos(System.nanoTime() - started))) {
                            throw e;
                        }
                    }
                    case TOO_LARGE -> {
                        if (most == 1) {
                            throw oneTooLarge(query, from, token, e);
                        }
                        size.tooLarge(most);
                    }
                    case REJECTED -> {
                        // After a first page it is the token.
                        if (!token.isEmpty()) {
                            throw e;
                        }
                        learn(query, from, most, e);
                    }
                    default -> throw e;
                }
            }
        }
    }

    /** What of the server's abilities a question takes. */
    private Set<Ability> needed(RunQuery query, long from) {
        Set<Ability> needed = EnumSet.noneOf(Ability.class);
        needed.addAll(Ability.neededBy(query.filter()));
        if (from != Times.ABSENT && host.capabilities().can(Ability.FILTER_BY_START_TIME)) {
            needed.add(Ability.FILTER_BY_START_TIME);
        }
        if (host.capabilities().can(Ability.ORDER_RUNS)) {
            needed.add(Ability.ORDER_RUNS);
        }
        return needed;
    }

    /**
     * Finds out what it is that the server refuses, by asking for one run without one thing after the other; first for what
     * its words speak of.
     *
     * @throws LearnedException if it is found; returns where it is the size of the page
     * @throws MlflowException the refusal, if it is nothing of that
     */
    private void learn(RunQuery query, long from, int most, MlflowException refusal)
            throws MlflowException, LearnedException {
        if (most > 1 && accepts(query, from, Set.of())) {
            size.refused(most);
            return;
        }
        Set<Ability> needed = needed(query, from);
        if (query.experimentIds().size() > 1) {
            needed.add(Ability.MANY_EXPERIMENTS);
        }
        String words = String.valueOf(refusal.getMessage());
        List<Ability> suspects = new ArrayList<>(needed);
        suspects.sort((a, b) -> Boolean.compare(b.isMentionedIn(words), a.isMentionedIn(words)));
        for (Ability suspect : suspects) {
            if (accepts(query, from, Set.of(suspect))) {
                refused(Set.of(suspect), query);
                throw new LearnedException();
            }
        }
        if (suspects.size() > 1 && accepts(query, from, needed)) {
            refused(needed, query);
            throw new LearnedException();
        }
        throw refusal;
    }

    private void refused(Collection<Ability> abilities, RunQuery query) {
        for (Ability ability : abilities) {
            if (ability == Ability.MANY_EXPERIMENTS) {
                host.refusedExperiments(query.experimentIds().size());
            } else {
                host.refused(ability);
            }
        }
    }

    private boolean accepts(RunQuery query, long from, Set<Ability> without) throws MlflowException {
        try {
            Pages.read(
                    transport, call(query, from, "", 1, without).mayBeRefused(Call.BAD_REQUEST), "runs", value -> {});
            return true;
        } catch (MlflowException e) {
            if (e.kind() == Kind.REJECTED) {
                return false;
            }
            throw e;
        }
    }

    private MlflowException oneTooLarge(RunQuery query, long from, String token, MlflowException e) {
        String since = from == Times.ABSENT ? "" : " that began at or after " + Instant.ofEpochMilli(from);
        return transport.problem(
                Kind.TOO_LARGE,
                call(query, from, token, 1, Set.of()),
                "a single run is larger than " + transport.room().why()
                        + ", or leave the run's experiment out with read.experiments.exclude",
                "the first run" + since + " of the experiments with the ids "
                        + String.join(", ", query.experimentIds()),
                e);
    }

    /** @param without what is left out of what the question takes */
    private Call call(RunQuery query, long from, String token, int most, Set<Ability> without) {
        List<String> ids = query.experimentIds();
        Set<Ability> asked = needed(query, from);
        asked.removeAll(without);
        ObjectNode body = JSON.createObjectNode();
        ids.subList(0, without.contains(Ability.MANY_EXPERIMENTS) ? 1 : ids.size())
                .forEach(body.putArray("experiment_ids")::add);
        String filter = asked.containsAll(Ability.neededBy(query.filter())) ? query.filter() : "";
        if (asked.contains(Ability.FILTER_BY_START_TIME)) {
            filter = "attributes.start_time >= " + from + (filter.isEmpty() ? "" : " AND " + filter);
        }
        if (!filter.isEmpty()) {
            body.put("filter", filter);
        }
        body.put("run_view_type", query.view().name());
        body.put("max_results", most);
        if (asked.contains(Ability.ORDER_RUNS)) {
            body.putArray("order_by").add("attributes.start_time ASC");
        }
        if (!token.isEmpty()) {
            body.put("page_token", token);
        }
        return new Call(ENDPOINT, "/api/2.0/mlflow/runs/search", Optional.of(body.toString()), query.workspace());
    }
}
