package io.mlflowexporter.catalog;

import io.mlflowexporter.catalog.columns.CheckpointBounds;
import io.mlflowexporter.catalog.columns.Columns;
import io.mlflowexporter.catalog.columns.Interned;
import io.mlflowexporter.catalog.columns.RunIds;
import io.mlflowexporter.catalog.columns.Texts;
import io.mlflowexporter.checkpoint.fields.FieldReader;
import io.mlflowexporter.checkpoint.fields.FieldWriter;
import io.mlflowexporter.metric.Times;
import io.mlflowexporter.mlflow.LifecycleStage;
import io.mlflowexporter.mlflow.Run;
import io.mlflowexporter.mlflow.RunStatus;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.IntConsumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * One row per run ever seen, in primitive columns, strings shared. A row is never removed. What counters count (phase
 * at first sight; status and duration at the first sight of the end) is kept as it was then, so that later edits in
 * MLflow never lower a counter. Belongs to the refresh thread.
 */
public final class RunTable {
    private static final RunStatus[] STATUSES = RunStatus.values();
    private static final RunState[] STATES = RunState.values();
    public static final byte NOT_ENDED = -1;

    /** Of the columns and the tables of ids, and of what the sums of the refresh keep by row. */
    private static final int ROW_BYTES = 100;

    /** Of what the costs of a run that may share a machine need more. */
    private static final int SHARING_BYTES = 400;

    private static final String TAG = "tag:";
    private static final String PARAM = "param:";

    /** The tag that names the run a run is nested in. */
    public static final String PARENT_TAG = "mlflow.parentRunId";

    /** The tag that names what was run. */
    public static final String SOURCE_TAG = "mlflow.source.name";

    private final Interned<String> words;
    private final Interned<RunNotes> sharedNotes;
    private final Texts texts;
    private final RunIds ids;
    private final Columns columns;
    private final SystemUses systemUses;
    private final Gaps gaps;
    /** Rows met since the reading began. */
    private final BitSet seen = new BitSet();

    private int readings;
    private int readSecond;

    /** Numbers of words of experiments that rows have. */
    private final BitSet experiments = new BitSet();

    private int withRuns;

    /** Rows of runs that have not ended. */
    private final BitSet unfinished = new BitSet();

    /** As {@link RunNeeds#machines}. */
    private Set<String> machines = Set.of();
    /** So many rows have one of these. */
    private int sharing;

    /** Rows that are not gone. */
    private int present;
    /** So many rows from the first on are counted and not left out. */
    private int settled;

    private final List<IntConsumer> watchers = new ArrayList<>();

    RunTable() {
        this(
                Interned.texts(),
                RunNotes.interned(),
                new Texts(),
                new RunIds(),
                new Columns(),
                new SystemUses(),
                new Gaps());
    }

    private RunTable(
            Interned<String> words,
            Interned<RunNotes> notes,
            Texts texts,
            RunIds ids,
            Columns columns,
            SystemUses systemUses,
            Gaps gaps) {
        this.words = words;
        this.sharedNotes = notes;
        this.texts = texts;
        this.ids = ids;
        this.columns = columns;
        this.systemUses = systemUses;
        this.gaps = gaps;
    }

    /** Tells of each row that is about to change, while it still says what it said. */
    void watch(IntConsumer watcher) {
        watchers.add(watcher);
    }

    /** Nobody hears of changes any more who heard of them so far. */
    void unwatch() {
        watchers.clear();
    }

    /** For {@link HistoricalView}. */
    Columns columns() {
        return columns;
    }

    /** The row is about to change. */
    void changing(int row) {
        watchers.forEach(watcher -> watcher.accept(row));
    }

    /** Begins a reading: from now on it is noted which rows are met. */
    public void beginReading(long nowMillis) {
        seen.clear();
        readings++;
        readSecond = Columns.second(nowMillis);
    }

    /** About what the rows take, bytes, what {@link #forgetUnused} would free included. */
    long weight() {
        return (long) ROW_BYTES * size()
                + CatalogMemory.RUNS_OF_EXPERIMENT * withRuns
                + words.weight()
                + sharedNotes.weight()
                + texts.weight()
                + systemUses.weight()
                + gaps.weight()
                + columns.weight()
                + (long) SHARING_BYTES * sharing;
    }

    /** From now on runs share machines by this, see {@link RunNeeds#machines}. */
    public void machines(Set<String> by) {
        if (!by.equals(machines)) {
            machines = Set.copyOf(by);
            sharing = 0;
            for (int row = 0; row < size(); row++) {
                sharing += mayShare(notes(row));
            }
        }
    }

