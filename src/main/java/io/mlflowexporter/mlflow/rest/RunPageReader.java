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
import io.mlflowexporter.mlflow.rest.hosts.Host;
import io.mlflowexporter.mlflow.rest.pages.PageSize;
import io.mlflowexporter.mlflow.rest.pages.Pages;
import io.mlflowexporter.mlflow.rest.transport.Call;
import io.mlflowexporter.mlflow.rest.transport.HttpTransport;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;

/**
 * Requests single pages of {@code runs/search}, in a form that the server accepts and in a size that it answers in time.
 * What a server cannot do is found out when it refuses a request: the request is sent again without one thing after the
 * other.
 */
final class RunPageReader {
    private static final String ENDPOINT = "runs/search";
    private static final JsonMapper JSON = new JsonMapper();

    private final HttpTransport transport;
    private final Host host;
    private final PageSize size;

    /** Whether the server takes a condition that a range of start times ends with. */
    private boolean bounds = true;

    /** @param size runs in a page at most */
    RunPageReader(HttpTransport transport, Host host, int size) {
        this.transport = transport;
        this.host = host;
        this.size = new PageSize(size, transport.room().page());
    }

    /** Tries again what the server refused. */
    void doubt() {
        bounds = true;
        size.doubt();
    }

    /** How many runs the next page holds at most. */
    int pageSize() {
        return size.runs();
    }

    /** Something more is known of the server: the request is to be made in another form. */
    static final class LearnedException extends Exception {
        private static final long serialVersionUID = 1L;
    }

    /**
     * Requests a page, of fewer runs where the server does not answer with more.
     *
     * @param left how many runs are still wanted; 0 or less where the range is to be read to its end
     * @throws LearnedException if the server cannot answer this, which {@link Host} now knows
     */
    Page page(RunQuery query, StartRange stretch, long left, RunParser parser)
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
                    case TIMEOUT, REFRESH_OVER, GAVE_UP ->
                        size.tooSlow(e, most, most > 1 && transport.hasTimeToRepeat(started));
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

    /** A page for another thread to request; empty where it is not certain that the server can answer the request. */
    Optional<Callable<Page>> ahead(RunQuery query, RunProjection projection, StartRange stretch, int most) {
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

    /** Takes note of the size of a page and the time it took. */
    void took(Page page) {
        size.took(page.runs().size(), page.bytes(), page.nanos());
    }

    MlflowException problem(Kind kind, RunQuery query, String why) {
        return transport.problem(kind, call(query, StartRange.openFrom(Times.ABSENT), 1, Set.of()), why, "", null);
    }

    MlflowException problem(RunQuery query, StartRange stretch, String why) {
        return transport.problem(Kind.BAD_ANSWER, call(query, stretch, size.runs(), Set.of()), why, "", null);
    }
}
