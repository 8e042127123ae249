package io.mlflowexporter.mlflow.rest;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mlflowexporter.metric.Times;
import io.mlflowexporter.mlflow.MlflowException;
import io.mlflowexporter.mlflow.MlflowException.Kind;
import io.mlflowexporter.mlflow.Run;
import io.mlflowexporter.mlflow.RunProjection;
import io.mlflowexporter.mlflow.RunQuery;
import io.mlflowexporter.mlflow.rest.PagePrefetch.Page;
import io.mlflowexporter.mlflow.rest.hosts.Ability;
import io.mlflowexporter.mlflow.rest.hosts.Capabilities;
import io.mlflowexporter.mlflow.rest.hosts.Host;
import io.mlflowexporter.mlflow.rest.transport.HttpTransport;
import io.mlflowexporter.mlflow.rest.transport.HttpTransport.Call;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Consumer;

/**
 * Reads runs page by page, by key: each page starts at the start time the page before ended with, so that runs that
 * come or go meanwhile shift nothing and a late page costs the server no more than an early one. MLflow's own page
 * tokens are offsets; they are used only inside one millisecond that holds more runs than a page, and where the server
 * cannot sort runs or filter them by start time. What else a server cannot do is found out when it refuses a question:
 * the question is asked again without one thing after the other. Where more than a page follows, {@link PagePrefetch} asks
 * for the next ones meanwhile; they are delivered in order all the same.
 */
public final class RunPager implements AutoCloseable {
    /** In a row without a run not met before. */
    private static final int MOST_IDLE_PAGES = 1_000;

    /** So much of an answer's room for each id and token that is remembered as runs began in the same millisecond, bytes. */
    private static final int BYTES_PER_ID = 100;

    private static final String ENDPOINT = "runs/search";
    private static final JsonMapper JSON = new JsonMapper();
    private static final int MOST_LESSONS = 8;

    private final HttpTransport transport;
    private final Host host;
    private final PageSize size;
    private final PrefetchThreads threads;

    /** Whether the server takes a condition that a stretch of start times ends with. */
    private boolean bounds = true;

    /**
     * Sends nothing yet.
     *
     * @param size runs asked for at once at most
     * @param parallel requests under way at once at most
     */
    RunPager(HttpTransport transport, Host host, int size, int parallel) {
        this.transport = transport;
        this.host = host;
        this.size = new PageSize(size, transport.room().page());
        this.threads = new PrefetchThreads(parallel - 1);
    }

    /** What the server would not do is tried again. */
    void doubt() {
        bounds = true;
        size.doubt();
    }

    /** Something more is known of the server, so that the question is to be asked otherwise. */
    private static final class LearnedException extends Exception {
        private static final long serialVersionUID = 1L;
    }

    /** As {@link io.mlflowexporter.mlflow.MlflowSource#someRuns} says. */
    long read(RunQuery query, RunProjection projection, long atLeast, Consumer<Run> sink) throws MlflowException {
        RunParser parser = new RunParser(query.workspace(), projection, transport.nowMillis());
        for (int lessons = 0; lessons < MOST_LESSONS; lessons++) {
            Capabilities server = host.capabilities();
            if (!query.runIds().isEmpty() && !server.can(Ability.FILTER_BY_RUN_ID)) {
                // Names no experiments, so that there are never too many.
                oneByOne(query, parser, sink);
                return Long.MAX_VALUE;
            }
            if (query.experimentIds().size() > server.experimentsPerQuery()) {
                throw problem(Kind.TOO_MANY, query, "more experiments than the server takes in one request");
            }
            try {
                if (!Ability.neededBy(query.filter()).stream().allMatch(server::can)) {
                    throw problem(Kind.UNSUPPORTED, query, "the server does not filter runs by this");
                }
                if (server.can(Ability.ORDER_RUNS) && server.can(Ability.FILTER_BY_START_TIME)) {
                    return byStart(query, projection, atLeast, sink);
                }
                byToken(query, parser, sink);
                return Long.MAX_VALUE;
            } catch (LearnedException e) {
                // Asked again as the server can answer it.
            }
        }
        throw problem(Kind.BAD_ANSWER, query, "the server refuses by turns what it did before");
    }

