package io.mlflowexporter.refresh;

import io.mlflowexporter.catalog.Catalog;
import io.mlflowexporter.catalog.sync.ReadConfig;
import io.mlflowexporter.catalog.sync.Synchronizer;
import io.mlflowexporter.catalog.sync.SystemUseHistories;
import io.mlflowexporter.config.Config;
import io.mlflowexporter.llm.LlmOverview;
import io.mlflowexporter.llm.objects.OtherObjects;
import io.mlflowexporter.mlflow.MlflowException;
import io.mlflowexporter.mlflow.MlflowException.Kind;
import io.mlflowexporter.mlflow.MlflowSource;
import io.mlflowexporter.mlflow.ServerInfo;
import io.mlflowexporter.pipeline.Engines;
import io.mlflowexporter.pipeline.Pipeline;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads MLflow into the catalog, has it computed and puts the result into the store. Experiments and runs are one half,
 * models and versions the other; each fails by itself. Belongs to the refresh thread.
 */
final class MlflowReader {
    private static final Logger LOG = LoggerFactory.getLogger(Refresher.class);

    private final Config config;
    private final InstantSource clock;
    private final MlflowSource source;
    private final Synchronizer synchronizer;
    private final SystemUseHistories histories;
    private final OtherObjects objects;
    private final Engines engines;
    private final Pipeline pipeline;
    private final SnapshotStore store;
    private final boolean registryWanted;

    private final PartHealth tracking;
    private final PartHealth registry;
    private final PartHealth resync;
    private final PartHealth systemUse;
    private final PartHealth others;
    private final PartHealth traces;
    private final PartHealth achievement;

    private Catalog catalog = new Catalog();
    /** Whether the catalog holds one reading and not a mixture of two. */
    private boolean whole;

    private Optional<ServerInfo> server = Optional.empty();
    /** Those that the refresh under way asks for models; empty where the server need not be asked. */
    private List<String> workspaces = List.of();

    private List<String> lastWorkspaces = List.of();
    /** Whether the refresh under way knows which experiments there are. */
    private boolean listed;
    /** When the registry was last read, if it was at the last try. */
    private Instant lastRegistry = Instant.MIN;

    /** Hears of a reading, on the refresh thread. */
    interface Listener extends Synchronizer.Listener {
        /** The server holds another database than before: all that was known is dropped. */
        void otherDatabase(String why);

        /** Known runs could not be reread, though all else was read. */
        void resyncFailed();
    }

    MlflowReader(
            ExporterContext context,
            MlflowSource source,
            Synchronizer synchronizer,
            Engines engines,
            SnapshotStore store) {
        this.config = context.config();
        this.clock = context.clock();
        this.source = source;
        this.synchronizer = synchronizer;
        this.histories = new SystemUseHistories(source, config.cost().histories());
        this.objects = new OtherObjects(source, config.shard().publishesShared());
        this.engines = engines;
        this.pipeline = new Pipeline(config, engines);
        this.store = store;
        this.registryWanted = config.read().registry() != ReadConfig.Registry.OFF;
        this.tracking = new PartHealth("experiments and runs", LOG, clock);
        this.registry = new PartHealth("registered models", LOG, clock);
        this.resync = new PartHealth("rereading of known runs", LOG, clock);
        this.systemUse = new PartHealth("histories of system metrics", LOG, clock);
        this.others = new PartHealth("prompts and other objects", LOG, clock);
        this.traces = new PartHealth("LLM traces", LOG, clock);
        this.achievement = new PartHealth("KPIs", LOG, clock);
    }

    Catalog catalog() {
        return catalog;
    }

    /** Who answered last on the tracking side. */
    Optional<ServerInfo> server() {
        return server;
    }

    boolean workspacesOn() {
        return server.map(ServerInfo::workspaces).orElse(false);
    }

    PartHealth trackingHealth() {
        return tracking;
    }

    PartHealth registryHealth() {
        return registry;
    }

    /** What people are shown of LLM traces; empty where none were read. */
    Optional<LlmOverview> llm() {
        return engines.traces().overview();
    }

    /** What users should know of what is read though nothing failed, one line each. */
    List<String> notices() {
        List<String> notices = new ArrayList<>();
        if (!registryWanted) {
            notices.add("Registered models are not read, as read.registry is off.");
        }
        notices.addAll(source.capabilities().limits());
        traces.state().problem().ifPresent(problem -> notices.add("LLM traces are not read: " + problem.message()));
        notices.addAll(engines.traces().notices());
        return notices;
    }

    /** The catalog for queries; empty where it is a mixture of two readings, or too old. */
    Optional<CatalogView> view() {
        Instant now = clock.instant();
        return store.trackingReadAt()
                .filter(at -> whole && !now.isAfter(at.plus(config.refresh().maxStaleness())))
                .map(at -> new CatalogView(
                        catalog, pipeline, at, store.registryReadAt().isPresent(), now));
    }

    /** What a checkpoint says of the snapshot beside the catalog. */
    SavedSnapshot saved() {
        return new SavedSnapshot(
                server,
                lastWorkspaces,
                store.trackingReadAt(),
                store.registryReadAt(),
                store.trackingLeftOut(),
                store.registryLeftOut(),
                source.capabilities());
    }

