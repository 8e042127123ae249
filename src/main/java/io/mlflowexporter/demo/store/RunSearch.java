package io.mlflowexporter.demo.store;

import io.mlflowexporter.demo.store.PageToken.Page;
import io.mlflowexporter.demo.store.SearchDialect.Subject;
import io.mlflowexporter.demo.store.SearchFilter.Clause;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Answers {@code runs/search}. Takes the narrowest index that answers a query, so that the pages an exporter asks for
 * cost what they hold, not what the store holds.
 */
final class RunSearch {
    /** Above this many candidates, sorting them costs more than walking in order of start. */
    private static final int SORT_AT_MOST = 20_000;

    private static final Comparator<RunRow> NEWEST_FIRST =
            Comparator.<RunRow>comparingLong(run -> run.start).reversed().thenComparing(run -> run.id);

    private final List<ExperimentRow> experiments;
    private final SearchFilter filter;
    private final List<OrderBy> orders;
    private final Predicate<RunRow> matches;

    RunSearch(
            Collection<ExperimentRow> experiments, Predicate<RunRow> view, SearchFilter filter, List<OrderBy> orders) {
        this.experiments = List.copyOf(experiments);
        this.filter = filter;
        this.orders = List.copyOf(orders);
        this.matches = view.and(run -> filter.matches(subject -> value(run, subject)));
    }

    /**
     * One page.
     *
     * @param byId the run of an id, null where there is none
     */
    Page<RunRow> page(Function<String, @Nullable RunRow> byId, int offset, int max) {
        Optional<List<RunRow>> few = fewCandidates(byId);
        if (few.isEmpty() && byStart()) {
            return walk(offset, max, !orders.isEmpty() && orders.get(0).ascending());
        }
        List<RunRow> found = few.orElseGet(
                () -> experiments.stream().flatMap(e -> e.runs.all().stream()).toList());
        List<RunRow> sorted = found.stream()
                .filter(matches)
                .sorted(OrderBy.comparator(orders, RunSearch::value, NEWEST_FIRST))
                .toList();
        return Page.of(sorted, offset, max);
    }

    /** Whether the asked order is the one the indexes have. */
    private boolean byStart() {
        if (orders.isEmpty()) {
            return true;
        }
        boolean tiesById = orders.size() == 1
                || (orders.size() == 2
                        && orders.get(1).subject().isAttribute("run_id")
                        && orders.get(1).ascending());
        return orders.get(0).subject().isAttribute("start_time") && tiesById;
    }

    private Optional<List<RunRow>> fewCandidates(Function<String, @Nullable RunRow> byId) {
        Optional<List<String>> ids = filter.ids("run_id");
        if (ids.isPresent()) {
            return Optional.of(ids.get().stream()
                    .distinct()
                    .map(byId)
                    .filter(Objects::nonNull)
                    .filter(run -> experiments.contains(run.experiment()))
                    .toList());
        }
        boolean onlyActive = filter.clauses().stream()
                .anyMatch(c -> c.subject().isAttribute("status") && c.operator().equals("=") && active(c));
        if (onlyActive) {
            return Optional.of(
                    experiments.stream().flatMap(e -> e.runs.active().stream()).toList());
        }
        long endFrom = filter.least("end_time");
        if (endFrom != Long.MIN_VALUE + 1) {
            return upTo(experiments.stream().map(e -> e.runs.endedFrom(endFrom)).toList());
        }
        return Optional.empty();
    }

    private static boolean active(Clause clause) {
        return clause.texts().get(0).equals(RunRow.RUNNING)
                || clause.texts().get(0).equals(RunRow.SCHEDULED);
    }

    private static Optional<List<RunRow>> upTo(List<NavigableSet<RunRow>> sets) {
        List<RunRow> all = new ArrayList<>();
        for (NavigableSet<RunRow> set : sets) {
            for (RunRow run : set) {
                if (all.size() == SORT_AT_MOST) {
                    return Optional.empty();
                }
                all.add(run);
            }
        }
        return Optional.of(all);
    }

    private Page<RunRow> walk(int offset, int max, boolean ascending) {
        long from = filter.least("start_time");
        long to = filter.greatest("start_time");
        boolean bounded = from != Long.MIN_VALUE + 1 || to != Long.MAX_VALUE;
        Comparator<RunRow> order = ascending ? RunIndex.BY_START : RunIndex.BY_START.reversed();
        PriorityQueue<Head> heads = new PriorityQueue<>((a, b) -> order.compare(a.run, b.run));
        for (ExperimentRow experiment : experiments) {
            NavigableSet<RunRow> started = experiment.runs.started(from, to);
            Head.push(heads, ascending ? started.iterator() : started.descendingIterator());
        }
        Collected collected = new Collected(matches, offset, max);
        List<RunRow> sameStart = new ArrayList<>();
        while (!heads.isEmpty() && !collected.full()) {
            Head head = heads.remove();
            // Going down, runs of one millisecond arrive with the greatest id first; MLflow wants the least first.
            if (!ascending && !sameStart.isEmpty() && sameStart.get(0).start != head.run.start) {
                collected.addReversed(sameStart);
            }
            if (ascending) {
                collected.add(head.run);
            } else {
                sameStart.add(head.run);
            }
            Head.push(heads, head.rest);
        }
        collected.addReversed(sameStart);
        if (!bounded && !collected.full()) {
            experiments.stream()
                    .flatMap(e -> e.runs.withoutStart().stream())
                    .sorted(RunIndex.BY_START)
                    .forEach(collected::add);
        }
        return collected.page();
    }

    /** The next run of one experiment, and the runs behind it. */
    private record Head(RunRow run, Iterator<RunRow> rest) {
        static void push(PriorityQueue<Head> heads, Iterator<RunRow> rest) {
            if (rest.hasNext()) {
                heads.add(new Head(rest.next(), rest));
            }
        }
    }

    /** Skips the offset, keeps a page and knows whether there is more. */
    private static final class Collected {
        private final Predicate<RunRow> matches;
        private final int offset;
        private final int max;
        private final List<RunRow> page = new ArrayList<>();
        private int seen;

        Collected(Predicate<RunRow> matches, int offset, int max) {
            this.matches = matches;
            this.offset = offset;
            this.max = max;
        }

        boolean full() {
            return seen > (long) offset + max;
        }

        void add(RunRow run) {
            if (full() || !matches.test(run)) {
                return;
            }
            if (seen >= offset && page.size() < max) {
                page.add(run);
            }
            seen++;
        }

        void addReversed(List<RunRow> runs) {
            for (int i = runs.size() - 1; i >= 0; i--) {
                add(runs.get(i));
            }
            runs.clear();
        }

        Page<RunRow> page() {
            return new Page<>(page, full() ? PageToken.of((long) offset + max) : "");
        }
    }

    static @Nullable Object value(RunRow run, Subject subject) {
        return switch (subject.entity()) {
            case TAG -> run.tags.get(subject.key());
            case PARAMETER -> run.params.get(subject.key());
            case METRIC -> {
                MetricLog.Point latest = run.metrics.latest(subject.key());
                yield latest == null ? null : latest.value();
            }
            case ATTRIBUTE ->
                switch (subject.key()) {
                    case "run_id" -> run.id;
                    case "run_name" -> run.name;
                    case "status" -> run.status;
                    case "user_id" -> run.user;
                    case "artifact_uri" -> run.artifactUri();
                    case "start_time" -> run.start == RunRow.ABSENT ? null : (Object) run.start;
                    case "end_time" -> run.end == RunRow.ABSENT ? null : (Object) run.end;
                    default -> null;
                };
        };
    }
}