    private long byStart(RunQuery query, RunProjection projection, long atLeast, Consumer<Run> sink)
            throws MlflowException, LearnedException {
        RunParser parser = new RunParser(query.workspace(), projection, transport.nowMillis());
        long left = atLeast;
        SeenTexts seenAtFrom = new SeenTexts();
        SeenTexts tokens = new SeenTexts();
        boolean first = true;
        int idle = 0;
        try (PagePrefetch plan = new PagePrefetch(
                threads,
                (stretch, most) -> ahead(query, projection, stretch, most),
                query.fromStartMillis(),
                transport.nowMillis())) {
            while (true) {
                StartRange stretch = plan.next(size.runs(), left);
                long from = stretch.from();
                Page page = page(plan, query, stretch, left, parser);
                long newest = newest(query, stretch, page, first);
                first = false;
                idle++;
                for (Run run : page.runs()) {
                    if (key(run) < stretch.before()
                            && (key(run) > from || (key(run) == from && seenAtFrom.add(run.id())))) {
                        sink.accept(run);
                        left--;
                        idle = 0;
                    }
                }
                if (seenAtFrom.size() + tokens.size() > transport.room().limit() / BYTES_PER_ID) {
                    throw problem(
                            Kind.TOO_LARGE,
                            query,
                            "more runs began in the same millisecond than memory has room for; give more with java -Xmx");
                }
                if (idle > MOST_IDLE_PAGES) {
                    throw problem(query, stretch, "the server gives page after page without a run that is new");
                }
                if (page.next().isEmpty() || newest >= stretch.before()) {
                    if (stretch.before() == StartRange.OPEN || left <= 0) {
                        return stretch.before();
                    }
                    plan.met(page.runs().size(), stretch.before() - from);
                    seenAtFrom.clear();
                    tokens.clear();
                } else if (newest > from) {
                    if (left <= 0) {
                        return newest;
                    }
                    seenAtFrom.clear();
                    for (Run run : page.runs()) {
                        if (key(run) == newest) {
                            seenAtFrom.add(run.id());
                        }
                    }
                    tokens.clear();
                    plan.met(
                            page.runs().size(),
                            newest - Math.max(from, key(page.runs().get(0))));
                    plan.rest(new StartRange(newest, stretch.before()), size.runs(), left);
                } else if (tokens.add(page.next())) {
                    plan.rest(new StartRange(from, stretch.before(), page.next()), size.runs(), left);
                } else {
                    throw problem(query, stretch, "the server repeats a page for ever");
                }
            }
        }
    }

    /** The newest start of a page. */
    private long newest(RunQuery query, StartRange stretch, Page page, boolean first)
            throws MlflowException, LearnedException {
        long newest = stretch.from();
        for (Run run : page.runs()) {
            // Where pages follow, a run out of order would have all those between it and the next page left out.
            if (run.startMillis() != Times.ABSENT
                    && key(run) < newest
                    && !page.next().isEmpty()) {
                host.refused(Ability.ORDER_RUNS);
                if (first) {
                    throw new LearnedException();
                }
                throw problem(query, stretch, "the server does not sort and filter runs by start time");
            }
            newest = Math.max(newest, key(run));
        }
        return newest;
    }

    /** A page for another thread to ask for; empty where it is not sure that the server can answer the question. */
    private Optional<Callable<Page>> ahead(RunQuery query, RunProjection projection, StartRange stretch, int most) {
        if (!bounds
                || !host.didBefore(
                        needed(query, stretch.from()), query.experimentIds().size())) {
            return Optional.empty();
        }
        Call call = call(query, stretch, most, Set.of());
        return Optional.of(() -> fetch(
                call,
                new RunParser(query.workspace(), projection, transport.nowMillis()),
                transport.room().ahead()));
    }

    private Page fetch(Call call, RunParser parser, long limit) throws MlflowException {
        List<Run> runs = new ArrayList<>();
        long started = System.nanoTime();
        Pages.Page read = Pages.read(transport, call, limit, "runs", value -> {
            Run run = parser.read(value);
            if (!run.id().isEmpty()) {
                runs.add(run);
            }
        });
        return new Page(runs, read.next(), read.bytes(), System.nanoTime() - started);
    }

    private Page page(PagePrefetch plan, RunQuery query, StartRange stretch, long left, RunParser parser)
            throws MlflowException, LearnedException {
        Optional<Page> there = plan.page(stretch);
        if (there.isPresent()) {
            took(there.get());
            return there.get();
        }
        return page(query, stretch, left, parser);
    }

    private void took(Page page) {
        size.took(page.runs().size(), page.bytes(), page.nanos());
    }

