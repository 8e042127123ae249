package io.mlflowexporter.llm.sync;

import io.mlflowexporter.checkpoint.fields.FieldReader;
import io.mlflowexporter.checkpoint.fields.FieldWriter;
import io.mlflowexporter.llm.sums.Hours;
import io.mlflowexporter.llm.sums.Measure;
import io.mlflowexporter.llm.sums.Sums;
import io.mlflowexporter.llm.sums.TraceExemplar;
import io.mlflowexporter.llm.sums.TraceTotals;
import io.mlflowexporter.metric.HistogramLayout;
import io.mlflowexporter.metric.Times;
import io.mlflowexporter.mlflow.Experiment;
import io.mlflowexporter.mlflow.LifecycleStage;
import io.mlflowexporter.mlflow.MlflowException;
import io.mlflowexporter.mlflow.TraceSource;
import io.mlflowexporter.mlflow.traces.Trace;
import io.mlflowexporter.mlflow.traces.TraceProjection;
import io.mlflowexporter.mlflow.traces.TraceQuery;
import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Brings the sums of traces up to date. Each refresh reads what ended since the last one, of all experiments of a workspace together, and
 * counts each trace once: ids are kept of those that ended inside the overlap, which are asked for again. Whatever that misses - traces
 * that arrive late, deletions, edits, assessments that come later - a {@link Walk} over the horizon finds, which reads hours again and
 * puts what it finds in the place of what was known. Experiments that are new to the exporter are walked once over all hours that are
 * held. Belongs to the refresh thread.
 */
public final class TraceSync {
    /** Of the time for a refresh, for traces that ended and for the past of new experiments. */
    private static final int PART_OF_TIMEOUT = 4;
    /** Pages of {@code max_per_refresh} traces in one refresh, for all experiments of a workspace together. */
    private static final int MOST_STEPS = 10;
    /** Hours that are asked for in each refresh from the server's sums: a trace may have begun some time ago. */
    private static final int LATEST_HOURS = 3;

    /** What one request brings. */
    private static final int PAGE = 500;

    private static final int LEAST_STEP = 100;
    /** A shorter time than this part of the interval says little of how many traces there are. */
    private static final double LEAST_INTERVAL = 0.1;

    /** Experiments whose models are asked for in one refresh. */
    private static final int MODELS_AT_ONCE = 2;

    private static final long MODELS_EVERY_MILLIS = 600_000;

    private final TraceSyncSettings settings;
    private final LongSupplier answerNanos;
    private final TraceTotals sums;
    private final SyncState state;
    /** Traces in progress by experiment, at the last refresh; empty after a restart, until they are asked for. */
    private Optional<Map<String, Long>> inProgress = Optional.empty();

    private Map<String, Experiment> experiments = Map.of();
    /** Steps of walks are no greater than this; smaller after one that came too late. */
    private int step;

    private boolean aggregates;

    /**
     * Begins with nothing read.
     *
     * @param answerNanos how long the server took so far to answer, as {@code MlflowSource.answerNanos}
     */
    public TraceSync(TraceSyncSettings settings, LongSupplier answerNanos, TraceTotals sums) {
        this(settings, answerNanos, sums, Saved.nothing());
    }

    /** Goes on from where another came to, with its sums. */
    public TraceSync(TraceSyncSettings settings, LongSupplier answerNanos, TraceTotals sums, Saved saved) {
        this.state = saved.state;
        this.settings = settings;
        this.answerNanos = answerNanos;
        this.sums = sums;
        this.step = settings.maxPerRefresh();
    }

    /** Traces in progress by experiment id, among those that began within the horizon; empty where none were asked for yet. */
    public Optional<Map<String, Long>> inProgress() {
        return inProgress;
    }

    /** Ids of experiments that are read from the server's sums. */
    public Set<String> aggregated() {
        Set<String> ids = new TreeSet<>();
        experiments.keySet().stream().filter(id -> mode(id).aggregated()).forEach(ids::add);
        return ids;
    }

