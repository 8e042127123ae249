package io.mlflowexporter.refresh;

import io.mlflowexporter.catalog.Catalog;
import io.mlflowexporter.catalog.sync.ReadConfig;
import io.mlflowexporter.config.Config;
import io.mlflowexporter.cost.budget.CostOverview;
import io.mlflowexporter.exposition.Exposition;
import io.mlflowexporter.exposition.ExpositionRenderer;
import io.mlflowexporter.exposition.SectionInput;
import io.mlflowexporter.kpi.KpiOverview;
import io.mlflowexporter.kpi.Kpis;
import io.mlflowexporter.mlflow.connection.ShardConfig;
import io.mlflowexporter.pipeline.AnomalyFamilies;
import io.mlflowexporter.pipeline.Pipeline;
import io.mlflowexporter.pipeline.SnapshotFamilies;
import io.mlflowexporter.refresh.ExporterStatus.ExperimentRow;
import io.mlflowexporter.refresh.ExporterStatus.Problem;
import io.mlflowexporter.refresh.ExporterStatus.Snapshot;
import io.mlflowexporter.registry.AliasMove;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What was last read whole of each half, which is served until it is too old, however the readings after it went.
 * Belongs to the refresh thread.
 */
final class SnapshotStore {
    private static final Kpis.Report NO_KPIS = new Kpis.Report(List.of(), KpiOverview.NOTHING);

    private static final String NO_EXPERIMENT =
            "MLflow shows the exporter no experiment at all, not even Default: its account"
                    + " lacks grants to read, or read.experiments selects none; docs/servers.md says which grants it needs";

    private final ExpositionRenderer renderer;
    private final Duration maxStaleness;
    private final ShardConfig shard;
    private final ReadConfig filters;
    private final Visibility visibleExperiments;
    private final Visibility visibleModels = new Visibility("registered models", Optional.empty());
    private final boolean registryRead;

    private @Nullable SectionInput tracking;
    private @Nullable SectionInput registry;
    private List<String> leftOut = List.of();
    private Optional<String> fewExperiments = Optional.empty();
    private Optional<String> fewModels = Optional.empty();
    private List<String> registryLeftOut = List.of();
    private long experiments;
    private long runs;
    private long models;
    private long versions;
    private List<ExperimentRow> rows = List.of();
    private Map<String, Long> runAnomalies = Map.of();
    private Map<String, List<String>> anomalyExamples = Map.of();
    private Map<String, Long> registryAnomalies = Map.of();
    private Optional<CostOverview> costs = Optional.empty();
    private List<AliasMove> moves = List.of();
    private Kpis.Report kpis = NO_KPIS;
    private long changes;
    private long renderedChanges;
    private int renderedParts;

    SnapshotStore(Config config) {
        renderer = new ExpositionRenderer(config.exposition());
        maxStaleness = config.refresh().maxStaleness();
        shard = config.shard();
        filters = config.read();
        // A shard may well have no experiment.
        visibleExperiments = new Visibility(
                "experiments", config.shard().total() == 1 ? Optional.of(NO_EXPERIMENT) : Optional.empty());
        registryRead = config.read().registry() != ReadConfig.Registry.OFF;
    }

    /**
     * Takes what the catalog holds after a whole reading of experiments and runs.
     *
     * @param incomplete why it is less than the filters select
     */
    void tracking(Pipeline.Tracking computed, Catalog catalog, List<String> incomplete, Instant readAt) {
        tracking = new SectionInput("tracking", computed.families(), readAt.plus(maxStaleness));
        leftOut = List.copyOf(incomplete);
        experiments = catalog.experiments().size();
        runs = computed.runs().activeRuns();
        rows = ExperimentOverview.experiments(catalog, computed.runs());
        runAnomalies = computed.anomalies();
        anomalyExamples = computed.runs().anomalyExamples();
        costs = computed.costs().overview();
        // What a checkpoint holds was selected by the filters of then.
        fewExperiments = visibleExperiments.report(
                catalog.experiments().stream()
                        .filter(experiment -> filters.experiments().accepts(experiment.name()))
                        .count(),
                readAt);
        changes++;
    }

    /**
     * Takes what the catalog holds after a whole reading of the registry.
     *
     * @param incomplete why it is less than the filters select
     */
    void registry(Pipeline.Registry computed, Catalog catalog, List<String> incomplete, Instant readAt) {
        moves = computed.moves();
        registryLeftOut = List.copyOf(incomplete);
        registryAnomalies = computed.anomalies();
        registry = new SectionInput("registry", computed.families(), readAt.plus(maxStaleness));
        models = catalog.models().size();
        fewModels = visibleModels.report(
                catalog.models().stream()
                        .filter(model -> filters.models().accepts(model.name()))
                        .count(),
                readAt);
        versions = catalog.versions().size();
        changes++;
    }

    /** Takes what is achieved by experiments and runs and the registry as they are now. */
    void kpis(Kpis.Report achieved) {
        kpis = achieved;
        changes++;
    }

    /** Forgets all: it was of another server. */
    void forget() {
        tracking = null;
        registry = null;
        leftOut = List.of();
        visibleExperiments.forget();
        visibleModels.forget();
        fewExperiments = Optional.empty();
        fewModels = Optional.empty();
        registryLeftOut = List.of();
        rows = List.of();
        runAnomalies = Map.of();
        anomalyExamples = Map.of();
        registryAnomalies = Map.of();
        costs = Optional.empty();
        moves = List.of();
        kpis = NO_KPIS;
        changes++;
    }

