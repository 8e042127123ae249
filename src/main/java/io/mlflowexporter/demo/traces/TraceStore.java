package io.mlflowexporter.demo.traces;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The traces of a server: those of the agent, and the newest of those that clients wrote. Not safe for use by several threads.
 */
public final class TraceStore {
    /** What is kept of clients' traces and of their feedback; the oldest written go first. */
    private static final int MOST_WRITTEN = 20_000;

    /**
     * Which traces are worth showing; others may be shown as well.
     *
     * @param from earliest start, inclusive
     * @param to latest start, inclusive
     * @param endFrom earliest end, inclusive
     * @param inProgress only those in progress
     */
    public record Wanted(long from, long to, long endFrom, boolean inProgress) {
        /** All that started in a stretch, both bounds included. */
        public static Wanted started(long from, long to) {
            return new Wanted(from, to, Long.MIN_VALUE / 2, false);
        }
    }

    private record Key(long start, long order) implements Comparable<Key> {
        @Override
        public int compareTo(Key other) {
            int byStart = Long.compare(start, other.start);
            return byStart == 0 ? Long.compare(order, other.order) : byStart;
        }
    }

    private final AgentTraces agent;
    private final NavigableMap<Key, DemoTrace> written = new TreeMap<>();
    private final LinkedHashMap<String, Key> keys = new LinkedHashMap<>();
    private final LinkedHashMap<String, List<DemoTrace.Feedback>> feedback = new LinkedHashMap<>();
    private long order;

    public TraceStore(AgentTraces agent) {
        this.agent = agent;
    }

    /** Keeps a trace, in place of one of the same id. */
    public void put(DemoTrace trace) {
        Key before = keys.remove(trace.id());
        if (before != null) {
            written.remove(before);
        }
        Key key = new Key(trace.startMillis(), order++);
        keys.put(trace.id(), key);
        written.put(key, trace);
        if (keys.size() > MOST_WRITTEN) {
            Map.Entry<String, Key> oldest = keys.entrySet().iterator().next();
            keys.remove(oldest.getKey());
            written.remove(oldest.getValue());
        }
    }

    /** Adds to a trace what a client says of it. */
    public void add(String traceId, DemoTrace.Feedback said) {
        feedback.computeIfAbsent(traceId, id -> new ArrayList<>()).add(said);
        if (feedback.size() > MOST_WRITTEN) {
            feedback.remove(feedback.keySet().iterator().next());
        }
    }

    /** The trace of an id, as it looks now. */
    public Optional<DemoTrace> find(String id, long nowMillis) {
        Optional<DemoTrace> own = Optional.ofNullable(keys.get(id)).map(written::get);
        if (own.isPresent()) {
            return own.map(this::withFeedback);
        }
        long number = agent.number(id);
        return number < 0 || agent.start(number) > nowMillis
                ? Optional.empty()
                : Optional.of(withFeedback(agent.at(number, nowMillis)));
    }

    private DemoTrace withFeedback(DemoTrace trace) {
        List<DemoTrace.Feedback> more = feedback.get(trace.id());
        if (more == null) {
            return trace;
        }
        List<DemoTrace.Feedback> all = new ArrayList<>(trace.feedback());
        all.addAll(more);
        return new DemoTrace(
                trace.id(),
                trace.experimentId(),
                trace.name(),
                trace.startMillis(),
                trace.durationMillis(),
                trace.state(),
                trace.metadata(),
                trace.tags(),
                trace.preview(),
                trace.calls(),
                all);
    }

    /**
     * Shows traces in ascending order of start, as they look now, until the visitor has had enough.
     *
     * @param visitor returns whether it wants more
     */
    public void visit(Set<String> experiments, Wanted wanted, long nowMillis, Predicate<DemoTrace> visitor) {
        long from = wanted.from();
        long to = wanted.to();
        long last = Math.min(to, nowMillis);
        if (last < from) {
            return;
        }
        var own = written.subMap(new Key(from, Long.MIN_VALUE), true, new Key(last, Long.MAX_VALUE), true)
                .values()
                .iterator();
        @Nullable DemoTrace next = own.hasNext() ? own.next() : null;
        boolean agents = agent.any() && experiments.contains(agent.experimentId());
        long number = agents ? agent.firstAt(Math.max(from, wanted.endFrom() - AgentTraces.LONGEST)) : 0;
        while (agents) {
            long start = agent.start(number);
            if (start > last) {
                break;
            }
            if (start >= from && (!wanted.inProgress() || agent.inProgress(number, nowMillis))) {
                while (next != null && next.startMillis() <= start) {
                    if (experiments.contains(next.experimentId()) && !visitor.test(withFeedback(next))) {
                        return;
                    }
                    next = own.hasNext() ? own.next() : null;
                }
                if (!visitor.test(withFeedback(agent.at(number, nowMillis)))) {
                    return;
                }
            }
            number++;
        }
        while (next != null) {
            if (experiments.contains(next.experimentId()) && !visitor.test(withFeedback(next))) {
                return;
            }
            next = own.hasNext() ? own.next() : null;
        }
    }
}