    /** How many experiments are read one trace at a time. */
    public int detailed() {
        return experiments.size() - aggregated().size();
    }

    /** When the hour of the horizon that was not read again for longest was read; {@link Times#ABSENT} before a first round. */
    public long oldestRereadMillis() {
        return state.reread == null && state.round.isEmpty() ? state.begunMillis : state.previousMillis;
    }

    /** How far behind the reading of ended traces is, milliseconds; 0 where it is not. */
    public long lagMillis(long nowMillis) {
        return state.fronts.values().stream()
                .mapToLong(front -> Math.max(0, nowMillis - front.readMillis()))
                .max()
                .orElse(0);
    }

    /** How many experiments have a past that is still to be read. */
    public int pastToRead() {
        return state.past.size()
                + (state.history == null ? 0 : state.history.experiments().size());
    }

    /** How many ids of traces are kept. */
    int idsKept() {
        return state.fronts.values().stream()
                .mapToInt(front -> front.seen().size())
                .sum();
    }

    private Mode mode(String id) {
        return state.modes.computeIfAbsent(id, key -> new Mode());
    }

    /** The past is to be read again by other rules, as far as the horizon goes. */
    public void again() {
        state.reread = null;
        state.round.clear();
    }

    /**
     * Reads on.
     *
     * @param all those whose traces are wanted
     * @return a line for each workspace whose traces are not there or may not be read
     * @throws MlflowException if not all was read; what was read is in the sums, and the next reading goes on from there
     */
    public List<String> read(TraceSource source, List<Experiment> all, Tally tally, long nowMillis)
            throws MlflowException {
        Map<String, Experiment> byId = new LinkedHashMap<>();
        all.stream()
                .filter(experiment -> experiment.lifecycleStage() == LifecycleStage.ACTIVE)
                .forEach(experiment -> byId.put(experiment.id(), experiment));
        experiments = byId;
        all.forEach(sums::know);
        met(nowMillis);
        aggregates = source.hasAggregates();
        if (!aggregates) {
            withoutAggregates(nowMillis);
        }
        Failures failures = new Failures();
        Map<String, Long> progress = new TreeMap<>();
        Set<String> workspaces = workspaces();
        for (String workspace : workspaces) {
            failures.ofWorkspace(workspace, () -> {
                ended(source, workspace, tally, nowMillis);
                inProgress(source, workspace, nowMillis, progress);
            });
        }
        failures.run(() -> fromAggregates(source, tally, nowMillis));
        failures.run(() -> walk(source, tally, nowMillis));
        failures.run(() -> models(source, tally, nowMillis));
        inProgress = Optional.of(progress);
        sums.settle();
        failures.rethrow(workspaces.size());
        return failures.leftOut;
    }

    /** What was read until a failure is kept, and a workspace that may not be read hides no other. */
    private static final class Failures {
        private final List<String> leftOut = new ArrayList<>();
        private @Nullable MlflowException first;
        private @Nullable MlflowException closed;

        interface Part {
            void run() throws MlflowException;
        }

        void ofWorkspace(String workspace, Part part) {
            run(() -> {
                try {
                    part.run();
                } catch (MlflowException e) {
                    if (e.kind() != MlflowException.Kind.FORBIDDEN && e.kind() != MlflowException.Kind.MISSING) {
                        throw e;
                    }
                    closed = e;
                    leftOut.add("LLM traces" + (workspace.isEmpty() ? "" : " of workspace " + workspace)
                            + " are left out: " + e.getMessage());
                }
            });
        }

        void run(Part part) {
            if (first != null) {
                return;
            }
            try {
                part.run();
            } catch (MlflowException e) {
                first = e;
            }
        }

        void rethrow(int workspaces) throws MlflowException {
            if (first != null) {
                throw first;
            }
            if (closed != null && leftOut.size() == workspaces) {
                throw closed;
            }
        }
    }

