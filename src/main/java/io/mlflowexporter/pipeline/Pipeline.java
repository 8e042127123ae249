package io.mlflowexporter.pipeline;

import io.mlflowexporter.catalog.Catalog;
import io.mlflowexporter.catalog.HistoricalView;
import io.mlflowexporter.catalog.KeptRows;
import io.mlflowexporter.catalog.TimeRules;
import io.mlflowexporter.catalog.sync.ReadConfig;
import io.mlflowexporter.config.Config;
import io.mlflowexporter.cost.Ledger;
import io.mlflowexporter.estimate.RunHistory;
import io.mlflowexporter.estimate.RunHistoryReader;
import io.mlflowexporter.kpi.Kpis;
import io.mlflowexporter.metric.Family;
import io.mlflowexporter.registry.AliasMove;
import io.mlflowexporter.registry.Deployments;
import io.mlflowexporter.registry.RegistryAnomalies;
import io.mlflowexporter.registry.RegistryFamilies;
import io.mlflowexporter.runs.RunSums;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The one place where the catalog, the engines and a reading of the clock become families, for a refresh, for a
 * backfill and for an estimate. Belongs to the thread that owns the catalog.
 */
public final class Pipeline {
    private final Config config;
    private final Engines engines;
    private final TimeRules rules;
    private final KeptRows<RunSums> runSums = new KeptRows<>();

    public Pipeline(Config config, Engines engines) {
        this.config = config;
        this.engines = engines;
        this.rules = config.times();
    }

    /**
     * What was computed from experiments and runs.
     *
     * @param anomalies kind to number of runs
     */
    public record Tracking(List<Family> families, RunSums runs, Map<String, Long> anomalies, Ledger.Report costs) {}

    /**
     * What was computed from models and versions.
     *
     * @param anomalies kind to number of aliases or versions
     * @param moves the newest, the newest first
     */
    public record Registry(List<Family> families, Map<String, Long> anomalies, List<AliasMove> moves) {
        /** With more that was read together with them. */
        public Registry with(List<Family> more) {
            return new Registry(Stream.concat(families.stream(), more.stream()).toList(), anomalies, moves);
        }
    }

    /**
     * Computes what experiments and runs say.
     *
     * @param workspaces those read
     */
    public Tracking tracking(Catalog catalog, List<String> workspaces, long nowMillis) {
        return tracking(catalog, workspaces, nowMillis, rules, () -> {});
    }

    private Tracking tracking(
            Catalog catalog, List<String> workspaces, long millis, TimeRules costRules, Runnable beforeCosts) {
        RunSums sums = runSums.refresh(
                catalog,
                millis,
                () -> new RunSums(catalog, rules, row -> engines.steps().unreadable(catalog, row)));
        List<Family> families = new ArrayList<>(TrackingFamilies.of(catalog, workspaces, sums, config, millis));
        beforeCosts.run();
        Ledger.Report costs = engines.ledger()
                .refresh(catalog, millis, costRules, engines.traces().spending());
        families.addAll(costs.families());
        families.add(engines.steps().refresh(catalog));
        families.addAll(engines.queues().refresh(catalog, millis));
        families.addAll(engines.traces().families(millis));
        Map<String, Long> anomalies = new TreeMap<>(sums.anomalies(costs.unreadableQuantities()));
        anomalies.putAll(engines.traces().anomalies(millis));
        return new Tracking(families, sums, anomalies, costs);
    }

    /** Computes what runs achieve. After both halves: the model in use is told by runs and by aliases. */
    public Kpis.Report kpis(Catalog catalog, long nowMillis) {
        return engines.kpis().refresh(catalog, nowMillis, engines.ledger().windowCosts());
    }

    /**
     * Computes what models and versions say. All shards see the registry alike: one of them publishes it, and each
     * adds what the runs it reads tell of versions.
     *
     * @param workspaces those read
     */
    public Registry registry(Catalog catalog, List<String> workspaces, long nowMillis) {
        Ledger ledger = engines.ledger();
        Deployments.Report deployed = engines.deployments()
                .refresh(catalog, nowMillis, run -> ledger.costOf(catalog, run, nowMillis), ledger.windowCosts());
        if (!config.shard().publishesShared()) {
            List<Family> ofRuns =
                    deployed.families().stream().filter(Deployments::ofRuns).toList();
            return new Registry(ofRuns, Map.of(), deployed.moves());
        }
        List<Family> families = new ArrayList<>(
                RegistryFamilies.of(catalog, workspaces, config.exposition().versionsPerModel()));
        families.addAll(deployed.families());
        return new Registry(families, RegistryAnomalies.of(catalog), deployed.moves());
    }

    /** All families that an exporter which starts now publishes of the catalog. */
    public List<Family> all(Catalog catalog, List<String> workspaces, long nowMillis) {
        return all(catalog, workspaces, nowMillis, tracking(catalog, workspaces, nowMillis));
    }

    /**
     * All families that it published at an earlier time. What runs cost is computed in hindsight, so that it adds up to
     * what they are known to have cost in the end.
     *
     * @param past of the catalog
     * @param millis not before the last time
     */
    public List<Family> then(HistoricalView past, Catalog catalog, List<String> workspaces, long millis) {
        past.moveTo(millis);
        Tracking tracking = tracking(catalog, workspaces, millis, rules.hindsight(), past::inHindsight);
        return all(catalog, workspaces, millis, tracking);
    }

    private List<Family> all(Catalog catalog, List<String> workspaces, long millis, Tracking tracking) {
        List<Family> families = new ArrayList<>(tracking.families());
        families.addAll(kpis(catalog, millis).families());
        if (config.read().registry() != ReadConfig.Registry.OFF) {
            families.addAll(registry(catalog, workspaces, millis).families());
        }
        return families;
    }

    /**
     * Gathers what an estimate rests on, from what was computed last.
     *
     * @param readAt when the catalog was read
     * @param watched whether the registry was watched, and so deployments are known
     */
    public RunHistory history(Catalog catalog, RunHistory.Wanted wanted, Instant readAt, Instant now, boolean watched) {
        Optional<Deployments> deployments = watched ? Optional.of(engines.deployments()) : Optional.empty();
        return new RunHistoryReader(catalog, engines.ledger(), engines.kpis(), rules, deployments)
                .read(wanted, readAt, now);
    }
}
