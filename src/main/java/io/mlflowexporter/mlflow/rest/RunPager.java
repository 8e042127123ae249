package io.mlflowexporter.mlflow.rest;

import io.mlflowexporter.metric.Times;
import io.mlflowexporter.mlflow.MlflowException;
import io.mlflowexporter.mlflow.MlflowException.Kind;
import io.mlflowexporter.mlflow.Run;
import io.mlflowexporter.mlflow.RunProjection;
import io.mlflowexporter.mlflow.RunQuery;
import io.mlflowexporter.mlflow.rest.PagePrefetch.Page;
import io.mlflowexporter.mlflow.rest.RunPageReader.LearnedException;
import io.mlflowexporter.mlflow.rest.hosts.Ability;
import io.mlflowexporter.mlflow.rest.hosts.Capabilities;
import io.mlflowexporter.mlflow.rest.hosts.Host;
import io.mlflowexporter.mlflow.rest.pages.Pages;
import io.mlflowexporter.mlflow.rest.pages.SeenTexts;
import io.mlflowexporter.mlflow.rest.transport.Call;
import io.mlflowexporter.mlflow.rest.transport.HttpTransport;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Reads runs page by page, by key: each page starts at the start time the page before ended with, so that runs that
 * come or go meanwhile shift nothing and a late page costs the server no more than an early one. MLflow's own page
 * tokens are offsets; they are used only inside one millisecond that holds more runs than a page, and where the server
 * cannot sort runs or filter them by start time. Where more than a page follows, {@link PagePrefetch} requests the next
 * ones meanwhile; they are delivered in order all the same.
 */
public final class RunPager implements AutoCloseable {
    /** In a row without a run not met before. */
    private static final int MOST_IDLE_PAGES = 1_000;

    /** So much of an answer's room for each id and token that is remembered as runs began in the same millisecond, bytes. */
    private static final int BYTES_PER_ID = 100;

    private static final int MOST_LESSONS = 8;

    private final HttpTransport transport;
    private final Host host;
    private final RunPageReader search;
    private final PrefetchThreads threads;

    /**
     * Sends nothing yet.
     *
     * @param size runs asked for at once at most
     * @param parallel requests under way at once at most
     */
    RunPager(HttpTransport transport, Host host, int size, int parallel) {
        this.transport = transport;
        this.host = host;
        this.search = new RunPageReader(transport, host, size);
        this.threads = new PrefetchThreads(parallel - 1);
    }

    /** What the server would not do is tried again. */
    void doubt() {
        search.doubt();
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
                throw search.problem(Kind.TOO_MANY, query, "more experiments than the server takes in one request");
            }
            try {
                if (!Ability.neededBy(query.filter()).stream().allMatch(server::can)) {
                    throw search.problem(Kind.UNSUPPORTED, query, "the server does not filter runs by this");
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
        throw search.problem(Kind.BAD_ANSWER, query, "the server refuses by turns what it did before");
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
                (stretch, most) -> search.ahead(query, projection, stretch, most),
                query.fromStartMillis(),
                transport.nowMillis())) {
            while (true) {
                StartRange stretch = plan.next(search.pageSize(), left);
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
                    throw search.problem(
                            Kind.TOO_LARGE,
                            query,
                            "more runs began in the same millisecond than memory has room for; give more with java"
                                    + " -Xmx");
                }
                if (idle > MOST_IDLE_PAGES) {
                    throw search.problem(query, stretch, "the server gives page after page without a run that is new");
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
                    plan.rest(new StartRange(newest, stretch.before()), search.pageSize(), left);
                } else if (tokens.add(page.next())) {
                    plan.rest(new StartRange(from, stretch.before(), page.next()), search.pageSize(), left);
                } else {
                    throw search.problem(query, stretch, "the server repeats a page for ever");
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
                throw search.problem(query, stretch, "the server does not sort and filter runs by start time");
            }
            newest = Math.max(newest, key(run));
        }
        return newest;
    }

    private Page page(PagePrefetch plan, RunQuery query, StartRange stretch, long left, RunParser parser)
            throws MlflowException, LearnedException {
        Optional<Page> there = plan.page(stretch);
        if (there.isPresent()) {
            search.took(there.get());
            return there.get();
        }
        return search.page(query, stretch, left, parser);
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
            Page page = search.page(query, stretch, Long.MAX_VALUE, parser);
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
                throw search.problem(query, stretch, "the server gives page after page without a run that is new");
            }
            if (!page.next().isEmpty() && !tokens.add(page.next())) {
                throw search.problem(query, stretch, "the server repeats a page for ever");
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

    /** A run without a start time is stored with 0 when it came over REST. */
    private static long key(Run run) {
        return run.startMillis() == Times.ABSENT ? 0 : run.startMillis();
    }

    @Override
    public void close() {
        threads.close();
    }
}
