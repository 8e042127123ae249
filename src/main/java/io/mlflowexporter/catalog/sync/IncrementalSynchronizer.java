package io.mlflowexporter.catalog.sync;

import io.mlflowexporter.catalog.BillableTime;
import io.mlflowexporter.catalog.Catalog;
import io.mlflowexporter.catalog.CatalogMemory;
import io.mlflowexporter.catalog.RunTable;
import io.mlflowexporter.catalog.reading.ExperimentBatch;
import io.mlflowexporter.catalog.reading.ReadingState;
import io.mlflowexporter.catalog.reading.RereadSchedule;
import io.mlflowexporter.catalog.reading.RunNeeds;
import io.mlflowexporter.metric.Times;
import io.mlflowexporter.mlflow.Experiment;
import io.mlflowexporter.mlflow.LifecycleStage;
import io.mlflowexporter.mlflow.MlflowException;
import io.mlflowexporter.mlflow.MlflowSource;
import io.mlflowexporter.mlflow.RunStatus;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Reads everything once and from then on what is new: runs that started or ended lately, those that have not ended, and
 * those that are deleted. What changes without showing in any of these (edited tags, ended runs removed for good, imports
 * with old times) is found by the {@link Resync}. Experiments, models and versions are listed at each refresh.
 */
public final class IncrementalSynchronizer implements Synchronizer {
    /** Unlike the two statuses of active runs by name, one question, and it finds statuses not known here. */
    private static final String UNFINISHED = List.of(RunStatus.FINISHED, RunStatus.FAILED, RunStatus.KILLED).stream()
            .map(status -> "attributes.status != '" + status + "'")
            .collect(Collectors.joining(" AND "));

    private final MlflowSource source;
    private final CatalogReader reader;
    private final Supplier<RunNeeds> needs;
    private final InstantSource clock;
    private final long overlapMillis;
    private final long staleAfterMillis;
    private final Resync resync;
    private final String rules;

    /**
     * Sets out to read.
     *
     * @param needs asked at the start of each reading, so that it may change while the exporter runs
     */
    public IncrementalSynchronizer(
            MlflowSource source, SyncSettings config, Supplier<RunNeeds> needs, InstantSource clock) {
        this(
                source,
                config,
                needs,
                clock,
                CatalogMemory.inHeap(Runtime.getRuntime().maxMemory()));
    }

    IncrementalSynchronizer(
            MlflowSource source,
            SyncSettings config,
            Supplier<RunNeeds> needs,
            InstantSource clock,
            CatalogMemory room) {
        this.source = source;
        this.reader = new CatalogReader(source, config, room);
        this.needs = needs;
        this.clock = clock;
        this.overlapMillis = config.refresh().overlap().toMillis();
        this.staleAfterMillis = config.refresh().staleAfter().toMillis();
        this.resync = new Resync(config);
        this.rules = CatalogReader.rules(config.runs());
    }

    @Override
    public List<String> tracking(List<String> workspaces, Catalog catalog, Listener listener) throws MlflowException {
        listener.progress("experiments", 0, 0, 0);
        long now = clock.millis();
        RunNeeds need = needs.get();
        catalog.runs().machines(need.machines());
        Map<String, String> closed = new TreeMap<>();
        List<Experiment> experiments = reader.experiments(workspaces, catalog, need.tags(), closed);
        catalog.runs().marks().begin(now);
        ReadingState state = catalog.reading();
        meet(catalog, experiments);
        if (!state.rules.equals(rules) || !state.needs.covers(need)) {
            state.rules = rules;
            state.needs = need;
            state.partlyRead.clear();
            experiments.forEach(experiment -> state.toRead.add(experiment.id()));
        }
        if (state.upToMillis == Times.ABSENT) {
            state.upToMillis = now;
        }
        RunReading reading = new RunReading(source, reader, catalog, now, experiments.size(), listener);
        List<Experiment> again;
        try {
            again = read(catalog, reading, experiments, now);
        } catch (MlflowException e) {
            reading.settle();
            throw e;
        }
        Optional<MlflowException> late = reading.settle();
        if (late.isPresent()) {
            throw late.get();
        }
        resync.read(catalog, reading, again, now);
        reading.done(again.size());
        catalog.replaceExperiments(experiments);
        catalog.kept(state.needs);
        state.upToMillis = now;
        List<String> incomplete =
                new ArrayList<>(reader.incomplete(catalog.runs().presence().endRefresh(reader.maxRuns())));
        if (reading.leftOut() > 0) {
            incomplete.add(reading.leftOut() + " new runs are left out: more than memory has room for; give more with"
                    + " java -Xmx, or leave experiments out with read.experiments");
        }
        closed.putAll(reading.closed());
        catalog.closedWorkspaces(closed.keySet());
        closed.forEach((workspace, why) -> incomplete.add(CatalogReader.leftOut(workspace, why)));
        state.quarantined.forEach((id, quarantine) ->
                incomplete.add("the runs of experiment " + id + " are set aside: " + quarantine.reason()));
        return incomplete;
    }