    private Set<String> workspaces() {
        Set<String> workspaces = new TreeSet<>();
        experiments.values().forEach(experiment -> workspaces.add(experiment.workspace()));
        return workspaces;
    }

    /** The past of experiments that are new, or were not there for a while, is to be read. */
    private void met(long nowMillis) {
        long held = Hours.millis(Hours.of(nowMillis) - TraceTotals.HOURS_HELD + 1);
        for (Experiment experiment : experiments.values()) {
            Mode mode = mode(experiment.id());
            mode.begin();
            Front front = state.fronts.get(experiment.workspace());
            if (mode.readMillis() == Times.ABSENT) {
                state.past.put(experiment.id(), held);
            } else if (front != null && mode.readMillis() < front.readMillis()) {
                long missed = mode.readMillis() - settings.overlap().toMillis() - Hours.MILLIS;
                state.past.merge(experiment.id(), Math.max(held, missed), Math::min);
            }
        }
        state.past.keySet().retainAll(experiments.keySet());
        state.modes
                .entrySet()
                .removeIf(entry -> !experiments.containsKey(entry.getKey())
                        && entry.getValue().readMillis() < held);
    }

    private List<String> ids(String workspace, boolean aggregated) {
        return experiments.values().stream()
                .filter(experiment -> experiment.workspace().equals(workspace))
                .map(Experiment::id)
                .filter(id -> mode(id).aggregated() == aggregated)
                .toList();
    }

    private Front front(String workspace, long nowMillis) {
        return state.fronts.computeIfAbsent(
                workspace, w -> new Front(nowMillis, settings.overlap().toMillis()));
    }

    private long endsBefore(long nowMillis) {
        return nowMillis + settings.overlap().toMillis() + 1;
    }

    /** Counts what has ended. */
    private void ended(TraceSource source, String workspace, Tally tally, long nowMillis) throws MlflowException {
        Front front = front(workspace, nowMillis);
        long overlap = settings.overlap().toMillis();
        long before = front.readMillis();
        List<String> ids = ids(workspace, false);
        long to = endsBefore(nowMillis);
        long reached = ids.isEmpty() ? to : front.nextMillis();
        Pace pace = new Pace(PART_OF_TIMEOUT);
        while (reached < to && pace.goesOn()) {
            reached = source.search(
                    new TraceQuery(workspace, ids, TraceQuery.By.END, reached, to, tally.projection()),
                    settings.maxPerRefresh(),
                    trace -> count(front, tally, trace, to));
            if (reached < to) {
                front.cut(Math.min(reached, nowMillis), overlap);
            }
        }
        if (reached >= to) {
            front.whole(nowMillis, overlap);
        }
        double intervals =
                (front.readMillis() - before) / (double) settings.interval().toMillis();
        for (String id : ids) {
            Mode mode = mode(id);
            mode.read(front.readMillis());
            // Where only the overlap was read, nothing is known of how many there are.
            if (intervals <= 0) {
                continue;
            }
            double perRefresh = mode.traces() / Math.max(LEAST_INTERVAL, intervals);
            if (mode.decide(perRefresh, settings.maxPerRefresh()) && aggregates) {
                if (state.history != null && state.history.experiments().contains(id)) {
                    state.past.put(id, state.history.reachedMillis());
                }
                mode.aggregated(true);
            }
        }
    }

    private void count(Front front, Tally tally, Trace trace, long endsBefore) {
        Experiment experiment = experiments.get(trace.experimentId());
        long end = Tally.end(trace);
        if (experiment == null
                || trace.startMillis() == Times.ABSENT
                || end >= endsBefore
                || !Tally.ended(trace)
                || !front.seen().add(trace.id(), end)) {
            return;
        }
        Sums told = tally.of(experiment, trace);
        sums.add(experiment, Hours.of(trace.startMillis()), told);
        exemplar(experiment, trace);
        mode(experiment.id()).counted(1);
        if (state.history != null) {
            state.history.counted(trace, told);
        }
        if (state.reread != null) {
            state.reread.counted(trace, told);
        }
    }

