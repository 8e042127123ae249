package io.mlflowexporter.catalog;

import io.mlflowexporter.catalog.columns.Columns;
import io.mlflowexporter.catalog.columns.Interned;
import io.mlflowexporter.catalog.columns.RunIds;
import io.mlflowexporter.catalog.columns.Texts;
import io.mlflowexporter.catalog.reading.ReadMarks;
import io.mlflowexporter.catalog.reading.RunNeeds;
import io.mlflowexporter.metric.Times;
import io.mlflowexporter.mlflow.Run;
import io.mlflowexporter.mlflow.RunStatus;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.IntConsumer;

/**
 * One row per run ever seen, in primitive columns, strings shared. A row is never removed. What counters count (phase
 * at first sight; status and duration at the first sight of the end) is kept as it was then, so that later edits in
 * MLflow never lower a counter. Belongs to the refresh thread.
 */
public final class RunTable {
    private static final RunStatus[] STATUSES = RunStatus.values();
    private static final RunState[] STATES = RunState.values();

    /** Of what the costs of a run that may share a machine need more. */
    private static final int SHARING_BYTES = 400;

    /** The tag that names the run a run is nested in. */
    public static final String PARENT_TAG = "mlflow.parentRunId";

    /** The tag that names what was run. */
    public static final String SOURCE_TAG = "mlflow.source.name";

    final RunStorage storage;
    /** Parts of the storage, here as well so that reading a value takes one step less. */
    final Interned<String> words;

    final Interned<RunNotes> sharedNotes;
    final Texts texts;
    final RunIds ids;
    private final Columns columns;
    final SystemUses systemUses;
    private final Gaps gaps;
    final ReadMarks marks;
    final RunPresence presence;
    final MachineSharing sharing = new MachineSharing();
    private final RunUpdates updates;

    /** Rows of runs that have not ended. */
    final BitSet unfinished = new BitSet();

    private final List<IntConsumer> watchers = new ArrayList<>();

    RunTable() {
        this(new RunStorage());
    }

    RunTable(RunStorage storage) {
        this.storage = storage;
        this.words = storage.words;
        this.sharedNotes = storage.notes;
        this.texts = storage.texts;
        this.ids = storage.ids;
        this.columns = storage.columns;
        this.systemUses = storage.systemUses;
        this.gaps = storage.gaps;
        this.marks = new ReadMarks(columns);
        this.presence = new RunPresence(this);
        this.updates = new RunUpdates(this);
    }

    /** Tells of each row that is about to change, while it still says what it said. */
    void watch(IntConsumer watcher) {
        watchers.add(watcher);
    }

    /** Nobody hears of changes any more who heard of them so far. */
    void unwatch() {
        watchers.clear();
    }

    /** About what the rows take, bytes, what {@link RunStorage#forgetUnused} would free included. */
    long weight() {
        return storage.weight() + (long) SHARING_BYTES * sharing.rows();
    }

    /** For {@link HistoricalView}. */
    Columns columns() {
        return columns;
    }

    /** The row is about to change. */
    void changing(int row) {
        watchers.forEach(watcher -> watcher.accept(row));
    }

    /** Computes what a checkpoint does not hold, as rows have it. */
    void restored() {
        presence.restored();
        for (int row = 0; row < size(); row++) {
            unfinished.set(row, !status(row).ended());
        }
    }

    /** Forgets the last rows, which were added since the last refresh and that nobody else has heard of. */
    void truncate(int rows) {
        for (int row = rows; row < size(); row++) {
            sharing.subtract(notes(row));
        }
        presence.truncate(rows);
        marks.truncate(rows);
        unfinished.clear(rows, Integer.MAX_VALUE);
        storage.truncate(rows);
    }

    /** Writes what MLflow says of a run now into its row, which is added if there is none. */
    public void put(Run run, String phase, String estimatorClass, RunNotes kept, Gaps.Look look) {
        updates.put(run, phase, estimatorClass, kept, look);
    }

    /** Which rows the current reading returned. */
    public ReadMarks marks() {
        return marks;
    }

    /** Which runs are still in MLflow. */
    public RunPresence presence() {
        return presence;
    }

    /** From now on runs share machines by this, see {@link RunNeeds#machines}. */
    public void machines(Set<String> by) {
        sharing.by(by, this);
    }

    /** A byte a row instead of a reference; numbers of the checkpoint too, so that constants are only ever added. */
    @SuppressWarnings("EnumOrdinal")
    static byte code(Enum<?> value) {
        return (byte) value.ordinal();
    }

    public boolean isGone(int row) {
        return columns.states[row] == code(RunState.GONE);
    }

    public boolean isDeleted(int row) {
        return columns.states[row] == code(RunState.DELETED);
    }

    /** Where MLflow sorts the run by start time: a run without one is stored with 0. */
    public long startKey(int row) {
        return columns.starts[row] == Times.ABSENT ? 0 : columns.starts[row];
    }

    /** Rows are numbered from 0 to this, exclusive. */
    public int size() {
        return ids.size();
    }

