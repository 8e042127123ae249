package io.mlflowexporter.refresh;

import io.mlflowexporter.catalog.sync.Synchronizer;
import io.mlflowexporter.checkpoint.CheckpointFile;
import io.mlflowexporter.checkpoint.fields.Section;
import io.mlflowexporter.config.Config;
import io.mlflowexporter.estimate.NotNowException;
import io.mlflowexporter.exposition.Exposition;
import io.mlflowexporter.metric.FamilyDeclaration;
import io.mlflowexporter.mlflow.MlflowSource;
import io.mlflowexporter.pipeline.Engines;
import io.mlflowexporter.refresh.ExporterStatus.LastRefresh;
import io.mlflowexporter.refresh.ExporterStatus.Outcome;
import io.mlflowexporter.refresh.ExporterStatus.Progress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The loop: reads MLflow, computes, writes the checkpoint and publishes. {@link #refresh} is for one thread; what was
 * published may be read by any.
 */
public final class Refresher {
    private static final Logger LOG = LoggerFactory.getLogger(Refresher.class);
    /** How long a query waits for the refresh that runs now. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    /** Of the interval, for queries where refreshes take all of it. */
    private static final int PART_FOR_QUERIES = 10;

    private final Config config;
    private final MlflowSource source;
    private final Engines engines;
    private final InstantSource clock;
    private final SnapshotStore store;
    private final LiveMetrics live;
    private final Optional<Checkpointing> checkpoint;
    private final MlflowReader reader;
    private final StatusBoard board;
    private final PartHealth publishing;
    private final CatalogQueries queries = new CatalogQueries();

    private volatile Exposition exposition = Exposition.EMPTY;

    /**
     * Refreshes nothing yet.
     *
     * @param checkpointFile what a restart goes on from, see {@link #restore}; empty: nothing
     */
    public Refresher(
            ExporterContext context,
            MlflowSource source,
            Synchronizer synchronizer,
            Engines engines,
            Optional<CheckpointFile> checkpointFile) {
        this.config = context.config();
        this.clock = context.clock();
        this.source = source;
        this.engines = engines;
        this.store = new SnapshotStore(config);
        this.live = new LiveMetrics(context);
        this.checkpoint = checkpointFile.map(file -> new Checkpointing(file, context));
        this.reader = new MlflowReader(context, source, synchronizer, engines, store);
        this.board = new StatusBoard(context, reader, store, checkpoint);
        this.publishing = new PartHealth("publishing", LOG, clock);
    }

    /** The live families of this package. */
    public static List<FamilyDeclaration> declarations() {
        return Stream.of(LiveMetrics.declarations(), CheckpointMetrics.declarations())
                .flatMap(List::stream)
                .toList();
    }

    /**
     * Asks the catalog, from any thread. Waits for the refresh that runs now, a while.
     *
     * @throws NotNowException if the query cannot be answered now, or the refresh takes too long
     */
    public <T> T ask(CatalogView.Query<T> query) throws NotNowException {
        return queries.ask(() -> answer(query), PATIENCE);
    }

    /** For the thread that refreshes. */
    <T> T answer(CatalogView.Query<T> query) throws NotNowException {
        return query.answer(reader.view()
                .orElseThrow(
                        () -> new NotNowException("MLflow has not been read whole lately; the status page says why")));
    }

    /** What scrapes read now. */
    public Exposition exposition() {
        return exposition;
    }

    /** What people read now. */
    public ExporterStatus status() {
        return board.status();
    }

    /**
     * Serves what the checkpoint says was served, if there is one, marked with its age, unless it is older than {@code
     * max_staleness}. Takes little time, so that listeners can open soon; {@link #restore} does the rest.
     */
    public void serveLast() {
        checkpoint.flatMap(c -> c.readServed(store.renderer())).ifPresent(served -> {
            exposition = served.exposition();
            board.publishServed(served);
            LOG.info(
                    "Serving the snapshot of {} until MLflow has been read again",
                    served.snapshot().readAt());
        });
    }

    /** Goes on from the checkpoint, if there is one. Before the first refresh. */
    public void restore() {
        // Without one, what was served of it cannot be gone on from.
        checkpoint.flatMap(Checkpointing::read).ifPresentOrElse(this::restore, () -> exposition = Exposition.EMPTY);
        board.publish(exposition, Optional.empty());
    }

    private void restore(Checkpointing.Saved saved) {
        Checkpointing from = checkpoint.orElseThrow();
        try {
            Instant now = clock.instant();
            reader.restore(saved, now);
            store.render(reader.catalog(), reader.workspacesOn(), now).ifPresent(restored -> exposition = restored);
            LOG.info(
                    "Going on from checkpoint {}: {} runs in {} experiments, {} models",
                    from.status().file(),
                    reader.catalog().runs().size(),
                    reader.catalog().experiments().size(),
                    reader.catalog().models().size());
        } catch (RuntimeException e) {
            LOG.debug("internal error", e);
            from.unusable("internal error, please report it: " + e);
            reader.forget();
            exposition = Exposition.EMPTY;
        }
    }

    /** Keeps the status and the live metrics up to date while MLflow is read. */
    private final class ReadingListener implements MlflowReader.Listener {
        @Override
        public void progress(String step, int done, int total, long runs) {
            live.progress(done, total, runs);
            board.progress(new Progress(step, done, total, runs));
        }

        @Override
        public void otherDatabase(String why) {
            LOG.warn(
                    "{}: all that was known is dropped and read anew, and counters begin again; was the database"
                            + " replaced, or does the address lead to different servers?",
                    why);
            live.otherDatabase();
            checkpoint.ifPresent(c -> c.foreign(why));
            exposition = Exposition.EMPTY;
        }

        @Override
        public void resyncFailed() {
            live.resyncFailed();
        }
    }

    /** One refresh. Failures are told and counted, not thrown; only a stop is neither. */
    public Outcome refresh() {
        Instant started = clock.instant();
        source.deadline(config.refresh().timeout());
        boolean trackingRead = reader.readTracking(started, new ReadingListener());
        if (Thread.currentThread().isInterrupted()) {
            return Outcome.FAILED;
        }
        boolean registryRead = reader.readRegistry(started, trackingRead);
        if (Thread.currentThread().isInterrupted()) {
            return Outcome.FAILED;
        }
        boolean anyRead = trackingRead || registryRead;
        if (anyRead) {
            reader.computeKpis(started);
        }
        AtomicReference<Exposition> fresh = new AtomicReference<>();
        boolean rendered = publishing.run(() -> store.render(reader.catalog(), reader.workspacesOn(), clock.instant())
                .ifPresent(fresh::set));
        Exposition toBeServed = Objects.requireNonNullElse(fresh.get(), exposition);
        // Before anything is published: what was once said must survive, whenever the process is killed. Also where
        // runs
        // were read in part: moves of aliases are known to nobody else.
        if (anyRead) {
            checkpoint.ifPresent(c -> c.changed(reader.catalog(), engines, reader.saved(), served(toBeServed)));
        }
        exposition = toBeServed;
        Outcome outcome = !rendered || !anyRead
                ? Outcome.FAILED
                : trackingRead && registryRead ? Outcome.COMPLETE : Outcome.PARTIAL;
        Duration took = Duration.between(started, clock.instant());
        live.ended(outcome, trackingRead, Math.max(0, took.toMillis()) / 1000.0);
        board.publish(exposition, Optional.of(new LastRefresh(started, took, outcome)));
        board.log(outcome);
        return outcome;
    }

    /** What a restart is to serve at first; empty where nothing was read yet. */
    private Optional<Section> served(Exposition current) {
        return board.snapshot()
                .map(snapshot -> out -> new ServedSnapshot(current, snapshot).write(out, store.renderer()::write));
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
                queries.answer(
                        Duration.ofMillis(Math.max(0, Math.min(rest.toMillis(), interval.toMillis()))),
                        interval.dividedBy(PART_FOR_QUERIES));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        stopped();
    }

    /** Keeps what is not yet in the checkpoint. */
    void stopped() {
        checkpoint.ifPresent(c -> c.stop(reader.catalog(), engines, reader.saved(), served(exposition)));
    }
}