    /**
     * Reads what must be read.
     *
     * @return the experiments that were not read whole
     */
    private List<Experiment> read(Catalog catalog, RunReading reading, List<Experiment> experiments, long now)
            throws MlflowException {
        ReadingState state = catalog.reading();
        Set<String> whole = new HashSet<>();
        readWhole(catalog, reading, experiments, whole);
        List<Experiment> others = experiments.stream()
                .filter(experiment -> !whole.contains(experiment.id()) && !state.toRead.contains(experiment.id()))
                .toList();
        readRecent(catalog, reading, others, now);
        readUnfinished(catalog, reading, others, now);
        DeletedRuns.read(catalog, reading, others);
        return others;
    }

    /** What the list of experiments alone tells of their runs. */
    private static void meet(Catalog catalog, List<Experiment> experiments) {
        ReadingState state = catalog.reading();
        Map<String, LifecycleStage> changed = new HashMap<>();
        Map<String, ReadingState.Met> met = new HashMap<>();
        for (Experiment experiment : experiments) {
            ReadingState.Met before = state.met.remove(experiment.id());
            if (before == null || !before.name().equals(experiment.name())) {
                // Phases may depend on the experiment's name.
                state.toRead.add(experiment.id());
                state.partlyRead.remove(experiment.id());
            }
            if (before != null && before.stage() != experiment.lifecycleStage()) {
                changed.put(experiment.id(), experiment.lifecycleStage());
            }
            met.put(experiment.id(), new ReadingState.Met(experiment.name(), experiment.lifecycleStage()));
        }
        Set<String> vanished = Set.copyOf(state.met.keySet());
        state.met.clear();
        state.met.putAll(met);
        state.toRead.removeAll(vanished);
        state.quarantined.keySet().removeAll(vanished);
        state.slow.forget(vanished);
        RunTable runs = catalog.runs();
        for (int row = 0; row < runs.size() && !(vanished.isEmpty() && changed.isEmpty()); row++) {
            LifecycleStage stage = changed.get(runs.experimentId(row));
            if (stage != null) {
                runs.presence().follow(row, stage);
            } else if (vanished.contains(runs.experimentId(row))) {
                runs.presence().gone(row);
            }
        }
    }

    /**
     * Reads every run of the experiments of which that is due; goes on where it last broke off.
     *
     * @param whole takes the ids of those that were read
     */
    private void readWhole(Catalog catalog, RunReading reading, List<Experiment> experiments, Set<String> whole)
            throws MlflowException {
        ReadingState state = catalog.reading();
        List<Experiment> due = experiments.stream()
                .filter(experiment -> state.toRead.contains(experiment.id()))
                .toList();
        for (ExperimentBatch batch : resumedFirst(state, reading, due)) {
            boolean resumed = state.partlyRead.containsAll(batch.ids());
            long from = resumed ? state.partlyReadTo : Times.ABSENT;
            reading.follow(from);
            try {
                reading.readAll(batch, from);
            } catch (MlflowException e) {
                brokeOff(state, batch, reading);
                throw e;
            }
            if (reading.late(batch)) {
                brokeOff(state, batch, reading);
                continue;
            }
            batch.ids().forEach(state.partlyRead::remove);
            for (String id : batch.ids()) {
                if (!reading.setAside(id)) {
                    state.toRead.remove(id);
                    state.quarantined.remove(id);
                    whole.add(id);
                }
            }
            if (!resumed) {
                Set<String> read = batch.ids().stream().filter(whole::contains).collect(Collectors.toSet());
                catalog.runs().presence().goneUnseen(Long.MIN_VALUE, Long.MAX_VALUE, read::contains);
            }
            reading.done(batch.ids().size());
        }
    }

