package io.mlflowexporter.refresh;

import io.mlflowexporter.catalog.Catalog;
import io.mlflowexporter.catalog.ObservedRun;
import io.mlflowexporter.catalog.sync.ReadConfig;
import io.mlflowexporter.catalog.sync.Synchronizer;
import io.mlflowexporter.catalog.sync.SystemUseHistories;
import io.mlflowexporter.checkpoint.CheckpointFile;
import io.mlflowexporter.checkpoint.fields.Section;
import io.mlflowexporter.config.Config;
import io.mlflowexporter.estimate.NotNowException;
import io.mlflowexporter.estimate.RunHistory;
import io.mlflowexporter.exposition.Exposition;
import io.mlflowexporter.kpi.KpiOverview;
import io.mlflowexporter.llm.objects.OtherObjects;
import io.mlflowexporter.metric.FamilyDeclaration;
import io.mlflowexporter.mlflow.MlflowException;
import io.mlflowexporter.mlflow.MlflowException.Kind;
import io.mlflowexporter.mlflow.MlflowSource;
import io.mlflowexporter.mlflow.ServerInfo;
import io.mlflowexporter.pipeline.Engines;
import io.mlflowexporter.pipeline.Pipeline;
import io.mlflowexporter.refresh.ExporterStatus.FamilySeries;
import io.mlflowexporter.refresh.ExporterStatus.LastRefresh;
import io.mlflowexporter.refresh.ExporterStatus.Outcome;
import io.mlflowexporter.refresh.ExporterStatus.Progress;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads MLflow, computes, and publishes. {@link #refresh} is for one thread; what was published may be read by any.
 */
public final class Refresher {
    private static final Logger LOG = LoggerFactory.getLogger(Refresher.class);
    private static final int LONGEST_MESSAGE = 200;
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration BETWEEN_PROGRESS_LINES = Duration.ofSeconds(5);

    private final Config config;
    private final MlflowSource source;
    private final Synchronizer synchronizer;
    private final Engines engines;
    private final Pipeline pipeline;
    private final SystemUseHistories histories;
    private final OtherObjects objects;
    private final InstantSource clock;
    private final SnapshotStore store;
    private final LiveMetrics live;
    private final Optional<Checkpointing> checkpoint;
    private final PartHealth tracking = new PartHealth("experiments and runs", LOG);
    private final PartHealth registry = new PartHealth("registered models", LOG);
    private final PartHealth resync = new PartHealth("rereading of known runs", LOG);
    private final PartHealth systemUse = new PartHealth("histories of system metrics", LOG);
    private final PartHealth others = new PartHealth("prompts and other objects", LOG);
    private final PartHealth achievement = new PartHealth("KPIs", LOG);
    private final CatalogQueries visitors = new CatalogQueries();
    /** Of the interval, for questions where refreshes take all of it. */
    private static final int PART_FOR_VISITORS = 10;

    private final PartHealth publishing = new PartHealth("publishing", LOG);

    private Catalog catalog = new Catalog();
    /** Whether the catalog holds one reading and not a mixture of two. */
    private boolean whole;

    private volatile Exposition exposition = Exposition.EMPTY;
    private volatile ExporterStatus status;
    private List<String> lastWorkspaces = List.of();
    private Instant lastProgressLine = Instant.MIN;
    private List<String> toldLeftOut = List.of();
    private List<String> toldSuspicions = List.of();
    private List<String> toldNotices = List.of();
    private boolean toldFirst;
    private final boolean registryWanted;
    /** When the registry was last read, if it was at the last try. */
    private Instant lastRegistry = Instant.MIN;

    public Refresher(
            Config config,
            MlflowSource source,
            Synchronizer synchronizer,
            Engines engines,
            PrometheusRegistry liveRegistry,
            InstantSource clock,
            String version,
            String revision) {
        this(config, source, synchronizer, engines, liveRegistry, clock, version, revision, Optional.empty());
    }

    /**
     * Sets out to refresh.
     *
     * @param checkpointFile what a restart goes on from, see {@link #restore}; empty: nothing
     */
    public Refresher(
            Config config,
            MlflowSource source,
            Synchronizer synchronizer,
            Engines engines,
            PrometheusRegistry liveRegistry,
            InstantSource clock,
            String version,
            String revision,
            Optional<CheckpointFile> checkpointFile) {
        this.config = config;
        this.registryWanted = config.read().registry() != ReadConfig.Registry.OFF;
        this.source = source;
        this.synchronizer = synchronizer;
        this.engines = engines;
        this.pipeline = new Pipeline(config, engines);
        this.histories = new SystemUseHistories(source, config.cost().histories());
        this.objects = new OtherObjects(source, config.shard().publishesShared());
        this.clock = clock;
        this.store = new SnapshotStore(config);
        this.live = new LiveMetrics(liveRegistry, version, revision, config.shard());
        this.checkpoint =
                checkpointFile.map(file -> new Checkpointing(file, betweenWrites(config), liveRegistry, clock));
        this.status = new ExporterStatus(
                version,
                revision,
                clock.instant(),
                Optional.empty(),
                tracking.state(),
                registry.state(),
                Progress.IDLE,
                Optional.empty(),
                Optional.empty(),
                Map.of(),
                Map.of(),
                List.of(),
                Optional.empty(),
                List.of(),
                KpiOverview.NOTHING,
                checkpoint.map(Checkpointing::status),
                List.of());
    }

    /** Zero where every refresh is to be written, as from the end of one to the end of the next it may be less. */
    private static Duration betweenWrites(Config config) {
        Duration interval = config.checkpoint().interval();
        return interval.compareTo(config.refresh().interval()) <= 0 ? Duration.ZERO : interval;
    }

    /** The live families of this package. */
    public static List<FamilyDeclaration> declarations() {
        return Stream.of(LiveMetrics.declarations(), ReloadMetrics.declarations(), CheckpointMetrics.declarations())
                .flatMap(List::stream)
                .toList();
    }

    /**
     * What was, for an estimate; from any thread. Waits for the refresh that runs now, a while.
     *
     * @throws NotNowException if there is nothing to be told, or the refresh takes too long
     */
    public RunHistory past(RunHistory.Wanted wanted) throws NotNowException {
        return visitors.ask(() -> lookUp(wanted), PATIENCE);
    }

    private RunHistory lookUp(RunHistory.Wanted wanted) throws NotNowException {
        Instant now = clock.instant();
        Instant readAt = wholeSince(now);
        return pipeline.history(
                catalog, wanted, readAt, now, store.registryReadAt().isPresent());
    }

    private Instant wholeSince(Instant now) throws NotNowException {
        return store.trackingReadAt()
                .filter(at -> whole && !now.isAfter(at.plus(config.refresh().maxStaleness())))
                .orElseThrow(
                        () -> new NotNowException("MLflow has not been read whole lately; the status page says why"));
    }

    /**
     * What only the exporter saw of runs; from any thread. Waits for the refresh that runs now, a while.
     *
     * @throws NotNowException if there is nothing to be told, or the refresh takes too long
     */
    public ObservedRuns observedRuns() throws NotNowException {
        return visitors.ask(this::observedNow, PATIENCE);
    }

    /** For the thread that refreshes. */
    ObservedRuns observedNow() throws NotNowException {
        return ObservedRuns.of(wholeSince(clock.instant()), ObservedRun.all(catalog.runs()));
    }

    /** What scrapes read now. */
    public Exposition exposition() {
        return exposition;
    }

    /** What people read now. */
    public ExporterStatus status() {
        return status;
    }

    /**
     * Serves what the checkpoint says was served, if there is one, marked with its age, unless it is older than {@code
     * max_staleness}. Takes little time, so that listeners can open soon; {@link #restore} does the rest.
     */
    public void serveLast() {
        checkpoint.flatMap(c -> c.readServed(store.renderer())).ifPresent(served -> {
            exposition = served.exposition();
            status = next(status.server(), Optional.empty(), Optional.of(served.snapshot()));
            LOG.info(
                    "Serving the snapshot of {} until MLflow has been read again",
                    served.snapshot().readAt());
        });
    }

    /** Goes on from the checkpoint, if there is one. Before the first refresh. */
    public void restore() {
        Optional<Checkpointing.Saved> found = checkpoint.flatMap(Checkpointing::read);
        if (found.isEmpty()) {
            // What was served of it cannot be gone on from.
            exposition = Exposition.EMPTY;
            status = next(status.server(), Optional.empty());
        }
        found.ifPresent(saved -> {
            try {
                restore(saved);
            } catch (RuntimeException e) {
                LOG.debug("internal error", e);
                checkpoint.get().unusable("internal error, please report it: " + e);
                startAnew();
            }
            status = next(status.server(), status.lastRefresh());
        });
    }

    private void restore(Checkpointing.Saved saved) {
        Instant now = clock.instant();
        SavedSnapshot kept = saved.kept();
        catalog = saved.catalog();
        engines.restore(saved.engines());
        lastWorkspaces = kept.workspaces();
        source.assume(kept.capabilities());
        // Of a snapshot from the future nobody knows how old it is.
        kept.trackingReadAt().filter(at -> !at.isAfter(now)).ifPresent(at -> {
            keepTracking(kept.workspaces(), kept.leftOut(), at);
            tracking.restored(at);
        });
        kept.registryReadAt().filter(at -> registryWanted && !at.isAfter(now)).ifPresent(at -> {
            keepRegistry(kept.workspaces(), kept.registryLeftOut(), at);
            registry.restored(at);
        });
        keepKpis(now);
        boolean workspacesOn = kept.server().map(ServerInfo::workspaces).orElse(false);
        store.render(catalog, workspacesOn, now).ifPresent(restored -> exposition = restored);
        status = next(kept.server(), Optional.empty());
        LOG.info(
                "Going on from checkpoint {}: {} runs in {} experiments, {} models",
                checkpoint.orElseThrow().status().file(),
                catalog.runs().size(),
                catalog.experiments().size(),
                catalog.models().size());
    }

    private void startAnew() {
        catalog = new Catalog();
        engines.restore(new Engines.Saved());
        store.forget();
        objects.forget();
        lastRegistry = Instant.MIN;
        exposition = Exposition.EMPTY;
    }

    private List<String> readRuns(List<String> workspaces) throws MlflowException {
        try {
            return synchronizer.tracking(workspaces, catalog, this::progress);
        } catch (MlflowException e) {
            if (e.kind() != MlflowException.Kind.OTHER_DATABASE) {
                throw e;
            }
            LOG.warn(
                    "{}: all that was known is dropped and read anew, and counters begin again; was the database"
                            + " replaced, or does the address lead to different servers?",
                    e.getMessage());
            live.otherDatabase();
            checkpoint.ifPresent(c -> c.foreign(String.valueOf(e.getMessage())));
            startAnew();
            return synchronizer.tracking(workspaces, catalog, this::progress);
        }
    }

    private SavedSnapshot kept(Optional<ServerInfo> server) {
        return new SavedSnapshot(
                server,
                lastWorkspaces,
                store.trackingReadAt(),
                store.registryReadAt(),
                store.trackingLeftOut(),
                store.registryLeftOut(),
                source.capabilities());
    }

    /** What a restart is to serve at first; empty where nothing was read yet. */
    private Optional<Section> served(Exposition current) {
        return store.snapshot(tracking, registry, clock.instant())
                .map(snapshot -> out -> new ServedSnapshot(current, snapshot).write(out, store.renderer()::write));
    }

    /** One refresh. Failures are told and counted, not thrown; only a stop is neither. */
    public Outcome refresh() {
        Instant started = clock.instant();
        source.deadline(config.refresh().timeout());
        Reading reading = new Reading(status.server());
        boolean trackingRead = read(tracking, () -> readTracking(reading, started));
        boolean registryRead = false;
        if (Thread.currentThread().isInterrupted()) {
            return Outcome.FAILED;
        }
        // A registry of its own may answer where the tracking server does not; the same server is not asked again.
        boolean separate = config.mlflow().registryUri().isPresent();
        if (reading.workspaces.isEmpty() && separate) {
            reading.workspaces = lastWorkspaces;
        }
        if (!registryWanted) {
            registryRead = trackingRead;
        } else if (!registryIsDue(started)) {
            registryRead = trackingRead && registry.state().problem().isEmpty();
        } else if (reading.workspaces.isEmpty()) {
            registry.notTried(clock.instant(), "not tried, as the tracking server did not answer");
        } else {
            read(others, () -> objects.read(reading.workspaces, catalog, started));
            registryRead = read(registry, () -> readRegistry(reading.workspaces, started));
            lastRegistry = registryRead ? started : Instant.MIN;
        }
        if (Thread.currentThread().isInterrupted()) {
            return Outcome.FAILED;
        }
        if (trackingRead || registryRead) {
            read(achievement, () -> keepKpis(started));
        }
        boolean workspacesOn = reading.server.map(ServerInfo::workspaces).orElse(false);
        AtomicReference<Exposition> fresh = new AtomicReference<>();
        boolean rendered = read(
                publishing,
                () -> store.render(catalog, workspacesOn, clock.instant()).ifPresent(fresh::set));
        Exposition toBeServed = Objects.requireNonNullElse(fresh.get(), exposition);
        // Before anything is published: what was once said must survive, whenever the process is killed. Also where
        // runs
        // were read in part: moves of aliases are known to nobody else.
        if (trackingRead || registryRead) {
            checkpoint.ifPresent(c -> c.changed(catalog, engines, kept(reading.server), served(toBeServed)));
        }
        exposition = toBeServed;
        Outcome outcome = !rendered || !(trackingRead || registryRead)
                ? Outcome.FAILED
                : trackingRead && registryRead ? Outcome.COMPLETE : Outcome.PARTIAL;
        Duration took = Duration.between(started, clock.instant());
        live.ended(outcome, trackingRead, Math.max(0, took.toMillis()) / 1000.0);
        status = next(reading.server, Optional.of(new LastRefresh(started, took, outcome)));
        tell(outcome);
        return outcome;
    }

    /** Whether it is time to read models; a refresh that is a little early counts as on time. */
    private boolean registryIsDue(Instant now) {
        Optional<Duration> interval = config.refresh().registryInterval();
        if (interval.isEmpty() || lastRegistry.equals(Instant.MIN) || now.isBefore(lastRegistry)) {
            return true;
        }
        Duration early = config.refresh().interval().dividedBy(2);
        return Duration.between(lastRegistry, now).plus(early).compareTo(interval.get()) > 0;
    }

    /** What one refresh learns on its way. */
    private static final class Reading {
        private Optional<ServerInfo> server;
        private List<String> workspaces = List.of();

        Reading(Optional<ServerInfo> serverBefore) {
            server = serverBefore;
        }
    }

    private interface Step {
        void run() throws MlflowException;
    }

    /** Runs a part of the refresh; a mistake of ours in one must not end the others, nor all later refreshes. */
    private boolean read(PartHealth part, Step step) {
        try {
            step.run();
            part.succeeded(clock.instant());
            return true;
        } catch (MlflowException e) {
            if (e.kind() != MlflowException.Kind.INTERRUPTED) {
                part.failed(clock.instant(), e.fault(), String.valueOf(e.getMessage()));
            }
        } catch (RuntimeException e) {
            String fault = "internal error, please report it: " + e.getClass().getSimpleName();
            String message = String.valueOf(e.getMessage()).replaceAll("\\p{Cntrl}", " ");
            String cut = message.substring(0, Math.min(message.length(), LONGEST_MESSAGE));
            part.failed(clock.instant(), fault, fault + " (" + cut + ")");
            LOG.debug("internal error", e);
        }
        return false;
    }

    private void readTracking(Reading reading, Instant started) throws MlflowException {
        reading.server = Optional.of(source.server());
        reading.workspaces = source.workspaces();
        lastWorkspaces = reading.workspaces;
        whole = false;
        List<String> incomplete;
        try {
            incomplete = readRuns(reading.workspaces);
        } catch (MlflowException e) {
            boolean listed = status.progress().experimentsTotal() > 0;
            if (!listed && (e.kind() == Kind.UNREACHABLE || e.kind() == Kind.UNAVAILABLE)) {
                // It is down, and need not be asked for models.
                reading.workspaces = List.of();
            }
            throw e;
        }
        tellOfResync();
        if (engines.needs().systemMetrics()) {
            read(systemUse, () -> histories.read(catalog));
        }
        keepTracking(without(reading.workspaces, catalog.closedWorkspaces()), incomplete, started);
        whole = true;
    }

    private void tellOfResync() {
        Optional<MlflowException> failure = catalog.resyncFailure();
        if (failure.isPresent()) {
            live.resyncFailed();
            resync.failed(
                    clock.instant(),
                    failure.get().fault(),
                    String.valueOf(failure.get().getMessage()));
        } else if (catalog.resyncTried()) {
            resync.succeeded(clock.instant());
        }
    }

    private void keepTracking(List<String> workspaces, List<String> incomplete, Instant readAt) {
        Pipeline.Tracking computed = pipeline.tracking(catalog, workspaces, readAt.toEpochMilli());
        computed.costs().newlyIdle().forEach(line -> LOG.warn("Cost book: {}", line));
        store.tracking(computed, catalog, incomplete, readAt);
    }

    /** After both halves: whether the model in use reaches its targets is told by runs and by aliases. */
    private void keepKpis(Instant now) {
        if (store.trackingEverRead()) {
            store.kpis(pipeline.kpis(catalog, now.toEpochMilli()));
        }
    }

    private void readRegistry(List<String> workspaces, Instant started) throws MlflowException {
        Map<String, String> leftOut = synchronizer.registry(workspaces, catalog);
        List<String> incomplete = new ArrayList<>(leftOut.values());
        incomplete.addAll(catalog.registryLeftOut());
        incomplete.addAll(catalog.registryTooLarge());
        keepRegistry(without(workspaces, leftOut.keySet()), incomplete, started);
    }

    /** Of what is not read no number is told, not even 0. */
    private static List<String> without(List<String> workspaces, Set<String> leftOut) {
        return workspaces.stream()
                .filter(workspace -> !leftOut.contains(workspace))
                .toList();
    }

    private void keepRegistry(List<String> workspaces, List<String> incomplete, Instant readAt) {
        Pipeline.Registry computed =
                pipeline.registry(catalog, workspaces, readAt.toEpochMilli()).with(objects.families());
        store.registry(computed, catalog, incomplete, readAt);
    }

    /** What is said of refreshes that went well. */
    private void tell(Outcome outcome) {
        List<String> leftOut = store.leftOut();
        if (!leftOut.equals(toldLeftOut)) {
            toldLeftOut = leftOut;
            if (leftOut.isEmpty()) {
                LOG.info("The snapshot is complete again");
            } else {
                LOG.warn("The snapshot is not complete: {} (repeats are suppressed)", String.join("; ", leftOut));
            }
        }
        List<String> suspicions = store.suspicions();
        suspicions.stream()
                .filter(line -> !toldSuspicions.contains(line))
                .forEach(line -> LOG.warn("{} (repeats are suppressed)", line));
        if (suspicions.isEmpty() && !toldSuspicions.isEmpty()) {
            LOG.info("MLflow shows the exporter as much as before again");
        }
        toldSuspicions = suspicions;
        List<String> notices = status.notices();
        List<String> told = new ArrayList<>(toldNotices);
        notices.stream().filter(line -> !toldNotices.contains(line)).forEach(line -> {
            LOG.info("{} (repeats are suppressed)", line);
            told.add(line);
        });
        toldNotices = told;
        if (outcome == Outcome.COMPLETE) {
            toldNotices.stream()
                    .filter(line -> !notices.contains(line))
                    .forEach(line -> LOG.info("No longer so: {}", line));
            toldNotices = notices;
        }
        if (!toldFirst && outcome == Outcome.COMPLETE) {
            toldFirst = true;
            status.snapshot()
                    .ifPresent(s -> LOG.info(
                            "First read complete: {} experiments, {} runs, {} models, {} versions",
                            s.experiments(),
                            s.runs(),
                            s.models(),
                            s.versions()));
        }
    }

    private ExporterStatus next(Optional<ServerInfo> server, Optional<LastRefresh> last) {
        return next(server, last, store.snapshot(tracking, registry, clock.instant()));
    }

    private ExporterStatus next(
            Optional<ServerInfo> server, Optional<LastRefresh> last, Optional<ExporterStatus.Snapshot> snapshot) {
        List<FamilySeries> series = exposition.series().stream()
                .map(family -> new FamilySeries(family.family(), family.series(), family.dropped()))
                .toList();
        return new ExporterStatus(
                status.version(),
                status.revision(),
                status.startedAt(),
                server,
                tracking.state(),
                registry.state(),
                Progress.IDLE,
                last,
                snapshot,
                store.anomalies(),
                store.anomalyExamples(),
                series,
                store.costs(),
                store.moves(),
                store.kpis(),
                checkpoint.map(Checkpointing::status),
                notices());
    }

    private List<String> notices() {
        List<String> notices = new ArrayList<>();
        if (!registryWanted) {
            notices.add("Registered models are not read, as read.registry is off.");
        }
        notices.addAll(source.capabilities().limits());
        return notices;
    }

    private void progress(String step, int done, int total, long runs) {
        live.progress(done, total, runs);
        ExporterStatus s = status;
        status = new ExporterStatus(
                s.version(),
                s.revision(),
                s.startedAt(),
                s.server(),
                s.tracking(),
                s.registry(),
                new Progress(step, done, total, runs),
                s.lastRefresh(),
                s.snapshot(),
                s.anomalies(),
                s.anomalyExamples(),
                s.series(),
                s.costs(),
                s.moves(),
                s.kpis(),
                s.checkpoint(),
                s.notices());
        Instant now = clock.instant();
        if (store.trackingEverRead()) {
            return;
        }
        if (total > 0 && !lastProgressLine.plus(BETWEEN_PROGRESS_LINES).isAfter(now)) {
            lastProgressLine = now;
            LOG.info("First read: {}, {} of {} experiments, {} runs so far", step, done, total, runs);
        } else if (lastProgressLine.equals(Instant.MIN)) {
            // Before anything is known, and once: a server that fails is not begun with anew each time in the log.
            lastProgressLine = now;
            LOG.info("First read: {}", step);
        }
    }

    /**
     * Refreshes at every interval until the thread is interrupted. A refresh that takes longer than the interval is
     * followed by the next at once.
     */
    public void run() {
        while (!Thread.currentThread().isInterrupted()) {
            Instant started = clock.instant();
            refresh();
            Duration interval = config.refresh().interval();
            Duration rest = interval.minus(Duration.between(started, clock.instant()));
            try {
                // A clock set back meanwhile must not make a long pause of the difference.
                visitors.receive(
                        Duration.ofMillis(Math.max(0, Math.min(rest.toMillis(), interval.toMillis()))),
                        interval.dividedBy(PART_FOR_VISITORS));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        stopped();
    }

    /** Keeps what is not yet in the checkpoint. */
    void stopped() {
        checkpoint.ifPresent(c -> c.stop(catalog, engines, kept(status.server()), served(exposition)));
    }
}
