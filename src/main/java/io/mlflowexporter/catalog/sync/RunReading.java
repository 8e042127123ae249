package io.mlflowexporter.catalog.sync;

import io.mlflowexporter.catalog.Catalog;
import io.mlflowexporter.catalog.reading.ExperimentBatch;
import io.mlflowexporter.catalog.reading.ReadingState;
import io.mlflowexporter.catalog.reading.SlowExperiments;
import io.mlflowexporter.metric.KeyedHash;
import io.mlflowexporter.metric.Times;
import io.mlflowexporter.mlflow.Experiment;
import io.mlflowexporter.mlflow.MlflowException;
import io.mlflowexporter.mlflow.MlflowException.Kind;
import io.mlflowexporter.mlflow.MlflowSource;
import io.mlflowexporter.mlflow.Run;
import io.mlflowexporter.mlflow.RunProjection;
import io.mlflowexporter.mlflow.RunQuery;
import io.mlflowexporter.mlflow.ViewType;
import io.mlflowexporter.mlflow.rest.hosts.Ability;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * The questions about runs within one refresh. An experiment with a run too large to be accepted is found by halving
 * what is asked for, one whose runs do not come in time over some refreshes by {@link SlowExperiments}. Such an
 * experiment is set aside for a while that doubles each time; the rest is read on.
 */
public final class RunReading {
    /** What was read of a run counts in its row, so that the same run may come by several questions. */
    private static final int RUNS_PER_REPORT = 1_000;
    /** Where each brings many runs: so that it is seen how far the reading is, and little is lost if it breaks off. */
    static final int SOME = 100;

    /** Each costs a time limit; a server that is slow as a whole must not be asked on and on. */
    private static final int LATE_AT_MOST = 3;

    /** More that there is no room for may be a list without end. */
    private static final int MOST_LEFT_OUT = 10_000;

    private static final String NO_ROOM =
            "it has more runs than memory has room for; give more with java -Xmx, or leave"
                    + " experiments out with read.experiments";

    private static final Duration FIRST_PAUSE = Duration.ofMinutes(10);
    private static final int MOST_DOUBLINGS = 7;

    private final MlflowSource source;
    private final CatalogReader reader;
    private final Catalog catalog;
    private final ReadingState state;
    private final long nowMillis;
    private final Synchronizer.Listener listener;
    private final RunProjection projection;
    private final int total;
    private int done;
    private long count;
    private long newestStart = Times.ABSENT;
    private boolean inOrder = true;
    /** Whether all runs of experiments are asked for. */
    private boolean all;

    private final Set<Long> leftOut = new HashSet<>();
    private final Set<String> answered = new HashSet<>();
    private final List<Late> late = new ArrayList<>();
    private final Set<String> lateIds = new HashSet<>();
    private final Map<String, String> closed = new TreeMap<>();

    private record Late(List<String> ids, MlflowException reason) {}

    RunReading(
            MlflowSource source,
            CatalogReader reader,
            Catalog catalog,
            long nowMillis,
            int experiments,
            Synchronizer.Listener listener) {
        this.source = source;
        this.reader = reader;
        this.catalog = catalog;
        this.state = catalog.reading();
        this.nowMillis = nowMillis;
        this.total = experiments;
        this.listener = listener;
        this.projection = reader.projection(state.needs);
        report();
    }

    /** Whether the experiment is not asked for now; what is missing of it says nothing. */
    boolean setAside(String experimentId) {
        ReadingState.Quarantine quarantine = state.quarantined.get(experimentId);
        return lateIds.contains(experimentId) || (quarantine != null && isAhead(quarantine.untilMillis()));
    }

    /** An end further ahead than any pause was set before the clock was set back: it is over. */
    private boolean isAhead(long untilMillis) {
        return untilMillis > nowMillis && untilMillis - nowMillis <= FIRST_PAUSE.toMillis() << MOST_DOUBLINGS;
    }

    /** Workspaces that may not be read, with the reason. */
    Map<String, String> closed() {
        return closed;
    }

    /** Whether something did not come in time. */
    boolean late() {
        return !late.isEmpty();
    }

    /** Whether none of them was answered for in time. */
    boolean late(ExperimentBatch batch) {
        return lateIds.containsAll(batch.ids());
    }

