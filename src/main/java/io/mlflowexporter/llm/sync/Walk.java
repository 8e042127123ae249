package io.mlflowexporter.llm.sync;

import io.mlflowexporter.checkpoint.fields.FieldReader;
import io.mlflowexporter.checkpoint.fields.FieldWriter;
import io.mlflowexporter.llm.sums.Hours;
import io.mlflowexporter.llm.sums.Sums;
import io.mlflowexporter.llm.sums.TraceTotals;
import io.mlflowexporter.metric.Times;
import io.mlflowexporter.mlflow.Experiment;
import io.mlflowexporter.mlflow.MlflowException;
import io.mlflowexporter.mlflow.TraceSource;
import io.mlflowexporter.mlflow.traces.Trace;
import io.mlflowexporter.mlflow.traces.TraceQuery;
import java.io.IOException;
import java.util.BitSet;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Reads the traces of some experiments of one workspace by their start, a step at a time, and puts what it finds of each whole hour in
 * the place of what was known of it. What else is counted meanwhile, as it has just ended, is in the hour that replaces as well: in
 * the part of the open hour that was read already it is added, unless it was found there.
 */
final class Walk {
    /** Of no experiment. */
    static final Walk NONE = new Walk("", List.of(), 0);

    private final String workspace;
    private final Set<String> experiments = new LinkedHashSet<>();
    /** Traces that started before this were read in this walk, Unix milliseconds. */
    private long reachedMillis;

    /** What was found of hours that are not read whole yet. Not written: such an hour begins again after a restart. */
    private final TreeMap<Integer, Map<String, Sums>> open = new TreeMap<>();
    /** Traces found in these hours that may come by their end as well. */
    private final Map<String, Found> found = new HashMap<>();
    /** Traces that start at or after {@link #reachedMillis} and were found nevertheless: the next step finds them again. */
    private final Map<String, Long> ahead = new HashMap<>();

    private record Found(long startMillis, long endMillis) {}

    /** What a walk needs to know of the reading it is part of. */
    record Context(
            TraceSource source,
            Map<String, Experiment> experiments,
            Tally tally,
            TraceTotals sums,
            Front front,
            long endsBefore) {}

    Walk(String workspace, Collection<String> experiments, long fromMillis) {
        this.workspace = workspace;
        this.experiments.addAll(experiments);
        this.reachedMillis = Hours.millis(Hours.of(fromMillis));
    }

    String workspace() {
        return workspace;
    }

    Set<String> experiments() {
        return experiments;
    }

    long reachedMillis() {
        return reachedMillis;
    }

    /** Leaves out all other experiments; what was found of their open hours is dropped. */
    void retain(Set<String> wanted) {
        experiments.retainAll(wanted);
        open.values().forEach(sums -> sums.keySet().retainAll(wanted));
    }

    /** A trace was counted by its end. */
    void counted(Trace trace, Sums sums) {
        int hour = Hours.of(trace.startMillis());
        if (hour != Hours.of(reachedMillis)
                || trace.startMillis() >= reachedMillis
                || !experiments.contains(trace.experimentId())
                || found.containsKey(trace.id())) {
            return;
        }
        add(hour, trace.experimentId(), sums);
    }

    private void add(int hour, String experiment, Sums sums) {
        open.computeIfAbsent(hour, h -> new HashMap<>())
                .computeIfAbsent(experiment, e -> new Sums())
                .add(sums);
    }

    /**
     * Reads on.
     *
     * @param toMillis up to which start; the walk has ended where all was delivered
     * @param each takes each trace delivered
     * @return whether the walk has ended
     * @throws MlflowException with the open hour to be begun again
     */
    boolean step(Context context, long toMillis, long atMost, Counted each) throws MlflowException {
        Map<String, Long> starts = new HashMap<>();
        long from = reachedMillis;
        long to;
        try {
            to = context.source()
                    .search(
                            new TraceQuery(
                                    workspace,
                                    List.copyOf(experiments),
                                    TraceQuery.By.START,
                                    from,
                                    toMillis,
                                    context.tally().projection()),
                            atMost,
                            trace -> {
                                if (deliver(context, trace)) {
                                    starts.put(trace.id(), trace.startMillis());
                                    each.take(trace);
                                }
                            });
        } catch (MlflowException e) {
            reset();
            throw e;
        }
        boolean over = to >= toMillis;
        ahead.putAll(starts);
        ahead.values().removeIf(start -> start < to);
        replace(context, Hours.of(from), over ? Integer.MAX_VALUE : Hours.of(to));
        reachedMillis = to;
        return over;
    }

    /** Takes one trace. */
    @FunctionalInterface
    interface Counted {
        void take(Trace trace);
    }

    /** False for a trace that does not count, or was taken by the step before. */
    private boolean deliver(Context context, Trace trace) {
        Experiment experiment = context.experiments().get(trace.experimentId());
        if (experiment == null
                || !experiments.contains(trace.experimentId())
                || trace.startMillis() == Times.ABSENT
                || !Tally.ended(trace)
                || Tally.end(trace) >= context.endsBefore()) {
            return false;
        }
        if (!ahead.containsKey(trace.id())) {
            add(
                    Hours.of(trace.startMillis()),
                    trace.experimentId(),
                    context.tally().of(experiment, trace));
        }
        long end = Tally.end(trace);
        if (end >= context.front().fromMillis()) {
            found.put(trace.id(), new Found(trace.startMillis(), end));
        }
        return true;
    }

    private void replace(Context context, int fromHour, int toHour) {
        for (String id : experiments) {
            Experiment experiment = context.experiments().get(id);
            if (experiment == null) {
                continue;
            }
            Set<Integer> hours = new HashSet<>();
            for (int hour : context.sums().hours(id, fromHour, toHour)) {
                hours.add(hour);
            }
            open.headMap(toHour).forEach((hour, sums) -> {
                if (sums.containsKey(id)) {
                    hours.add(hour);
                }
            });
            for (int hour : hours) {
                Sums now = open.getOrDefault(hour, Map.of()).getOrDefault(id, new Sums());
                context.sums().replace(experiment, hour, now, false);
            }
        }
        open.headMap(toHour).clear();
        found.entrySet().removeIf(entry -> {
            boolean whole = Hours.of(entry.getValue().startMillis()) < toHour;
            if (whole) {
                context.front().seen().add(entry.getKey(), entry.getValue().endMillis());
            }
            return whole || entry.getValue().endMillis() < context.front().fromMillis();
        });
    }

    /** The open hour is to be read again from its beginning. */
    void reset() {
        open.clear();
        found.clear();
        ahead.clear();
        reachedMillis = Hours.millis(Hours.of(reachedMillis));
    }

    /** Marks the measures of what is not yet in the sums. */
    void used(BitSet measures) {
        open.values().forEach(sums -> sums.values().forEach(one -> TraceTotals.used(one, measures)));
    }

    void write(FieldWriter out) throws IOException {
        out.text("workspace", workspace);
        out.texts("experiments", experiments);
        out.number("reachedMillis", Hours.millis(Hours.of(reachedMillis)));
    }

    static Walk read(FieldReader in) throws IOException {
        String workspace = "";
        List<String> experiments = List.of();
        long reached = 0;
        while (in.next()) {
            switch (in.name()) {
                case "workspace" -> workspace = in.text();
                case "experiments" -> experiments = in.texts();
                case "reachedMillis" -> reached = in.number();
                default -> {
                    // Of another version.
                }
            }
        }
        return new Walk(workspace, experiments, reached);
    }
}
