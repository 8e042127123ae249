package io.mlflowexporter.catalog;

import io.mlflowexporter.mlflow.LifecycleStage;
import io.mlflowexporter.mlflow.Run;
import io.mlflowexporter.mlflow.RunStatus;
import io.mlflowexporter.mlflow.Times;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;

/**
 * One row per run ever seen, in primitive columns, strings shared. A row is never removed. What counters count (phase
 * at first sight; status and duration at the first sight of the end) is kept as it was then, so that later edits in
 * MLflow never lower a counter. Belongs to the refresh thread.
 */
public final class RunTable {
    private static final RunStatus[] STATUSES = RunStatus.values();
    private static final RunState[] STATES = RunState.values();
    private static final byte NOT_ENDED = -1;
    private static final int FIRST_CAPACITY = 64;

    /** The tag that names the run a run is nested in. */
    static final String PARENT_TAG = "mlflow.parentRunId";

    /** The tag that names what was run. */
    static final String SOURCE_TAG = "mlflow.source.name";

    private final Map<String, Integer> rowById = new HashMap<>();
    private final Map<String, String> shared = new HashMap<>();
    private final Map<RunNotes, RunNotes> sharedNotes = new HashMap<>();
    private final SystemUses systemUses = new SystemUses();
    private int size;
    private String[] ids = new String[FIRST_CAPACITY];
    private String[] experiments = new String[FIRST_CAPACITY];
    private String[] names = new String[FIRST_CAPACITY];
    private String[] users = new String[FIRST_CAPACITY];
    private String[] phases = new String[FIRST_CAPACITY];
    private String[] estimators = new String[FIRST_CAPACITY];
    private String[] parents = new String[FIRST_CAPACITY];
    private String[] sources = new String[FIRST_CAPACITY];
    private RunNotes[] notes = new RunNotes[FIRST_CAPACITY];
    private int[] revisions = new int[FIRST_CAPACITY];
    private String[] countedPhases = new String[FIRST_CAPACITY];
    private byte[] statuses = new byte[FIRST_CAPACITY];
    private byte[] states = new byte[FIRST_CAPACITY];
    private byte[] countedStatuses = new byte[FIRST_CAPACITY];
    private boolean[] counted = new boolean[FIRST_CAPACITY];
    private long[] starts = new long[FIRST_CAPACITY];
    private long[] ends = new long[FIRST_CAPACITY];
    private long[] heartbeats = new long[FIRST_CAPACITY];
    private long[] countedMillis = new long[FIRST_CAPACITY];
    private int[] unreadable = new int[FIRST_CAPACITY];
    private int[] generations = new int[FIRST_CAPACITY];
    private int generation;

    RunTable() {}

    /** Begins a reading of everything: rows that it does not meet are gone when it is over. */
    void beginReading() {
        generation++;
    }

    /** Takes what MLflow says of a run now. */
    void put(Run run, String phase, String estimatorClass, RunNotes kept) {
        Integer known = rowById.get(run.id());
        int row = known == null ? newRow(run.id(), phase) : known;
        String parent = run.tags().getOrDefault(PARENT_TAG, "");
        String source = run.tags().getOrDefault(SOURCE_TAG, "");
        boolean same = known != null
                && kept.equals(notes[row])
                && phase.equals(phases[row])
                && run.name().equals(names[row])
                && run.user().equals(users[row])
                && run.experimentId().equals(experiments[row])
                && parent.equals(parents[row])
                && source.equals(sources[row]);
        if (!same) {
            revisions[row]++;
            parents[row] = share(parent);
            sources[row] = share(source);
            notes[row] = sharedNotes.computeIfAbsent(kept, k -> k);
        }
        experiments[row] = share(run.experimentId());
        names[row] = share(run.name());
        users[row] = share(run.user());
        phases[row] = share(phase);
        estimators[row] = share(estimatorClass);
        statuses[row] = code(run.status());
        states[row] = code(run.lifecycleStage() == LifecycleStage.ACTIVE ? RunState.ACTIVE : RunState.DELETED);
        systemUses.put(row, run.metrics(), run.status().ended());
        starts[row] = run.startMillis();
        ends[row] = run.endMillis();
        heartbeats[row] = run.heartbeatMillis();
        unreadable[row] = run.unreadableValues();
        generations[row] = generation;
        if (countedStatuses[row] == NOT_ENDED && run.status().ended()) {
            countedStatuses[row] = code(run.status());
            countedMillis[row] = endedMillis(row);
        }
    }