    /**
     * Draws the conclusions from what did not come in time so far. What is late later has no consequences.
     *
     * @return why the reading is not whole; empty where all that was late is set aside
     */
    Optional<MlflowException> settle() {
        answered.removeAll(lateIds);
        boolean others = !answered.isEmpty();
        state.slow.forget(answered);
        Optional<MlflowException> failure = Optional.empty();
        for (Late one : late) {
            String id = one.ids().get(0);
            boolean again = state.quarantined.containsKey(id);
            if (again ? others : state.slow.late(one.ids(), others)) {
                setAside(id, one.reason());
            } else if (failure.isEmpty()) {
                failure = Optional.of(one.reason());
            }
        }
        late.clear();
        return failure;
    }

    /**
     * Experiments in as few questions as are allowed; those that were late before come after the others, and those set
     * aside before are asked for alone, and last.
     */
    List<ExperimentBatch> batches(List<Experiment> experiments, int wished) {
        int perQuery = Math.min(wished, source.capabilities().experimentsPerQuery());
        List<Experiment> asked = experiments.stream()
                .filter(experiment -> !setAside(experiment.id()))
                .toList();
        Map<String, List<String>> byWorkspace = asked.stream()
                .filter(experiment ->
                        !state.quarantined.containsKey(experiment.id()) && !state.slow.contains(experiment.id()))
                .collect(Collectors.groupingBy(
                        Experiment::workspace,
                        LinkedHashMap::new,
                        Collectors.mapping(Experiment::id, Collectors.toList())));
        List<ExperimentBatch> batches = new ArrayList<>();
        byWorkspace.forEach((workspace, ids) -> {
            for (int from = 0; from < ids.size(); from += perQuery) {
                batches.add(new ExperimentBatch(workspace, ids.subList(from, Math.min(ids.size(), from + perQuery))));
            }
        });
        batches.addAll(state.slow.batches(asked, perQuery));
        asked.stream()
                .filter(experiment -> state.quarantined.containsKey(experiment.id()))
                .forEach(experiment ->
                        batches.add(new ExperimentBatch(experiment.workspace(), List.of(experiment.id()))));
        return batches;
    }

    /** From now on {@link #newestStart} tells how far a reading by start time has come that begins there. */
    void follow(long fromStartMillis) {
        newestStart = fromStartMillis;
        inOrder = true;
    }

    /** {@link Times#ABSENT} where the runs came in no order, or the question was halved: the halves are not equally far. */
    long newestStart() {
        return inOrder && source.capabilities().can(Ability.ORDER_RUNS) ? newestStart : Times.ABSENT;
    }

    /** How many runs were read so far, each as often as it came. */
    long count() {
        return count;
    }

    /** As {@link MlflowSource#answerNanos}. */
    long answerNanos() {
        return source.answerNanos();
    }

    /** As {@link MlflowSource#timeLeft}. */
    Duration timeLeft() {
        return source.timeLeft();
    }

    /** As {@link MlflowSource#deadline}. */
    void deadline(Duration fromNow) {
        source.deadline(fromNow);
    }

    /** Why something did not come in time since {@link #settle}; the last reason of several. */
    Optional<MlflowException> lateReason() {
        return late.isEmpty()
                ? Optional.empty()
                : Optional.of(late.get(late.size() - 1).reason());
    }

    /** How many runs were left out that are not known and that there is no room for. */
    int leftOut() {
        return leftOut.size();
    }

    /** Asks for all runs of some experiments that started since; one that there is no room for is set aside. */
    void readAll(ExperimentBatch batch, long fromStartMillis) throws MlflowException {
        all = true;
        try {
            read(batch, "", fromStartMillis);
        } finally {
            all = false;
        }
    }

    /** Asks for the runs of some experiments that meet a condition and started since. */
    void read(ExperimentBatch batch, String filter, long fromStartMillis) throws MlflowException {
        ask(batch, ViewType.ALL, filter, fromStartMillis, (query, sink) -> {
            source.runs(query, projection, sink);
            return Long.MAX_VALUE;
        });
    }

    /**
     * Asks for the next runs by start time.
     *
     * @return all that started before were read
     */
    long some(ExperimentBatch batch, ViewType view, long fromStartMillis, int atLeast) throws MlflowException {
        return ask(
                batch, view, "", fromStartMillis, (query, sink) -> source.someRuns(query, projection, atLeast, sink));
    }