    /** Reads to the end, as nothing is known of what the pages to come hold. */
    private void byToken(RunQuery query, RunParser parser, Consumer<Run> sink)
            throws MlflowException, LearnedException {
        long from = query.fromStartMillis();
        SeenTexts seen = new SeenTexts();
        SeenTexts tokens = new SeenTexts();
        String token = "";
        int idle = 0;
        do {
            StartRange stretch = new StartRange(from, StartRange.OPEN, token);
            Page page = page(query, stretch, Long.MAX_VALUE, parser);
            idle++;
            for (Run run : page.runs()) {
                if (from != Times.ABSENT && key(run) < from) {
                    // Not remembered, and so never told from one that came before.
                    idle = 0;
                } else if (seen.add(run.id())) {
                    sink.accept(run);
                    idle = 0;
                }
            }
            if (idle > MOST_IDLE_PAGES) {
                throw problem(query, stretch, "the server gives page after page without a run that is new");
            }
            if (!page.next().isEmpty() && !tokens.add(page.next())) {
                throw problem(query, stretch, "the server repeats a page for ever");
            }
            token = page.next();
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
        return transport.problem(kind, call(query, StartRange.openFrom(Times.ABSENT), 1, Set.of()), why, "", null);
    }

    private MlflowException problem(RunQuery query, StartRange stretch, String why) {
        return transport.problem(Kind.BAD_ANSWER, call(query, stretch, size.runs(), Set.of()), why, "", null);
    }

    /** A run without a start time is stored with 0 when it came over REST. */
    private static long key(Run run) {
        return run.startMillis() == Times.ABSENT ? 0 : run.startMillis();
    }

    private Page page(RunQuery query, StartRange stretch, long left, RunParser parser)
            throws MlflowException, LearnedException {
        long from = stretch.from();
        while (true) {
            int most = (int) (left > 0 ? Math.min(size.runs(), left) : size.runs());
            Set<Ability> needed = needed(query, from);
            Call call = call(query, stretch, most, Set.of());
            boolean before = host.didBefore(needed, query.experimentIds().size());
            long started = System.nanoTime();
            try {
                Page page = fetch(
                        before ? call : call.mayBeRefused(Call.BAD_REQUEST),
                        parser,
                        transport.room().limit());
                took(page);
                host.accepted(needed, query.experimentIds().size());
                return page;
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
                            throw oneTooLarge(query, stretch, e);
                        }
                        size.tooLarge(most);
                    }
                    case REJECTED -> {
                        // After a first page it is the token.
                        if (!stretch.token().isEmpty()) {
                            throw e;
                        }
                        if (bounds && stretch.before() != StartRange.OPEN) {
                            // What comes later is passed over instead.
                            bounds = false;
                        } else {
                            learn(query, from, most, e);
                        }
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
                    transport,
                    call(query, StartRange.openFrom(from), 1, without).mayBeRefused(Call.BAD_REQUEST),
                    "runs",
                    value -> {});
            return true;
        } catch (MlflowException e) {
            if (e.kind() == Kind.REJECTED) {
                return false;
            }
            throw e;
        }
    }

    private MlflowException oneTooLarge(RunQuery query, StartRange stretch, MlflowException e) {
        String since =
                stretch.from() == Times.ABSENT ? "" : " that began at or after " + Instant.ofEpochMilli(stretch.from());
        return transport.problem(
                Kind.TOO_LARGE,
                call(query, stretch, 1, Set.of()),
                "a single run is larger than " + transport.room().why()
                        + ", or leave the run's experiment out with read.experiments.exclude",
                "the first run" + since + " of the experiments with the ids "
                        + String.join(", ", query.experimentIds()),
                e);
    }

    /** @param without what is left out of what the question takes */
    private Call call(RunQuery query, StartRange stretch, int most, Set<Ability> without) {
        List<String> ids = query.experimentIds();
        Set<Ability> asked = needed(query, stretch.from());
        asked.removeAll(without);
        ObjectNode body = JSON.createObjectNode();
        ids.subList(0, without.contains(Ability.MANY_EXPERIMENTS) ? 1 : ids.size())
                .forEach(body.putArray("experiment_ids")::add);
        String filter = asked.containsAll(Ability.neededBy(query.filter())) ? query.filter() : "";
        if (asked.contains(Ability.FILTER_BY_START_TIME)) {
            if (bounds && stretch.before() != StartRange.OPEN) {
                filter = "attributes.start_time < " + stretch.before() + (filter.isEmpty() ? "" : " AND " + filter);
            }
            filter = "attributes.start_time >= " + stretch.from() + (filter.isEmpty() ? "" : " AND " + filter);
        }
        if (!filter.isEmpty()) {
            body.put("filter", filter);
        }
        body.put("run_view_type", query.view().name());
        body.put("max_results", most);
        if (asked.contains(Ability.ORDER_RUNS)) {
            body.putArray("order_by").add("attributes.start_time ASC");
        }
        if (!stretch.token().isEmpty()) {
            body.put("page_token", stretch.token());
        }
        return new Call(ENDPOINT, "/api/2.0/mlflow/runs/search", Optional.of(body.toString()), query.workspace());
    }

    @Override
    public void close() {
        threads.close();
    }
}