    private int mayShare(RunNotes notes) {
        for (String machine : machines) {
            if (machine.startsWith(TAG)
                    ? notes.tags().containsKey(machine.substring(TAG.length()))
                    : notes.params().containsKey(machine.substring(PARAM.length()))) {
                return 1;
            }
        }
        return 0;
    }

    /** Forgets what changed rows left behind. */
    void forgetUnused() {
        if (words.forgetUnused(size(), columns.words())) {
            countExperiments();
        }
        sharedNotes.forgetUnused(size(), columns.notes);
        texts.forgetUnused(size(), columns.texts());
        systemUses.forgetUnused();
    }

    private void countExperiments() {
        experiments.clear();
        for (int row = 0; row < size(); row++) {
            experiments.set(columns.experiments[row]);
        }
        withRuns = experiments.cardinality();
    }

    /** Forgets the last rows, which were added since the last refresh and that nobody else has heard of. */
    void truncate(int rows) {
        for (int row = rows; row < size(); row++) {
            present -= isGone(row) ? 0 : 1;
            sharing -= mayShare(notes(row));
        }
        ids.truncate(rows);
        columns.truncate(rows);
        systemUses.truncate(rows);
        gaps.truncate(rows);
        seen.clear(rows, Integer.MAX_VALUE);
        unfinished.clear(rows, Integer.MAX_VALUE);
        countExperiments();
    }

    /** Readings begun so far. */
    public int readings() {
        return readings;
    }

    /** Takes what MLflow says of a run now. */
    public void put(Run run, String phase, String estimatorClass, RunNotes kept, Gaps.Look look) {
        int known = ids.row(run.id());
        boolean differs = known < 0 || differs(known, run, phase, kept);
        if (!differs && isNow(known, run, estimatorClass)) {
            met(known);
            gaps.unchanged(known, run.status(), look);
            return;
        }
        if (known >= 0) {
            changing(known);
            gaps.changing(this, known, run, look);
        }
        int row = known < 0 ? newRow(run.id(), phase) : known;
        if (differs) {
            columns.revisions[row]++;
            columns.parents[row] = texts.put(run.tags().getOrDefault(PARENT_TAG, ""));
            columns.sources[row] = texts.put(run.tags().getOrDefault(SOURCE_TAG, ""));
            sharing += mayShare(kept) - (known < 0 ? 0 : mayShare(notes(row)));
            columns.notes[row] = sharedNotes.number(kept);
            columns.names[row] = texts.put(run.name());
            columns.experiments[row] = words.number(run.experimentId());
            if (!experiments.get(columns.experiments[row])) {
                experiments.set(columns.experiments[row]);
                withRuns++;
            }
            columns.users[row] = words.number(run.user());
            columns.phases[row] = words.number(phase);
            columns.paramsHashes[row] = run.paramsHash();
        }
        columns.estimators[row] = words.number(estimatorClass);
        columns.statuses[row] = code(run.status());
        unfinished.set(row, !run.status().ended());
        become(row, state(run.lifecycleStage()));
        systemUses.put(row, run.metrics(), run.status().ended());
        times(row, run.startMillis(), run.endMillis());
        columns.heartbeats[row] = run.heartbeatMillis();
        if (run.unreadableValues() == 0) {
            columns.unreadable.remove(row);
        } else {
            columns.unreadable.put(row, run.unreadableValues());
        }
        met(row);
        columns.metricInFuture.set(row, run.metricInFuture());
        columns.metricBeforeStart.set(row, run.metricBeforeStart());
        if (known < 0) {
            gaps.met(row, run.status(), run.endMillis(), look);
        }
        if (columns.countedStatuses[row] == NOT_ENDED && run.status().ended()) {
            countEnd(row, look);
        }
    }

    /** How long the run ran is kept as it is known now, where that is not simply what its times say. */
    private void countEnd(int row, Gaps.Look look) {
        columns.countedStatuses[row] = columns.statuses[row];
        // An end ahead of the exporter's clock is no reason to count less.
        long now = Math.max(look.nowMillis(), columns.ends[row]);
        long millis = BillableTime.of(this, row, now, look.rules()).millis();
        if (columns.ends[row] == Times.ABSENT) {
            millis = Times.ABSENT;
        }
        if (millis != columns.endedMillis(row)) {
            columns.countedMillis.put(row, millis);
        }
    }

    private void met(int row) {
        seen.set(row);
        columns.readSeconds[row] = readSecond;
    }

