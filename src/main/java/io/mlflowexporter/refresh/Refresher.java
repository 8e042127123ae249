package io.mlflowexporter.refresh;

import io.mlflowexporter.catalog.Catalog;
import io.mlflowexporter.catalog.Synchronizer;
import io.mlflowexporter.config.Config;
import io.mlflowexporter.exposition.Exposition;
import io.mlflowexporter.exposition.ExpositionRenderer;
import io.mlflowexporter.exposition.SectionInput;
import io.mlflowexporter.indicators.Anomalies;
import io.mlflowexporter.indicators.FamilyDeclaration;
import io.mlflowexporter.indicators.RegistryFamilies;
import io.mlflowexporter.indicators.SnapshotFamilies;
import io.mlflowexporter.indicators.TrackingFamilies;
import io.mlflowexporter.mlflow.MlflowException;
import io.mlflowexporter.mlflow.MlflowSource;
import io.mlflowexporter.mlflow.ServerInfo;
import io.mlflowexporter.refresh.ExporterStatus.ExperimentRow;
import io.mlflowexporter.refresh.ExporterStatus.FamilySeries;
import io.mlflowexporter.refresh.ExporterStatus.LastRefresh;
import io.mlflowexporter.refresh.ExporterStatus.Outcome;
import io.mlflowexporter.refresh.ExporterStatus.Progress;
import io.mlflowexporter.refresh.ExporterStatus.Snapshot;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads MLflow, computes, and publishes. {@link #refresh} is for one thread; what was published may be read by any.
 */
public final class Refresher {
    private static final Logger LOG = LoggerFactory.getLogger(Refresher.class);
    private static final Duration BETWEEN_PROGRESS_LINES = Duration.ofSeconds(5);

    private final Config config;
    private final MlflowSource source;
    private final Synchronizer synchronizer;
    private final InstantSource clock;
    private final ExpositionRenderer renderer;
    private final LiveMetrics live;
    private final Catalog catalog = new Catalog();
    private final PartHealth tracking = new PartHealth("experiments and runs", LOG);
    private final PartHealth registry = new PartHealth("registered models", LOG);

    private List<String> incomplete = List.of();
    private @Nullable SectionInput trackingSection;
    private @Nullable SectionInput registrySection;
    private volatile Exposition exposition = Exposition.EMPTY;
    private volatile ExporterStatus status;
    private Instant lastProgressLine = Instant.MIN;
    private boolean toldIncomplete;

    public Refresher(
            Config config,
            MlflowSource source,
            Synchronizer synchronizer,
            PrometheusRegistry liveRegistry,
            InstantSource clock,
            String version,
            String revision) {
        this.config = config;
        this.source = source;
        this.synchronizer = synchronizer;
        this.clock = clock;
        this.renderer = new ExpositionRenderer(config.exposition());
        this.live = new LiveMetrics(liveRegistry, version, revision);
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
                List.of());
    }

    /** The live families of this package. */
    public static List<FamilyDeclaration> declarations() {
        return LiveMetrics.declarations();
    }

    /** What scrapes read now. */
    public Exposition exposition() {
        return exposition;
    }

    /** What people read now. */
    public ExporterStatus status() {
        return status;
    }

    /** One refresh. Failures are told and counted, not thrown. */
    public Outcome refresh() {
        Instant started = clock.instant();
        source.deadline(config.refresh().timeout());
        Optional<ServerInfo> server = Optional.empty();
        boolean trackingRead = false;
        boolean registryRead = false;
        List<String> workspaces = List.of();
        try {
            server = Optional.of(source.server());
            workspaces = source.workspaces();
            incomplete = synchronizer.tracking(workspaces, catalog, this::progress);
            trackingRead = true;
            tracking.succeeded(clock.instant());
        } catch (MlflowException e) {
            tracking.failed(clock.instant(), e);
        }
        if (!workspaces.isEmpty()) {
            try {
                synchronizer.registry(workspaces, catalog);
                registryRead = true;
                registry.succeeded(clock.instant());
            } catch (MlflowException e) {
                registry.failed(clock.instant(), e);
            }
        } else if (!Thread.currentThread().isInterrupted()) {
            registry.failed(clock.instant(), "not tried, as the tracking server did not answer");
        }
        boolean workspacesOn =
                server.or(status::server).map(ServerInfo::workspaces).orElse(false);
        Instant expires = started.plus(config.refresh().maxStaleness());
        if (trackingRead) {
            trackingSection =
                    new SectionInput("tracking", TrackingFamilies.of(catalog, config, started.toEpochMilli()), expires);
        }
        if (registryRead) {
            registrySection = new SectionInput(
                    "registry",
                    RegistryFamilies.of(catalog, workspaces, config.exposition().versionsPerModel()),
                    expires);
        }
        Outcome outcome = trackingRead && registryRead
                ? Outcome.COMPLETE
                : trackingRead || registryRead ? Outcome.PARTIAL : Outcome.FAILED;
        if (outcome != Outcome.FAILED) {
            publish(trackingRead, registryRead, workspacesOn);
        }
        Duration took = Duration.between(started, clock.instant());
        live.ended(outcome, trackingRead, took.toMillis() / 1000.0);
        status = next(server.or(status::server), Optional.of(new LastRefresh(started, took, outcome)), started);
        return outcome;
    }

    private void publish(boolean trackingRead, boolean registryRead, boolean workspacesOn) {
        Instant now = clock.instant();
        List<SectionInput> parts = new ArrayList<>();
        for (SectionInput part : new SectionInput[] {trackingSection, registrySection}) {
            if (part != null && !now.isAfter(part.expiresAt())) {
                parts.add(part);
            }
        }
        Instant expires = parts.stream()
                .map(SectionInput::expiresAt)
                .min(Comparator.naturalOrder())
                .orElse(Instant.MIN);
        Instant readAt = expires.minus(config.refresh().maxStaleness());
        boolean complete = trackingRead && registryRead && incomplete.isEmpty();
        Instant lastExpiry = parts.stream()
                .map(SectionInput::expiresAt)
                .max(Comparator.naturalOrder())
                .orElse(Instant.MIN);
        List<SectionInput> sections = new ArrayList<>();
        sections.add(new SectionInput(
                "snapshot", SnapshotFamilies.of(catalog, readAt.toEpochMilli(), complete), lastExpiry));
        sections.addAll(parts);
        exposition = renderer.render(sections, workspacesOn);
    }

    private ExporterStatus next(Optional<ServerInfo> server, Optional<LastRefresh> last, Instant now) {
        Optional<Snapshot> snapshot = status.snapshot();
        Map<String, Long> anomalies = status.anomalies();
        if (last.map(refresh -> refresh.outcome() != Outcome.FAILED).orElse(false)) {
            snapshot = Optional.of(snapshot(now));
            anomalies = Anomalies.of(catalog, now.toEpochMilli());
        }
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
                anomalies,
                series);
    }

    private Snapshot snapshot(Instant now) {
        Instant expires = now.plus(config.refresh().maxStaleness());
        for (SectionInput part : new SectionInput[] {trackingSection, registrySection}) {
            if (part != null && part.expiresAt().isBefore(expires)) {
                expires = part.expiresAt();
            }
        }
        List<String> reasons = new ArrayList<>(incomplete);
        tracking.state().problem().ifPresent(problem -> reasons.add("experiments and runs: " + problem.message()));
        registry.state().problem().ifPresent(problem -> reasons.add("registered models: " + problem.message()));
        List<ExperimentRow> rows = Overview.experiments(
                catalog, now.toEpochMilli(), config.refresh().staleAfter().toMillis());
        return new Snapshot(
                expires.minus(config.refresh().maxStaleness()),
                expires,
                reasons,
                catalog.experiments().size(),
                SnapshotFamilies.activeRuns(catalog),
                catalog.models().size(),
                catalog.versions().size(),
                Overview.biggest(rows, Comparator.comparingLong(ExperimentRow::runs)),
                Overview.biggest(rows, Comparator.comparingDouble(ExperimentRow::hours)));
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
                s.series());
        Instant now = clock.instant();
        boolean first = s.snapshot().isEmpty();
        if (first && !lastProgressLine.plus(BETWEEN_PROGRESS_LINES).isAfter(now)) {
            lastProgressLine = now;
            LOG.info("First read: {}, {} of {} experiments, {} runs so far", step, done, total, runs);
        }
    }

    /**
     * Refreshes at every interval until the thread is interrupted. A refresh that takes longer than the interval is
     * followed by the next at once.
     */
    public void run() {
        boolean told = false;
        while (!Thread.currentThread().isInterrupted()) {
            Instant started = clock.instant();
            Outcome outcome = guarded();
            if (!told && outcome == Outcome.COMPLETE) {
                told = true;
                status.snapshot()
                        .ifPresent(s -> LOG.info(
                                "First read complete: {} experiments, {} runs, {} models, {} versions",
                                s.experiments(),
                                s.runs(),
                                s.models(),
                                s.versions()));
            }
            if (!incomplete.isEmpty() && !toldIncomplete) {
                LOG.warn("The snapshot is not complete: {}", String.join("; ", incomplete));
            }
            toldIncomplete = !incomplete.isEmpty();
            Duration rest = config.refresh().interval().minus(Duration.between(started, clock.instant()));
            try {
                Thread.sleep(Math.max(0, rest.toMillis()));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** A mistake of ours in one refresh must not end all later ones. */
    private Outcome guarded() {
        try {
            return refresh();
        } catch (RuntimeException e) {
            String message =
                    "internal error, please report it: " + e.getClass().getSimpleName() + ": " + e.getMessage();
            tracking.failed(clock.instant(), message.replaceAll("[\\p{Cntrl}]", " "));
            LOG.debug("internal error", e);
            live.ended(Outcome.FAILED, false, 0);
            return Outcome.FAILED;
        }
    }
}
