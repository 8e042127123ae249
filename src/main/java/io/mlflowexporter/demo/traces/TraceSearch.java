package io.mlflowexporter.demo.traces;

import io.mlflowexporter.demo.store.ApiException;
import io.mlflowexporter.demo.store.OrderBy;
import io.mlflowexporter.demo.store.PageToken;
import io.mlflowexporter.demo.store.SearchDialect;
import io.mlflowexporter.demo.store.SearchDialect.Entity;
import io.mlflowexporter.demo.store.SearchDialect.Subject;
import io.mlflowexporter.demo.store.SearchFilter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** MLflow's search for traces. In order of start it looks at no more than a page needs. */
public final class TraceSearch {
    private static final Comparator<DemoTrace> NEWEST_FIRST =
            Comparator.comparingLong(DemoTrace::startMillis).reversed();

    private TraceSearch() {}

    /**
     * A page of what is asked for.
     *
     * @param offset of the page
     * @param max traces on it
     */
    public static PageToken.Page<DemoTrace> page(
            TraceStore store,
            Set<String> experiments,
            SearchFilter filter,
            List<OrderBy> orders,
            int offset,
            int max,
            long nowMillis) {
        if (orders.stream().anyMatch(order -> order.subject().key().startsWith("end_time"))) {
            throw ApiException.internal("type object 'SqlTraceInfo' has no attribute 'end_time_ms'");
        }
        boolean byStart = !orders.isEmpty()
                && orders.get(0).ascending()
                && orders.get(0).subject().key().startsWith("timestamp");
        List<DemoTrace> found = new ArrayList<>();
        store.visit(experiments, wanted(filter), nowMillis, trace -> {
            if (filter.matches(subject -> value(trace, subject))) {
                found.add(trace);
            }
            // In this order nothing comes before what was found.
            return !byStart || found.size() < offset + max;
        });
        if (!byStart) {
            found.sort(orders.isEmpty() ? NEWEST_FIRST : OrderBy.comparator(orders, TraceSearch::value, NEWEST_FIRST));
        }
        List<DemoTrace> page = found.subList(Math.min(offset, found.size()), Math.min(offset + max, found.size()));
        // MLflow looks no further than the page.
        return new PageToken.Page<>(List.copyOf(page), page.size() == max ? PageToken.of((long) offset + max) : "");
    }

    private static TraceStore.Wanted wanted(SearchFilter filter) {
        return new TraceStore.Wanted(
                Math.max(filter.least("timestamp_ms"), filter.least("timestamp")),
                Math.min(filter.greatest("timestamp_ms"), filter.greatest("timestamp")),
                Math.max(Long.MIN_VALUE / 2, Math.max(filter.least("end_time_ms"), filter.least("end_time"))),
                filter.ids("status").filter(List.of("IN_PROGRESS")::equals).isPresent());
    }

    private static @Nullable Object value(DemoTrace trace, Subject subject) {
        if (subject.entity() == Entity.TAG) {
            return trace.tags().get(subject.key());
        }
        if (subject.entity() == Entity.PARAMETER) {
            return trace.metadata().get(subject.key());
        }
        return switch (subject.key()) {
            case "request_id" -> trace.id();
            case "timestamp", "timestamp_ms" -> trace.startMillis();
            case "execution_time_ms" -> trace.durationMillis() < 0 ? null : (Object) trace.durationMillis();
            case "end_time", "end_time_ms" -> trace.endMillis();
            case "status" -> trace.state();
            case "name" -> trace.name().isEmpty() ? null : trace.name();
            case "run_id" -> trace.metadata().get("mlflow.sourceRun");
            case "experiment_id" -> trace.experimentId();
            default -> null;
        };
    }

    /** The dialect of a server that knows the time traces ended, or does not. */
    public static SearchDialect dialect(boolean knowsEnd) {
        return knowsEnd ? SearchDialect.TRACES : SearchDialect.EARLY_TRACES;
    }
}