    private boolean differs(int row, Run run, String phase, RunNotes kept) {
        return !(kept.equals(notes(row))
                && phase.equals(phase(row))
                && run.name().equals(name(row))
                && run.paramsHash() == paramsHash(row)
                && run.user().equals(user(row))
                && run.experimentId().equals(experimentId(row))
                && run.tags().getOrDefault(PARENT_TAG, "").equals(parentId(row))
                && run.tags().getOrDefault(SOURCE_TAG, "").equals(source(row)));
    }

    /** Whether it says all that was not compared yet. */
    private boolean isNow(int row, Run run, String estimatorClass) {
        return columns.statuses[row] == code(run.status())
                && columns.states[row] == code(state(run.lifecycleStage()))
                && columns.starts[row] == run.startMillis()
                && columns.ends[row] == run.endMillis()
                && columns.heartbeats[row] == run.heartbeatMillis()
                && unreadableValues(row) == run.unreadableValues()
                && metricInFuture(row) == run.metricInFuture()
                && metricBeforeStart(row) == run.metricBeforeStart()
                && estimatorClass.equals(estimatorClass(row))
                && systemUses.isNow(row, run.metrics(), run.status().ended());
    }

    private static RunState state(LifecycleStage stage) {
        return stage == LifecycleStage.ACTIVE ? RunState.ACTIVE : RunState.DELETED;
    }

    private void times(int row, long start, long end) {
        long before = columns.endedMillis(row);
        columns.starts[row] = start;
        columns.ends[row] = end;
        if (countedEnd(row) && columns.endedMillis(row) != before) {
            columns.countedMillis.putIfAbsent(row, before);
        }
    }

    /** A byte a row instead of a reference; numbers of the checkpoint too, so that constants are only ever added. */
    @SuppressWarnings("EnumOrdinal")
    static byte code(Enum<?> value) {
        return (byte) value.ordinal();
    }

    private int newRow(String id, String phase) {
        int row = columns.add();
        ids.add(id);
        columns.countedPhases[row] = words.number(phase);
        present++;
        return row;
    }

    /** Whether the row was met since the reading began. */
    public boolean seen(int row) {
        return seen.get(row);
    }

    /** The first row from this one on that was met since the reading began; negative: none. */
    public int nextSeen(int row) {
        return seen.nextSetBit(row);
    }

    private void become(int row, RunState state) {
        present += (state == RunState.GONE ? 0 : 1) - (isGone(row) ? 0 : 1);
        columns.states[row] = code(state);
    }

    public boolean isGone(int row) {
        return columns.states[row] == code(RunState.GONE);
    }

    public boolean isDeleted(int row) {
        return columns.states[row] == code(RunState.DELETED);
    }

    /** The run is no longer in MLflow's answers. */
    public void gone(int row) {
        if (!isGone(row)) {
            changing(row);
            become(row, RunState.GONE);
        }
    }

    /** Follows the run's experiment, which was deleted or restored and takes its runs along. */
    public void follow(int row, LifecycleStage experiment) {
        if (!isGone(row)) {
            changing(row);
            become(row, state(experiment));
        }
    }

    /** Where MLflow sorts the run by start time: a run without one is stored with 0. */
    public long startKey(int row) {
        return columns.starts[row] == Times.ABSENT ? 0 : columns.starts[row];
    }

    /** Of runs that started in this time, those that were not met are gone. */
    public void goneUnseen(long fromMillis, long endMillis, Predicate<String> experiments) {
        for (int row = 0; row < size(); row++) {
            long start = startKey(row);
            if (start >= fromMillis && start < endMillis && !seen.get(row) && experiments.test(experimentId(row))) {
                gone(row);
            }
        }
    }

    /** How many are not gone. */
    public int present() {
        return present;
    }

    /** How many are not gone and were read at this time or later. */
    int readSince(long millis) {
        int second = Columns.second(millis);
        int since = 0;
        for (int row = 0; row < size(); row++) {
            since += !isGone(row) && columns.readSeconds[row] >= second ? 1 : 0;
        }
        return since;
    }

    /**
     * When the run that is not gone and was not read for longest was read; {@link Times#ABSENT} where there is none, or it
     * is not known of one: a checkpoint of an older version does not tell.
     */
    long longestUnreadMillis() {
        int second = Integer.MAX_VALUE;
        for (int row = 0; row < size(); row++) {
            second = isGone(row) ? second : Math.min(second, columns.readSeconds[row]);
        }
        return present == 0 || second == 0 ? Times.ABSENT : Columns.millis(second);
    }

    /**
     * Ends a reading that met every run there is.
     *
     * @return as {@link #endRefresh}
     */
    public int endReading(int maxRuns) {
        for (int row = seen.nextClearBit(0); row < size(); row = seen.nextClearBit(row + 1)) {
            gone(row);
        }
        return endRefresh(maxRuns);
    }