    private void exemplar(Experiment experiment, Trace trace) {
        double seconds = Tally.seconds(trace);
        if (!Double.isNaN(seconds) && trace.startMillis() != Times.ABSENT) {
            sums.exemplar(
                    experiment,
                    Tally.status(trace.state()),
                    HistogramLayout.TRACES.bucket(seconds),
                    new TraceExemplar(trace.id(), seconds, trace.endMillis()));
        }
    }

    private void inProgress(TraceSource source, String workspace, long nowMillis, Map<String, Long> progress)
            throws MlflowException {
        List<String> ids = experiments.values().stream()
                .filter(experiment -> experiment.workspace().equals(workspace))
                .map(Experiment::id)
                .toList();
        source.search(
                new TraceQuery(
                        workspace,
                        ids,
                        TraceQuery.By.IN_PROGRESS,
                        nowMillis - settings.horizon().toMillis(),
                        Long.MAX_VALUE,
                        TraceProjection.NOTHING),
                settings.maxPerRefresh(),
                trace -> progress.merge(trace.experimentId(), 1L, Long::sum));
    }

    /** Without the server's sums all is read one by one, and what was summed by the server since a while is read again. */
    private void withoutAggregates(long nowMillis) {
        experiments.keySet().stream().filter(id -> mode(id).aggregated()).forEach(id -> {
            mode(id).aggregated(false);
            state.past.put(id, nowMillis - settings.horizon().toMillis());
        });
    }

    /** Reads experiments with very many traces. */
    private void fromAggregates(TraceSource source, Tally tally, long nowMillis) throws MlflowException {
        Aggregates reading = new Aggregates(source, tally, sums);
        int now = Hours.of(nowMillis);
        int horizon = Math.toIntExact(settings.horizon().toHours());
        for (String id : aggregated()) {
            Experiment experiment = experiments.get(id);
            Mode mode = mode(id);
            double before = sums.counted(id, Measure.Kind.TRACES);
            boolean first = mode.wholeMillis() == Times.ABSENT;
            boolean whole = first || nowMillis - mode.wholeMillis() >= Hours.MILLIS;
            boolean all = state.past.remove(id) != null || mode.nearlyDecided();
            int from = all ? now - TraceTotals.HOURS_HELD + 1 : now - (whole ? horizon : LATEST_HOURS);
            reading.read(experiment, from, now + 2);
            sums.settle();
            double refreshes = Math.max(
                    1,
                    (nowMillis - mode.readMillis())
                            / (double) settings.interval().toMillis());
            if (whole || all) {
                mode.whole(nowMillis);
            }
            mode.read(nowMillis);
            double more = sums.counted(id, Measure.Kind.TRACES) - before;
            mode.counted((long) more);
            if (!first && mode.decide(more / refreshes, settings.maxPerRefresh()) && all) {
                backToTraces(source, experiment, tally, nowMillis);
                mode.aggregated(false);
            }
        }
    }

    /** The sums hold all that has ended; of it what will be asked for by its end again is counted already. */
    private void backToTraces(TraceSource source, Experiment experiment, Tally tally, long nowMillis)
            throws MlflowException {
        Front front = front(experiment.workspace(), nowMillis);
        long to = endsBefore(nowMillis);
        long reached = front.fromMillis();
        while (reached < to) {
            long from = reached;
            reached = source.search(
                    new TraceQuery(
                            experiment.workspace(),
                            List.of(experiment.id()),
                            TraceQuery.By.END,
                            from,
                            to,
                            tally.projection()),
                    settings.maxPerRefresh(),
                    trace -> {
                        if (Tally.ended(trace) && Tally.end(trace) < to) {
                            front.seen().add(trace.id(), Tally.end(trace));
                        }
                    });
        }
    }