    private interface Question {
        long ask(RunQuery query, Consumer<Run> sink) throws MlflowException;
    }

    private long ask(ExperimentBatch wanted, ViewType view, String filter, long from, Question question)
            throws MlflowException {
        if (closed.containsKey(wanted.workspace())) {
            lateIds.addAll(wanted.ids());
        }
        ExperimentBatch batch = wanted.without(lateIds);
        if (batch.ids().isEmpty()) {
            return Long.MAX_VALUE;
        }
        Set<String> asked = new HashSet<>(batch.ids());
        int rows = catalog.runs().size();
        try {
            long to = question.ask(
                    new RunQuery(batch.workspace(), batch.ids(), view, filter, from), run -> take(run, asked));
            answered.addAll(batch.ids());
            return to;
        } catch (NoRoomException e) {
            catalog.truncateRuns(rows);
            return inHalves(batch, view, filter, from, question, new MlflowException(Kind.TOO_LARGE, NO_ROOM));
        } catch (MlflowException e) {
            if (!batch.workspace().isEmpty() && (e.kind() == Kind.FORBIDDEN || e.kind() == Kind.MISSING)) {
                closed.put(batch.workspace(), e.fault());
                lateIds.addAll(batch.ids());
                return Long.MAX_VALUE;
            }
            if (e.kind().slow()) {
                late.add(new Late(batch.ids(), e));
                lateIds.addAll(batch.ids());
                if (late.size() == LATE_AT_MOST) {
                    throw e;
                }
                return Long.MAX_VALUE;
            }
            if (e.kind() != Kind.TOO_LARGE && e.kind() != Kind.TOO_MANY) {
                throw e;
            }
            return inHalves(batch, view, filter, from, question, e);
        }
    }

    private long inHalves(
            ExperimentBatch batch, ViewType view, String filter, long from, Question question, MlflowException reason)
            throws MlflowException {
        if (batch.ids().size() == 1) {
            setAside(batch.ids().get(0), reason);
            return Long.MAX_VALUE;
        }
        inOrder = false;
        int half = batch.ids().size() / 2;
        return Math.min(
                ask(batch.part(0, half), view, filter, from, question),
                ask(batch.part(half, batch.ids().size()), view, filter, from, question));
    }

    /** Thrown through a source: what it reads does not fit. */
    private static final class NoRoomException extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    private void take(Run run, Set<String> asked) {
        if (!asked.contains(run.experimentId())) {
            return;
        }
        boolean known = catalog.runs().row(run.id()).isPresent();
        if (!catalog.hasRoom(known ? reader.room().forKnown() : reader.room().bytes())) {
            if (known || all || leftOut.size() >= MOST_LEFT_OUT) {
                throw new NoRoomException();
            }
            // Those that are known stay up to date; the resync finds it once there is room.
            leftOut.add(KeyedHash.of(run.id()));
            return;
        }
        reader.put(catalog, run, state.needs, nowMillis);
        newestStart = Math.max(newestStart, run.startMillis());
        for (long time : new long[] {run.startMillis(), run.endMillis()}) {
            if (time != Times.ABSENT && time <= nowMillis) {
                state.newestMillis = Math.max(state.newestMillis, time);
            }
        }
        if (++count % RUNS_PER_REPORT == 0) {
            report();
        }
    }

    private void setAside(String experimentId, MlflowException reason) {
        ReadingState.Quarantine before = state.quarantined.get(experimentId);
        // Whether there is room is up to the others too, and may change at any time.
        int failures = before == null || NO_ROOM.equals(reason.getMessage()) ? 0 : before.failures();
        long pause = FIRST_PAUSE.toMillis() << Math.min(failures, MOST_DOUBLINGS);
        state.quarantined.put(
                experimentId, new ReadingState.Quarantine(failures + 1, nowMillis + pause, reason.fault()));
        state.toRead.add(experimentId);
        state.slow.forget(List.of(experimentId));
        // Until it is read on, more than an overlap may pass.
        state.partlyRead.remove(experimentId);
    }

    /** Some experiments more are read. */
    void done(int experiments) {
        done += experiments;
        report();
    }

    private void report() {
        listener.progress("runs", done, total, count);
    }
}
