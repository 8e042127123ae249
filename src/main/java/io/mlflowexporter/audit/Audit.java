package io.mlflowexporter.audit;

import io.mlflowexporter.audit.Costs.InWindow;
import io.mlflowexporter.audit.RunCosts.Busy;
import io.mlflowexporter.config.Config;
import io.mlflowexporter.config.LoadedConfig;
import io.mlflowexporter.config.RunsConfig.PhaseRule;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.mlflow.tracking.MlflowClient;

/**
 * Recomputes what an exporter says from MLflow itself, by another way: MLflow's own client, exact decimals, the
 * documented formulas. Nothing here is shared with what the exporter computes.
 */
public final class Audit {
    /** What can be more or less where the exporter remembers runs that are gone: then there is nothing to compare. */
    private static final Set<String> PARTS_OF_THE_PAST = Set.of(
            RunOutcomes.ERROR_RATIO,
            KpiValues.COST_PER_POINT,
            Costs.FORECAST,
            Budgets.FORECAST,
            Deliveries.COST_PER_VERSION);

    private final LoadedConfig loaded;
    private final ServerReading reading;
    private final InstantSource clock;
    private final Optional<Book> book;

    /**
     * Sets out to audit.
     *
     * @param registry may be the same client
     * @param phaseRules all of them, the built-in ones included
     */
    public Audit(
            LoadedConfig loaded,
            MlflowClient tracking,
            MlflowClient registry,
            List<PhaseRule> phaseRules,
            InstantSource clock) {
        this.loaded = loaded;
        this.reading = new ServerReading(tracking, registry, loaded.config(), new Phases(phaseRules));
        this.clock = clock;
        this.book = loaded.costBook().map(Book::new);
    }

    /**
     * Reads MLflow now and holds a scrape of a moment ago against it.
     *
     * @param scrape in Prometheus's text format
     * @throws IOException if MLflow cannot be read or the scrape is none of an exporter that has read it, with a line
     *     for the user
     */
    public AuditResult check(String scrape) throws IOException {
        Map<Series, Double> scraped = scraped(scrape);
        Double snapshot = scraped.get(Series.of("mlflow_snapshot_timestamp_seconds"));
        if (snapshot == null) {
            throw new IOException("the exporter serves no snapshot; see its /readyz for what it waits for");
        }
        if (scraped.keySet().stream().anyMatch(series -> series.labels().containsKey("workspace"))) {
            throw new IOException(
                    "the exporter reads an MLflow with workspaces, which cannot be audited: MLflow's Java client does not"
                            + " know them");
        }
        long now = Math.round(snapshot * 1000);
        Mlflow mlflow = reading.read().asOf(now, clock.millis());
        Sums sums = new Sums(loaded.config().exposition().maxLabelLength());
        boolean nothingGone = scraped.getOrDefault(Series.of("mlflow_exporter_catalog_entries", "kind", "runs"), 0.0)
                == mlflow.runs().size();
        boolean nothingWaits = scraped.getOrDefault(Series.of("mlflow_exporter_ledger_clamped_series"), 0.0) == 0;
        Set<String> equal = new HashSet<>(Counts.GAUGES);
        Set<String> atLeast = new HashSet<>();
        Set<String> amounts = nothingGone ? equal : atLeast;
        amounts.addAll(Counts.COUNTERS);
        amounts.add(StepTimes.FAMILY);
        Counts counts = new Counts(loaded.config(), now, sums);
        counts.experiments(mlflow.experiments());
        mlflow.runs().forEach(counts::run);
        counts.registry(mlflow.models(), mlflow.versions());
        equal.addAll(RunOutcomes.GAUGES);
        amounts.add(RunOutcomes.LAST_SUCCESS);
        RunOutcomes outcomes = new RunOutcomes(now, sums);
        outcomes.runs(mlflow.runs());
        new StepTimes(loaded.config().steps(), sums).runs(mlflow.runs());
        Map<InWindow, BigDecimal> spent = new HashMap<>();
        book.ifPresent(it -> {
            List<Busy> runs = costs(it, mlflow, now).all();
            Costs costs = new Costs(it, now, sums);
            costs.runs(runs);
            spent.putAll(costs.byExperiment());
            costs.prices();
            costs.overheads();
            new Budgets(it, now, sums).all(runs);
            new VersionCosts(sums, loaded.config().delivery().wholeSearch(), mlflow.runs(), runs)
                    .versions(mlflow.versions(), loaded.config().exposition().versionsPerModel());
            equal.addAll(Costs.GAUGES);
            equal.addAll(Budgets.GAUGES);
            amounts.addAll(Costs.WINDOWS);
            amounts.addAll(List.of(Budgets.SPENT, VersionCosts.FAMILY));
            (nothingGone && nothingWaits ? equal : atLeast).addAll(Costs.COUNTERS);
        });
        KpiValues kpis = new KpiValues(now, sums, spent);
        KpiGoal.all(loaded.kpis(), loaded.config().kpi().builtIn()).forEach(goal -> kpis.goal(goal, mlflow));
        equal.addAll(KpiValues.GAUGES);
        Deliveries deliveries = new Deliveries(loaded.config().delivery(), scraped, sums);
        if (deliveries.comparable()) {
            deliveries.aliases(mlflow.models(), mlflow.versions(), now);
            equal.addAll(Deliveries.OF_ALIASES);
        }
        deliveries.costPerVersion(spent);
        if (nothingGone) {
            equal.addAll(PARTS_OF_THE_PAST);
            outcomes.waits(mlflow.runs(), scraped.keySet());
        } else {
            sums.forget(PARTS_OF_THE_PAST);
        }
        boolean exact = atLeast.isEmpty();
        // Of versions deleted since only the exporter knows.
        equal.remove(Counts.VERSIONS_CREATED);
        atLeast.add(Counts.VERSIONS_CREATED);
        return new AuditResult(
                Instant.ofEpochMilli(now),
                sums.all().size() + sums.ranges().size(),
                mlflow.runs().size(),
                exact,
                new Comparison(scraped, equal, atLeast).differences(sums));
    }

    private static Map<Series, Double> scraped(String scrape) throws IOException {
        try {
            return Series.read(scrape);
        } catch (IllegalArgumentException e) {
            throw new IOException("the exporter's answer is not a scrape: " + e.getMessage(), e);
        }
    }

    private RunCosts costs(Book prices, Mlflow mlflow, long now) {
        Config config = loaded.config();
        return new RunCosts(
                prices, mlflow.runs(), now, config.refresh().staleAfter().toMillis());
    }

    /**
     * Writes what each run has cost by now, for whoever must book it.
     *
     * @throws IOException if MLflow cannot be read or nothing can be written; also without a cost book
     */
    public void write(Appendable csv) throws IOException {
        if (book.isEmpty()) {
            throw new IOException("without a cost book (cost.file) runs have no costs");
        }
        long now = clock.millis();
        RunsCsv.write(costs(book.get(), reading.read(), now).all(), csv);
    }
}