    private boolean behind(String workspace, long nowMillis) {
        return front(workspace, nowMillis).readMillis() < nowMillis;
    }

    /** Reads the past of new experiments, and then known hours again. */
    private void walk(TraceSource source, Tally tally, long nowMillis) throws MlflowException {
        Pace pace = new Pace(PART_OF_TIMEOUT);
        for (Walk walk = history(nowMillis); walk != null; walk = history(nowMillis)) {
            if (step(source, tally, walk, nowMillis, step)) {
                state.history = null;
            }
            if (!pace.goesOn()) {
                return;
            }
        }
        state.budget.earn(
                nowMillis,
                settings.share(),
                settings.interval(),
                settings.timeout().dividedBy(PART_OF_TIMEOUT),
                PAGE);
        if (state.reread == null && state.round.isEmpty()) {
            state.round.addAll(workspaces());
            state.previousMillis = state.begunMillis;
            state.begunMillis = nowMillis;
        }
        for (Walk walk = reread(nowMillis); walk != null; walk = reread(nowMillis)) {
            int traces = Math.min(step, state.budget.runs(PAGE));
            if (traces == 0) {
                return;
            }
            if (step(source, tally, walk, nowMillis, traces)) {
                state.reread = null;
            }
        }
    }

    /** The walk over the past of some experiments; null where none is to be read now. */
    private @Nullable Walk history(long nowMillis) {
        if (state.history != null) {
            retain(state.history);
            Walk walk = state.history;
            if (behind(walk.workspace(), nowMillis)) {
                // Others need not wait for it.
                walk.experiments().forEach(id -> state.past.putIfAbsent(id, walk.reachedMillis()));
                state.history = null;
            } else if (walk.experiments().isEmpty()) {
                state.history = null;
            }
        }
        if (state.history == null) {
            Optional<String> workspace = state.past.keySet().stream()
                    .filter(id -> !mode(id).aggregated())
                    .map(id -> experiments.get(id).workspace())
                    .filter(w -> !behind(w, nowMillis))
                    .findFirst();
            workspace.ifPresent(here -> {
                Set<String> ids = new TreeSet<>(ids(here, false));
                ids.retainAll(state.past.keySet());
                long from = ids.stream().mapToLong(state.past::get).min().orElse(nowMillis);
                state.past.keySet().removeAll(ids);
                state.history = new Walk(here, ids, from);
                if (state.begunMillis == Times.ABSENT) {
                    // What is read for the first time was not read before.
                    state.begunMillis = nowMillis;
                    state.previousMillis = nowMillis;
                }
            });
        }
        return state.history;
    }

    private void retain(Walk walk) {
        Set<String> wanted = new TreeSet<>();
        experiments.forEach((id, experiment) -> {
            if (experiment.workspace().equals(walk.workspace()) && !mode(id).aggregated()) {
                wanted.add(id);
            }
        });
        walk.retain(wanted);
    }

    /** The walk that reads known hours again; null where the round has ended, or waits for what is behind. */
    private @Nullable Walk reread(long nowMillis) {
        if (state.reread != null) {
            retain(state.reread);
            if (state.reread.experiments().isEmpty()) {
                state.reread = null;
            } else if (behind(state.reread.workspace(), nowMillis)) {
                state.round.add(state.reread.workspace());
                state.reread = null;
            }
        }
        if (state.reread == null) {
            state.round.retainAll(workspaces());
            Optional<String> workspace =
                    state.round.stream().filter(w -> !behind(w, nowMillis)).findFirst();
            workspace.ifPresent(here -> {
                state.round.remove(here);
                Set<String> known = new TreeSet<>(ids(here, false));
                known.removeAll(state.past.keySet());
                if (!known.isEmpty()) {
                    state.reread =
                            new Walk(here, known, nowMillis - settings.horizon().toMillis());
                }
            });
            if (state.reread == null && workspace.isPresent()) {
                return reread(nowMillis);
            }
        }
        return state.reread;
    }