    public String id(int row) {
        return ids.id(row);
    }

    public String experimentId(int row) {
        return words.value(columns.experiments[row]);
    }

    public String name(int row) {
        return texts.get(columns.names[row]);
    }

    public String user(int row) {
        return words.value(columns.users[row]);
    }

    /** The row of a run; empty for an id never seen. */
    public OptionalInt row(String id) {
        int row = ids.row(id);
        return row < 0 ? OptionalInt.empty() : OptionalInt.of(row);
    }

    /** As {@link #id} equals, without making a string. */
    public boolean is(int row, String id) {
        return ids.is(row, id);
    }

    /** The id of the run it is nested in; empty for a run of the top level. */
    public String parentId(int row) {
        return texts.get(columns.parents[row]);
    }

    /** What was run, by the tag {@code mlflow.source.name}; empty where it is missing. */
    public String source(int row) {
        return texts.get(columns.sources[row]);
    }

    /** Tags and params that something asked to be kept. */
    public RunNotes notes(int row) {
        return sharedNotes.value(columns.notes[row]);
    }

    /** Equal for runs with the same params, see {@link io.mlflowexporter.mlflow.ParamsHash}. */
    public int paramsHash(int row) {
        return columns.paramsHashes[row];
    }

    /** What its system metrics say, where something asked for them. */
    public SystemUse use(int row) {
        return systemUses.use(row);
    }

    public SystemUses systemUses() {
        return systemUses;
    }

    /** Takes what a run that is in the table logged of what something asked for. */
    public void logged(LoggedMetrics logged, Run run) {
        int row = ids.row(run.id());
        if (!logged.isNow(row, run.metrics())) {
            changing(row);
            logged.put(row, run.metrics());
        }
    }

    /** Takes the means of an ended run's system metrics. */
    public void means(int row, SystemUse means) {
        changing(row);
        systemUses.mean(row, means);
    }

    /** Grows whenever anything that rules may look at changed: phase, name, user, experiment, parent, source, notes. */
    public int revision(int row) {
        return columns.revisions[row];
    }

    /** The phase by what MLflow says now. */
    public String phase(int row) {
        return words.value(columns.phases[row]);
    }

    /** Whether counters count the run: once counted, always counted. */
    public boolean counted(int row) {
        return columns.counted[row] != 0;
    }

    /** The phase counters count the run under. */
    public String countedPhase(int row) {
        return words.value(columns.countedPhases[row]);
    }

    /** Empty where no tag or param tells. */
    public String estimatorClass(int row) {
        return words.value(columns.estimators[row]);
    }

    public RunStatus status(int row) {
        return STATUSES[columns.statuses[row]];
    }

    public RunState state(int row) {
        return columns.leftOut[row] == 0 ? STATES[columns.states[row]] : RunState.LEFT_OUT;
    }

    /** The first row from this one on whose run has not ended; negative: none. */
    public int nextUnfinished(int row) {
        return unfinished.nextSetBit(row);
    }

    /** Whether the run was ever seen to have ended. */
    public boolean countedEnd(int row) {
        return columns.countedStatuses[row] != Columns.NOT_ENDED;
    }

    /** How the run ended when that was first seen; only where {@link #countedEnd}. */
    public RunStatus countedStatus(int row) {
        return STATUSES[columns.countedStatuses[row]];
    }

    /** Milliseconds the run took when its end was first seen; {@link Times#ABSENT} where a time is missing. */
    public long countedMillis(int row) {
        if (!countedEnd(row)) {
            return Times.ABSENT;
        }
        Long kept = columns.countedMillis.get(row);
        return kept == null ? columns.endedMillis(row) : kept;
    }

    /** Unix milliseconds or {@link Times#ABSENT}. */
    public long startMillis(int row) {
        return columns.starts[row];
    }

    /** Unix milliseconds or {@link Times#ABSENT}. */
    public long endMillis(int row) {
        return columns.ends[row];
    }

    /** How many values of the run could not be read. */
    public int unreadableValues(int row) {
        return columns.unreadable.getOrDefault(row, 0);
    }

    /** Newest credible timestamp of its metrics; Unix milliseconds or {@link Times#ABSENT}. */
    public long heartbeatMillis(int row) {
        return columns.heartbeats[row];
    }

    /** When runs were seen not to run although their clocks went on. */
    Gaps gaps() {
        return gaps;
    }

    /** Whether the run waited as SCHEDULED before it was seen to run. */
    public boolean queued(int row) {
        return gaps.queued(row);
    }

    /** Whether the run went on after it had ended. */
    public boolean resumed(int row) {
        return gaps.resumed(row);
    }

    /** Whether it has metrics stamped later than the reading, or than its end. */
    public boolean metricInFuture(int row) {
        return columns.metricInFuture.get(row);
    }

    /** Whether it has metrics stamped before its start. */
    public boolean metricBeforeStart(int row) {
        return columns.metricBeforeStart.get(row);
    }
}