    /**
     * Ends a refresh after which the rows are what may be published.
     *
     * @param maxRuns the newest so many stay, the older ones are left out
     * @return how many were left out
     */
    public int endRefresh(int maxRuns) {
        boolean tooMany = present > maxRuns;
        BitSet leftOut = tooMany ? oldest(present - maxRuns) : new BitSet();
        for (int row = tooMany ? 0 : settled; row < size(); row++) {
            byte out = (byte) (leftOut.get(row) ? 1 : 0);
            byte counted = (byte) (columns.counted[row] | (1 - out));
            if (out != columns.leftOut[row] || counted != columns.counted[row]) {
                changing(row);
                columns.leftOut[row] = out;
                columns.counted[row] = counted;
            }
        }
        settled = tooMany ? 0 : size();
        forgetUnused();
        return Math.max(0, present - maxRuns);
    }

    private BitSet oldest(int excess) {
        Integer[] rows = new Integer[present];
        int n = 0;
        for (int row = 0; row < size(); row++) {
            if (!isGone(row)) {
                rows[n++] = row;
            }
        }
        Arrays.sort(rows, (a, b) -> {
            int byStart = Long.compare(columns.starts[a], columns.starts[b]);
            return byStart == 0 ? ids.compare(a, b) : byStart;
        });
        BitSet oldest = new BitSet();
        for (int i = 0; i < excess; i++) {
            oldest.set(rows[i]);
        }
        return oldest;
    }

    public void write(FieldWriter out) throws IOException {
        // The first, as the columns are measured by it.
        out.number("rows", size());
        out.texts("words", words.values());
        out.list("sharedNotes", sharedNotes.values(), (element, notes) -> notes.write(element));
        texts.write(out);
        ids.write(out);
        columns.write(out);
        out.object("systemUses", systemUses::write);
        out.object("gaps", gaps::write);
    }

    /**
     * What was written.
     *
     * @throws IOException if it cannot have been
     */
    public static RunTable read(FieldReader in) throws IOException {
        Interned<String> words = Interned.texts();
        Interned<RunNotes> notes = RunNotes.interned();
        Texts texts = new Texts();
        RunIds ids = new RunIds();
        Columns columns = new Columns();
        SystemUses systemUses = new SystemUses();
        Gaps gaps = new Gaps();
        while (in.next()) {
            switch (in.name()) {
                case "rows" -> columns.size = in.count();
                case "words" -> words = Interned.texts().with(in.texts());
                case "sharedNotes" -> notes = RunNotes.interned().with(in.list(RunNotes::read));
                case "texts" -> texts = Texts.read(in);
                case "systemUses" -> {
                    int rows = columns.size;
                    systemUses = in.object(uses -> SystemUses.read(uses, rows));
                }
                case "gaps" -> {
                    int rows = columns.size;
                    gaps = in.object(seen -> Gaps.read(seen, rows));
                }
                default -> {
                    // One that is of neither is of another version.
                    if (!ids.read(in, columns.size)) {
                        columns.read(in);
                    }
                }
            }
        }
        ids.restored(columns.size);
        columns.resize(columns.size);
        RunTable read = new RunTable(words, notes, texts, ids, columns, systemUses, gaps);
        read.check();
        read.countExperiments();
        for (int row = 0; row < read.size(); row++) {
            read.unfinished.set(row, !read.status(row).ended());
            read.present += read.isGone(row) ? 0 : 1;
        }
        return read;
    }

    /** Rows point only to what there is, so that what reads them later need not doubt it. */
    private void check() throws IOException {
        for (int row = 0; row < size(); row++) {
            for (int[] column : columns.words()) {
                CheckpointBounds.index(column[row], words.size());
            }
            CheckpointBounds.index(columns.notes[row], sharedNotes.size());
            for (int[] column : columns.texts()) {
                if (!texts.holds(column[row])) {
                    throw new IOException("a text is not where a run says");
                }
            }
            CheckpointBounds.index(columns.statuses[row], STATUSES.length);
            CheckpointBounds.index(columns.states[row], STATES.length);
            CheckpointBounds.index(columns.countedStatuses[row] - NOT_ENDED, STATUSES.length + 1);
        }
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

    /** All that rows have. */
    Set<String> experimentIds() {
        countExperiments();
        return experiments.stream().mapToObj(words::value).collect(Collectors.toCollection(HashSet::new));
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
        return columns.countedStatuses[row] != NOT_ENDED;
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