    /** Goes on from a checkpoint. */
    void restore(Checkpointing.Saved saved, Instant now) {
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
        server = kept.server();
    }

    /** Begins with nothing known. */
    void forget() {
        catalog = new Catalog();
        engines.restore(new Engines.Saved());
        store.forget();
        objects.forget();
        lastRegistry = Instant.MIN;
    }

    /**
     * Reads experiments and runs.
     *
     * @return whether they were read to the end
     */
    boolean readTracking(Instant started, Listener listener) {
        workspaces = List.of();
        return tracking.run(() -> tracking(started, listener));
    }

    private void tracking(Instant started, Listener listener) throws MlflowException {
        server = Optional.of(source.server());
        workspaces = source.workspaces();
        lastWorkspaces = workspaces;
        whole = false;
        listed = false;
        List<String> incomplete;
        try {
            incomplete = readRuns(listener);
        } catch (MlflowException e) {
            if (!listed && (e.kind() == Kind.UNREACHABLE || e.kind() == Kind.UNAVAILABLE)) {
                // It is down, and need not be asked for models.
                workspaces = List.of();
            }
            throw e;
        }
        reportResync(listener);
        if (engines.needs().systemMetrics()) {
            systemUse.run(() -> histories.read(catalog));
        }
        traces.run(() -> engines.traces().read(source, catalog.experiments(), started.toEpochMilli()));
        keepTracking(without(workspaces, catalog.closedWorkspaces()), incomplete, started);
        whole = true;
    }

    private List<String> readRuns(Listener listener) throws MlflowException {
        Synchronizer.Listener progress = (step, done, total, runs) -> {
            listed = total > 0;
            listener.progress(step, done, total, runs);
        };
        try {
            return synchronizer.tracking(workspaces, catalog, progress);
        } catch (MlflowException e) {
            if (e.kind() != Kind.OTHER_DATABASE) {
                throw e;
            }
            listener.otherDatabase(String.valueOf(e.getMessage()));
            forget();
            return synchronizer.tracking(workspaces, catalog, progress);
        }
    }

    private void reportResync(Listener listener) {
        Optional<MlflowException> failure = catalog.resyncFailure();
        if (failure.isPresent()) {
            listener.resyncFailed();
            resync.failed(failure.get());
        } else if (catalog.resyncTried()) {
            resync.succeeded();
        }
    }

    /**
     * Reads models and versions where it is time to. A registry of its own may answer where the tracking server does not;
     * the same server is not asked again.
     *
     * @param trackingRead whether experiments and runs were read this time
     * @return whether what is known of the registry is as new as it is to be
     */
    boolean readRegistry(Instant started, boolean trackingRead) {
        if (!registryWanted) {
            return trackingRead;
        }
        if (!registryIsDue(started)) {
            return trackingRead && registry.state().problem().isEmpty();
        }
        if (workspaces.isEmpty() && config.mlflow().registryUri().isPresent()) {
            workspaces = lastWorkspaces;
        }
        if (workspaces.isEmpty()) {
            registry.notTried("not tried, as the tracking server did not answer");
            return false;
        }
        others.run(() -> objects.read(workspaces, catalog, started));
        boolean read = registry.run(() -> registry(started));
        lastRegistry = read ? started : Instant.MIN;
        return read;
    }

    private void registry(Instant started) throws MlflowException {
        Map<String, String> leftOut = synchronizer.registry(workspaces, catalog);
        List<String> incomplete = new ArrayList<>(leftOut.values());
        incomplete.addAll(catalog.registryLeftOut());
        incomplete.addAll(catalog.registryTooLarge());
        keepRegistry(without(workspaces, leftOut.keySet()), incomplete, started);
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

    /** Of what is not read no number is published, not even 0. */
    private static List<String> without(List<String> workspaces, Set<String> leftOut) {
        return workspaces.stream()
                .filter(workspace -> !leftOut.contains(workspace))
                .toList();
    }

    /** Computes the KPIs, after both halves: runs and aliases decide whether the model in use reaches its targets. */
    void computeKpis(Instant now) {
        achievement.run(() -> keepKpis(now));
    }

    private void keepTracking(List<String> of, List<String> incomplete, Instant readAt) {
        Pipeline.Tracking computed = pipeline.tracking(catalog, of, readAt.toEpochMilli());
        computed.costs().newlyIdle().forEach(line -> LOG.warn("Cost book: {}", line));
        store.tracking(computed, catalog, incomplete, readAt);
    }

    private void keepRegistry(List<String> of, List<String> incomplete, Instant readAt) {
        Pipeline.Registry computed =
                pipeline.registry(catalog, of, readAt.toEpochMilli()).with(objects.families());
        store.registry(computed, catalog, incomplete, readAt);
    }

    private void keepKpis(Instant now) {
        if (store.trackingEverRead()) {
            store.kpis(pipeline.kpis(catalog, now.toEpochMilli()));
        }
    }
}
