package io.mlflowexporter.backfill;

import io.mlflowexporter.catalog.Catalog;
import io.mlflowexporter.catalog.HistoricalView;
import io.mlflowexporter.catalog.KeptRows;
import io.mlflowexporter.catalog.TimeRules;
import io.mlflowexporter.catalog.sync.ReadConfig;
import io.mlflowexporter.config.Config;
import io.mlflowexporter.cost.Ledger;
import io.mlflowexporter.metric.Family;
import io.mlflowexporter.pipeline.Engines;
import io.mlflowexporter.registry.Deployments;
import io.mlflowexporter.registry.RegistryFamilies;
import io.mlflowexporter.runs.RunSums;
import io.mlflowexporter.runs.TrackingFamilies;
import java.util.ArrayList;
import java.util.List;

/** Computes, by the indicators' own code, what the exporter says at one time after the other. */
final class ReplayedMoments {
    private final Config config;
    private final Catalog catalog;
    private final List<String> workspaces;
    private final Engines books;
    private final TimeRules rules;
    private final KeptRows<RunSums> sums = new KeptRows<>();

    /** Begins with books that nothing is in. */
    ReplayedMoments(Config config, Catalog catalog, List<String> workspaces, Engines books) {
        this.config = config;
        this.catalog = catalog;
        this.workspaces = workspaces;
        this.books = books;
        this.rules = TimeRules.of(config);
    }

    /** What an exporter that starts now says. */
    List<Family> now(long nowMillis) {
        List<Family> families = new ArrayList<>(tracking(nowMillis));
        families.addAll(others(nowMillis, rules));
        return families;
    }

    /** What it said then. */
    List<Family> then(HistoricalView past, long millis) {
        past.moveTo(millis);
        List<Family> families = new ArrayList<>(tracking(millis));
        past.inHindsight();
        families.addAll(others(millis, rules.hindsight()));
        return families;
    }

    private List<Family> tracking(long millis) {
        RunSums told = sums.refresh(catalog, millis, () -> new RunSums(catalog, rules, row -> false));
        return TrackingFamilies.of(catalog, workspaces, told, config, millis);
    }

    private List<Family> others(long millis, TimeRules timeRules) {
        boolean first = config.shard().index() == 0;
        Ledger ledger = books.ledger();
        List<Family> families =
                new ArrayList<>(ledger.refresh(catalog, millis, timeRules).families());
        families.add(books.steps().refresh(catalog));
        families.addAll(
                books.kpis().refresh(catalog, millis, ledger.windowCosts()).families());
        List<Family> delivered = books.deliveries()
                .refresh(catalog, millis, run -> ledger.costOf(catalog, run, millis), ledger.windowCosts())
                .families();
        if (config.read().registry() == ReadConfig.Registry.OFF) {
            return families;
        }
        if (first) {
            families.addAll(
                    RegistryFamilies.of(catalog, workspaces, config.exposition().versionsPerModel()));
            families.addAll(delivered);
        } else {
            delivered.stream().filter(Deployments::ofRuns).forEach(families::add);
        }
        return families;
    }
}