    /** What is partly read is asked for by itself: experiments may have come or gone that change the other batches. */
    private static List<ExperimentBatch> resumedFirst(ReadingState state, RunReading reading, List<Experiment> due) {
        // Slow ones stay with the others, which come before them.
        Predicate<Experiment> resumed =
                experiment -> state.partlyRead.contains(experiment.id()) && !state.slow.contains(experiment.id());
        List<ExperimentBatch> batches =
                new ArrayList<>(reading.batches(due.stream().filter(resumed).toList(), RunReading.SOME));
        batches.addAll(reading.batches(due.stream().filter(resumed.negate()).toList(), RunReading.SOME));
        return batches;
    }

    private static void brokeOff(ReadingState state, ExperimentBatch batch, RunReading reading) {
        state.partlyRead.clear();
        state.partlyRead.addAll(batch.ids());
        state.partlyReadTo = reading.newestStart();
    }

    private void readRecent(Catalog catalog, RunReading reading, List<Experiment> experiments, long now)
            throws MlflowException {
        long from = recent(catalog.reading(), now);
        for (ExperimentBatch batch : reading.batches(experiments, ExperimentBatch.MOST)) {
            reading.read(batch, "", from);
            readIfSupported(reading, batch, "attributes.end_time >= " + from, Times.ABSENT);
        }
    }

    /**
     * What has not ended. A run that died without a word stays so for ever and rarely changes, so that where there are
     * many, all are asked for by turns only, and in between those that live or may be new.
     */
    private void readUnfinished(Catalog catalog, RunReading reading, List<Experiment> experiments, long now)
            throws MlflowException {
        ReadingState state = catalog.reading();
        RereadSchedule turns = state.unfinishedTurns;
        boolean all = turns.due();
        // A machine whose clock is behind may have begun one so long ago.
        long from = all ? Times.ABSENT : Math.min(recent(state, now), now - Times.GREATEST_SKEW_MILLIS);
        for (ExperimentBatch batch : reading.batches(experiments, ExperimentBatch.MOST)) {
            readIfSupported(reading, batch, UNFINISHED, from);
        }
        RunTable runs = catalog.runs();
        IntStream asked = IntStream.iterate(
                        runs.nextUnfinished(0), row -> row >= 0, row -> runs.nextUnfinished(row + 1))
                .filter(row -> runs.startMillis(row) >= from || !dead(catalog, row, now));
        // Ended by a clock far off, or gone.
        MissingRuns.ask(catalog, reading, asked, experiments);
        if (!all) {
            turns.passed();
        } else if (!reading.late()) {
            turns.asked(dead(catalog, now), 0);
        }
    }

    /** Where the server does not know the filter, what became of known runs is asked by id, and the rest found by the resync. */
    private static void readIfSupported(RunReading reading, ExperimentBatch batch, String filter, long from)
            throws MlflowException {
        try {
            reading.read(batch, filter, from);
        } catch (MlflowException e) {
            if (e.kind() != MlflowException.Kind.UNSUPPORTED) {
                throw e;
            }
        }
    }

    private int dead(Catalog catalog, long now) {
        RunTable runs = catalog.runs();
        int dead = 0;
        for (int row = runs.nextUnfinished(0); row >= 0; row = runs.nextUnfinished(row + 1)) {
            dead += dead(catalog, row, now) && !runs.isGone(row) ? 1 : 0;
        }
        return dead;
    }

    /**
     * Whether it was so when last read that nothing was heard of a run for twice the time that makes it stale: one that
     * lives is to be asked for before it is told to be stale.
     */
    private boolean dead(Catalog catalog, int row, long now) {
        RunTable runs = catalog.runs();
        return runs.startMillis(row) == Times.ABSENT
                || BillableTime.stale(runs, row, Math.min(now, catalog.reading().upToMillis), 2 * staleAfterMillis);
    }

    /** Since when something may have started or ended that no refresh has met. */
    private long recent(ReadingState state, long now) {
        long from = Math.min(state.upToMillis, now);
        // Where the exporter's clock is ahead of those that write, the newest time met is nearer to their now. Between
        // the two nothing known lies, so that it costs nothing to ask for it again.
        from = Math.min(from, Math.max(state.newestMillis, from - Times.GREATEST_SKEW_MILLIS));
        return Math.max(0, from - overlapMillis);
    }

    @Override
    public Map<String, String> registry(List<String> workspaces, Catalog catalog) throws MlflowException {
        return reader.registry(workspaces, catalog);
    }
}