    /** The renderer, which remembers what was folded. */
    ExpositionRenderer renderer() {
        return renderer;
    }

    /** When experiments and runs were read; empty if never. */
    Optional<Instant> trackingReadAt() {
        return Optional.ofNullable(tracking).map(part -> part.expiresAt().minus(maxStaleness));
    }

    /** When the registry was read; empty if never. */
    Optional<Instant> registryReadAt() {
        return Optional.ofNullable(registry).map(part -> part.expiresAt().minus(maxStaleness));
    }

    boolean trackingEverRead() {
        return tracking != null;
    }

    /** Why it is less than the filters select, though it was read whole. */
    List<String> leftOut() {
        return Stream.of(leftOut, registryLeftOut)
                .flatMap(List::stream)
                .distinct()
                .toList();
    }

    /** Of that what is of experiments and runs. */
    List<String> trackingLeftOut() {
        return leftOut;
    }

    /** Of that what is of models and versions. */
    List<String> registryLeftOut() {
        return registryLeftOut;
    }

    /** What looks wrong, though it was read whole. */
    List<String> suspicions() {
        return Stream.of(fewExperiments, fewModels).flatMap(Optional::stream).toList();
    }

    /** Kind to how many show it, of both halves. */
    Map<String, Long> anomalies() {
        return both(runAnomalies, registryAnomalies);
    }

    /** Kind to ids of runs that show it. */
    Map<String, List<String>> anomalyExamples() {
        return anomalyExamples;
    }

    private static Map<String, Long> both(Map<String, Long> ofRuns, Map<String, Long> ofRegistry) {
        Map<String, Long> all = new TreeMap<>(ofRuns);
        all.putAll(ofRegistry);
        return all;
    }

    /** Of the halves that are served. */
    private Map<String, Long> anomalies(List<SectionInput> parts) {
        return both(
                tracking != null && parts.contains(tracking) ? runAnomalies : Map.of(),
                registry != null && parts.contains(registry) ? registryAnomalies : Map.of());
    }

    Optional<CostOverview> costs() {
        return costs;
    }

    KpiOverview kpis() {
        return kpis.overview();
    }

    List<AliasMove> moves() {
        return moves;
    }

    /** What is to be served now; empty where that has not changed, or is nothing. */
    Optional<Exposition> render(Catalog catalog, boolean workspacesOn, Instant now) {
        List<SectionInput> parts = served(now);
        boolean same = changes == renderedChanges && parts.size() == renderedParts;
        if (same || parts.isEmpty()) {
            return Optional.empty();
        }
        boolean complete = parts.size() == (registryRead ? 2 : 1) && leftOut().isEmpty();
        List<SectionInput> sections = new ArrayList<>();
        sections.add(new SectionInput(
                "snapshot",
                SnapshotFamilies.of(catalog, readAt(parts).toEpochMilli(), complete, shard),
                withdrawnAfter(parts)));
        sections.add(new SectionInput(
                "anomalies",
                List.of(AnomalyFamilies.family(anomalies(parts))),
                readAt(parts).plus(maxStaleness)));
        sections.addAll(parts);
        if (tracking != null && parts.contains(tracking)) {
            sections.add(new SectionInput("kpis", kpis.families(), tracking.expiresAt()));
        }
        Exposition exposition = renderer.render(sections, workspacesOn);
        renderedChanges = changes;
        renderedParts = parts.size();
        return Optional.of(exposition);
    }

    /** What people are told of it; empty before anything was read. */
    Optional<Snapshot> snapshot(PartHealth trackingHealth, PartHealth registryHealth, Instant now) {
        List<SectionInput> all = held();
        if (all.isEmpty()) {
            return Optional.empty();
        }
        List<SectionInput> parts = served(now);
        List<String> incomplete = new ArrayList<>();
        if (tracking == null || !parts.contains(tracking)) {
            incomplete.add(missing(trackingHealth));
        } else {
            incomplete.addAll(leftOut);
        }
        if (!registryRead) {
            // It is not missed.
        } else if (registry == null || !parts.contains(registry)) {
            incomplete.add(missing(registryHealth));
        } else {
            registryLeftOut.stream().filter(line -> !incomplete.contains(line)).forEach(incomplete::add);
        }
        List<SectionInput> told = parts.isEmpty() ? all : parts;
        return Optional.of(new Snapshot(
                readAt(told),
                withdrawnAfter(told),
                incomplete,
                suspicions(),
                experiments,
                runs,
                models,
                versions,
                ExperimentOverview.biggest(rows, Comparator.comparingLong(ExperimentRow::runs)),
                ExperimentOverview.biggest(rows, Comparator.comparingDouble(ExperimentRow::hours))));
    }

    private static String missing(PartHealth health) {
        return health.name() + ": "
                + health.state().problem().map(Problem::message).orElse("not read lately");
    }

    private List<SectionInput> held() {
        return Stream.of(Optional.ofNullable(tracking), Optional.ofNullable(registry))
                .flatMap(Optional::stream)
                .toList();
    }

    private List<SectionInput> served(Instant now) {
        return held().stream().filter(part -> !now.isAfter(part.expiresAt())).toList();
    }

    private Instant readAt(List<SectionInput> parts) {
        return parts.stream()
                .map(SectionInput::expiresAt)
                .min(Comparator.naturalOrder())
                .orElseThrow()
                .minus(maxStaleness);
    }

    private static Instant withdrawnAfter(List<SectionInput> parts) {
        return parts.stream()
                .map(SectionInput::expiresAt)
                .max(Comparator.naturalOrder())
                .orElseThrow();
    }
}