    /** A byte a row instead of a reference; the number is never stored beyond this process. */
    @SuppressWarnings("EnumOrdinal")
    private static byte code(Enum<?> value) {
        return (byte) value.ordinal();
    }

    private int newRow(String id, String phase) {
        int row = size++;
        grow();
        rowById.put(id, row);
        ids[row] = id;
        countedPhases[row] = share(phase);
        countedStatuses[row] = NOT_ENDED;
        countedMillis[row] = Times.ABSENT;
        return row;
    }

    /**
     * Ends a reading that was complete.
     *
     * @param maxRuns the newest so many stay, the older ones are left out
     * @return how many were left out
     */
    int endReading(int maxRuns) {
        int present = 0;
        for (int row = 0; row < size; row++) {
            if (generations[row] == generation) {
                present++;
            } else {
                states[row] = code(RunState.GONE);
            }
        }
        if (present > maxRuns) {
            leaveOut(present, present - maxRuns);
        }
        for (int row = 0; row < size; row++) {
            counted[row] |= state(row) != RunState.LEFT_OUT;
        }
        return Math.max(0, present - maxRuns);
    }

    private void leaveOut(int present, int excess) {
        Integer[] rows = new Integer[present];
        int n = 0;
        for (int row = 0; row < size; row++) {
            if (generations[row] == generation) {
                rows[n++] = row;
            }
        }
        Arrays.sort(rows, (a, b) -> Long.compare(starts[a], starts[b]));
        for (int i = 0; i < excess; i++) {
            states[rows[i]] = code(RunState.LEFT_OUT);
        }
    }

    private void grow() {
        if (size <= ids.length) {
            return;
        }
        int capacity = size + size / 2;
        ids = Arrays.copyOf(ids, capacity);
        experiments = Arrays.copyOf(experiments, capacity);
        names = Arrays.copyOf(names, capacity);
        users = Arrays.copyOf(users, capacity);
        phases = Arrays.copyOf(phases, capacity);
        estimators = Arrays.copyOf(estimators, capacity);
        parents = Arrays.copyOf(parents, capacity);
        sources = Arrays.copyOf(sources, capacity);
        notes = Arrays.copyOf(notes, capacity);
        revisions = Arrays.copyOf(revisions, capacity);
        countedPhases = Arrays.copyOf(countedPhases, capacity);
        statuses = Arrays.copyOf(statuses, capacity);
        states = Arrays.copyOf(states, capacity);
        countedStatuses = Arrays.copyOf(countedStatuses, capacity);
        counted = Arrays.copyOf(counted, capacity);
        starts = Arrays.copyOf(starts, capacity);
        ends = Arrays.copyOf(ends, capacity);
        heartbeats = Arrays.copyOf(heartbeats, capacity);
        countedMillis = Arrays.copyOf(countedMillis, capacity);
        unreadable = Arrays.copyOf(unreadable, capacity);
        generations = Arrays.copyOf(generations, capacity);
    }

    private String share(String text) {
        String known = shared.putIfAbsent(text, text);
        return known == null ? text : known;
    }

    private long endedMillis(int row) {
        if (starts[row] == Times.ABSENT || ends[row] == Times.ABSENT) {
            return Times.ABSENT;
        }
        return Math.max(0, ends[row] - starts[row]);
    }