    private boolean step(TraceSource source, Tally tally, Walk walk, long nowMillis, int traces)
            throws MlflowException {
        Front front = front(walk.workspace(), nowMillis);
        long nanosBefore = answerNanos.getAsLong();
        long[] count = {0};
        boolean past = walk == state.history;
        try {
            boolean over = walk.step(
                    new Walk.Context(source, experiments, tally, sums, front, endsBefore(nowMillis)),
                    Long.MAX_VALUE,
                    traces,
                    trace -> {
                        count[0]++;
                        exemplar(experiments.get(trace.experimentId()), trace);
                        mode(trace.experimentId()).modelsDue(past);
                    });
            step = Math.min(settings.maxPerRefresh(), 2 * step);
            return over;
        } catch (MlflowException e) {
            if (!e.kind().slow() && e.kind() != MlflowException.Kind.REFRESH_OVER) {
                throw e;
            }
            step = Math.max(LEAST_STEP, traces / 2);
            throw e;
        } finally {
            // A step that finds nothing says little of what a trace takes.
            state.budget.spend(answerNanos.getAsLong() - nanosBefore, Math.max(count[0], LEAST_STEP));
        }
    }

    /** Reads which models were called, of some experiments at a time. */
    private void models(TraceSource source, Tally tally, long nowMillis) throws MlflowException {
        if (!aggregates) {
            return;
        }
        Aggregates reading = new Aggregates(source, tally, sums);
        List<String> due = experiments.keySet().stream()
                .filter(id -> mode(id).modelsDue())
                .filter(id -> mode(id).modelsMillis() == Times.ABSENT
                        || nowMillis - mode(id).modelsMillis() >= MODELS_EVERY_MILLIS)
                .sorted(Comparator.comparingLong(id -> mode(id).modelsMillis()))
                .limit(MODELS_AT_ONCE)
                .toList();
        int now = Hours.of(nowMillis);
        for (String id : due) {
            long last = mode(id).modelsMillis();
            int from = last == Times.ABSENT
                    ? now - TraceTotals.HOURS_HELD + 1
                    : Math.max(now - TraceTotals.HOURS_HELD + 1, Hours.of(last) - LATEST_HOURS);
            reading.models(experiments.get(id), from, now + 2);
            mode(id).modelsRead(nowMillis);
        }
    }

    /** Hours before this are not read again. */
    public int thinBefore(long nowMillis) {
        long from = nowMillis - settings.horizon().toMillis();
        if (state.history != null) {
            from = Math.min(from, state.history.reachedMillis());
        }
        for (long past : state.past.values()) {
            from = Math.min(from, past);
        }
        return Hours.of(from) - 2;
    }

    /** Marks the measures of what is not yet in the sums. */
    public BitSet used() {
        BitSet measures = new BitSet();
        if (state.history != null) {
            state.history.used(measures);
        }
        if (state.reread != null) {
            state.reread.used(measures);
        }
        return measures;
    }

    /** How long a part of the refresh goes on. */
    private final class Pace {
        private final long mostNanos;
        private final long begunNanos = answerNanos.getAsLong();
        private int steps;

        Pace(int part) {
            mostNanos = settings.timeout().dividedBy(part).toNanos();
        }

        boolean goesOn() {
            return steps++ < MOST_STEPS && answerNanos.getAsLong() - begunNanos < mostNanos;
        }
    }

    /** Writes how far was read. */
    public void write(FieldWriter out) throws IOException {
        state.write(out);
    }

    /** How far was read until a restart. */
    public static final class Saved {
        private final SyncState state;

        private Saved(SyncState state) {
            this.state = state;
        }

        /** Nothing was read. */
        public static Saved nothing() {
            return new Saved(new SyncState());
        }
    }

    /** What {@link #write} wrote. */
    public static Saved saved(FieldReader in) throws IOException {
        return new Saved(SyncState.read(in));
    }
}
