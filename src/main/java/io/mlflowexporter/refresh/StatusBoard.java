package io.mlflowexporter.refresh;

import io.mlflowexporter.exposition.Exposition;
import io.mlflowexporter.refresh.ExporterStatus.FamilySeries;
import io.mlflowexporter.refresh.ExporterStatus.LastRefresh;
import io.mlflowexporter.refresh.ExporterStatus.Outcome;
import io.mlflowexporter.refresh.ExporterStatus.Progress;
import io.mlflowexporter.refresh.ExporterStatus.Snapshot;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The status that people read, and the lines the log has of it when it changes. Written by the refresh thread; any may
 * read {@link #status}.
 */
final class StatusBoard {
    private static final Logger LOG = LoggerFactory.getLogger(Refresher.class);
    private static final Duration BETWEEN_PROGRESS_LINES = Duration.ofSeconds(5);

    private final ExporterContext context;
    private final Instant startedAt;
    private final MlflowReader reader;
    private final SnapshotStore store;
    private final Optional<Checkpointing> checkpoint;
    private volatile ExporterStatus status;

    private Instant lastProgressLine = Instant.MIN;
    private List<String> loggedLeftOut = List.of();
    private List<String> loggedSuspicions = List.of();
    private List<String> loggedNotices = List.of();
    private boolean loggedFirst;

    StatusBoard(ExporterContext context, MlflowReader reader, SnapshotStore store, Optional<Checkpointing> checkpoint) {
        this.context = context;
        this.startedAt = context.clock().instant();
        this.reader = reader;
        this.store = store;
        this.checkpoint = checkpoint;
        this.status = status(Exposition.EMPTY, Optional.empty(), Optional.empty());
    }

    ExporterStatus status() {
        return status;
    }

    /**
     * Publishes the status between two refreshes.
     *
     * @param served what scrapes read
     * @param last empty until the first refresh ended
     */
    void publish(Exposition served, Optional<LastRefresh> last) {
        status = status(served, last, snapshot());
    }

    /** Publishes that what a restart found is served, before the catalog is there. */
    void publishServed(ServedSnapshot served) {
        status = status(served.exposition(), Optional.empty(), Optional.of(served.snapshot()));
    }

    /** What people are told of the data served; empty before anything was read. */
    Optional<Snapshot> snapshot() {
        return store.snapshot(
                reader.trackingHealth(),
                reader.registryHealth(),
                context.clock().instant());
    }

    private ExporterStatus status(Exposition served, Optional<LastRefresh> last, Optional<Snapshot> snapshot) {
        return new ExporterStatus(
                context.version(),
                context.revision(),
                startedAt,
                reader.server(),
                reader.trackingHealth().state(),
                reader.registryHealth().state(),
                Progress.IDLE,
                last,
                snapshot,
                store.anomalies(),
                store.anomalyExamples(),
                served.series().stream()
                        .map(family -> new FamilySeries(family.family(), family.series(), family.dropped()))
                        .toList(),
                store.costs(),
                store.moves(),
                store.kpis(),
                reader.llm(),
                checkpoint.map(Checkpointing::status),
                reader.notices());
    }

    /** Publishes how far the refresh under way has come. */
    void progress(Progress progress) {
        status = status.withProgress(progress);
        if (store.trackingEverRead()) {
            return;
        }
        Instant now = context.clock().instant();
        if (progress.experimentsTotal() > 0
                && !lastProgressLine.plus(BETWEEN_PROGRESS_LINES).isAfter(now)) {
            lastProgressLine = now;
            LOG.info(
                    "First read: {}, {} of {} experiments, {} runs so far",
                    progress.step(),
                    progress.experimentsDone(),
                    progress.experimentsTotal(),
                    progress.runsRead());
        } else if (lastProgressLine.equals(Instant.MIN)) {
            // Before anything is known, and once: a server that fails is not begun with anew each time in the log.
            lastProgressLine = now;
            LOG.info("First read: {}", progress.step());
        }
    }

    /** Logs what changed with the refresh that was published last. */
    void log(Outcome outcome) {
        logLeftOut();
        logSuspicions();
        logNotices(outcome);
        if (!loggedFirst && outcome == Outcome.COMPLETE) {
            loggedFirst = true;
            status.snapshot()
                    .ifPresent(s -> LOG.info(
                            "First read complete: {} experiments, {} runs, {} models, {} versions",
                            s.experiments(),
                            s.runs(),
                            s.models(),
                            s.versions()));
        }
    }

    private void logLeftOut() {
        List<String> leftOut = store.leftOut();
        if (leftOut.equals(loggedLeftOut)) {
            return;
        }
        loggedLeftOut = leftOut;
        if (leftOut.isEmpty()) {
            LOG.info("The snapshot is complete again");
        } else {
            LOG.warn("The snapshot is not complete: {} (repeats are suppressed)", String.join("; ", leftOut));
        }
    }

    private void logSuspicions() {
        List<String> suspicions = store.suspicions();
        suspicions.stream()
                .filter(line -> !loggedSuspicions.contains(line))
                .forEach(line -> LOG.warn("{} (repeats are suppressed)", line));
        if (suspicions.isEmpty() && !loggedSuspicions.isEmpty()) {
            LOG.info("MLflow shows the exporter as much as before again");
        }
        loggedSuspicions = suspicions;
    }

    private void logNotices(Outcome outcome) {
        List<String> notices = status.notices();
        notices.stream()
                .filter(line -> !loggedNotices.contains(line))
                .forEach(line -> LOG.info("{} (repeats are suppressed)", line));
        if (outcome == Outcome.COMPLETE) {
            loggedNotices.stream()
                    .filter(line -> !notices.contains(line))
                    .forEach(line -> LOG.info("No longer so: {}", line));
            loggedNotices = notices;
        }
    }
}