    /** Rows are numbered from 0 to this, exclusive. */
    public int size() {
        return size;
    }

    public String id(int row) {
        return ids[row];
    }

    public String experimentId(int row) {
        return experiments[row];
    }

    public String name(int row) {
        return names[row];
    }

    public String user(int row) {
        return users[row];
    }

    /** The row of a run; empty for an id never seen. */
    public OptionalInt row(String id) {
        Integer row = rowById.get(id);
        return row == null ? OptionalInt.empty() : OptionalInt.of(row);
    }

    /** The id of the run it is nested in; empty for a run of the top level. */
    public String parentId(int row) {
        return parents[row];
    }

    /** What was run, by the tag {@code mlflow.source.name}; empty where it is missing. */
    public String source(int row) {
        return sources[row];
    }

    /** Tags and params that something asked to be kept. */
    public RunNotes notes(int row) {
        return notes[row];
    }

    /** What its system metrics say, where something asked for them. */
    public SystemUse use(int row) {
        return systemUses.use(row);
    }

    SystemUses systemUses() {
        return systemUses;
    }

    /** Grows whenever anything that rules may look at changed: phase, name, user, experiment, parent, source, notes. */
    public int revision(int row) {
        return revisions[row];
    }

    /** The phase by what MLflow says now. */
    public String phase(int row) {
        return phases[row];
    }

    /** Whether counters count the run: once counted, always counted. */
    public boolean counted(int row) {
        return counted[row];
    }

    /** The phase counters count the run under. */
    public String countedPhase(int row) {
        return countedPhases[row];
    }

    /** Empty where no tag or param tells. */
    public String estimatorClass(int row) {
        return estimators[row];
    }

    public RunStatus status(int row) {
        return STATUSES[statuses[row]];
    }

    public RunState state(int row) {
        return STATES[states[row]];
    }

    /** Whether the run was ever seen to have ended. */
    public boolean countedEnd(int row) {
        return countedStatuses[row] != NOT_ENDED;
    }

    /** How the run ended when that was first seen; only where {@link #countedEnd}. */
    public RunStatus countedStatus(int row) {
        return STATUSES[countedStatuses[row]];
    }

    /** Milliseconds the run took when its end was first seen; {@link Times#ABSENT} where a time is missing. */
    public long countedMillis(int row) {
        return countedMillis[row];
    }

    /** Unix milliseconds or {@link Times#ABSENT}. */
    public long startMillis(int row) {
        return starts[row];
    }

    /** Unix milliseconds or {@link Times#ABSENT}. */
    public long endMillis(int row) {
        return ends[row];
    }

    /** How many values of the run could not be read. */
    public int unreadableValues(int row) {
        return unreadable[row];
    }

    /** Last sign of life: newest metric, else the start. Unix milliseconds or {@link Times#ABSENT}. */
    public long lastSignMillis(int row) {
        // ABSENT is less than any time; a metric from before the start is no sign that the run still lives.
        return Math.max(heartbeats[row], starts[row]);
    }

    /** Whether the run is active but has shown no sign of life for longer than this. */
    public boolean stale(int row, long nowMillis, long staleAfterMillis) {
        // Not as the difference from now, which a time long before all times would turn negative.
        return status(row).active()
                && lastSignMillis(row) != Times.ABSENT
                && lastSignMillis(row) < nowMillis - staleAfterMillis;
    }

    /**
     * How long the run took, or takes until now; for a stale one until its last sign of life.
     *
     * @return milliseconds, not negative; {@link Times#ABSENT} where a time it needs is missing
     */
    public long durationMillis(int row, long nowMillis, long staleAfterMillis) {
        if (starts[row] == Times.ABSENT) {
            return Times.ABSENT;
        }
        if (status(row).active()) {
            long until = stale(row, nowMillis, staleAfterMillis) ? lastSignMillis(row) : nowMillis;
            return Math.max(0, until - starts[row]);
        }
        return endedMillis(row);
    }
}
