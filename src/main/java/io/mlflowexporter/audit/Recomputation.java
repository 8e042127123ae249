package io.mlflowexporter.audit;

import io.mlflowexporter.audit.Costs.InWindow;
import io.mlflowexporter.audit.RunCosts.Busy;
import io.mlflowexporter.config.Config;
import io.mlflowexporter.config.LoadedConfig;
import java.math.BigDecimal;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** All that a scrape must say by what MLflow holds, and how strictly. */
final class Recomputation {
    /** What can be more or less where the exporter remembers runs that are gone: then there is nothing to compare. */
    private static final Set<String> PARTS_OF_THE_PAST = Set.of(
            RunOutcomes.ERROR_RATIO,
            KpiValues.COST_PER_POINT,
            Costs.FORECAST,
            Budgets.FORECAST,
            Deliveries.COST_PER_VERSION);

    private static final Series RUNS_HELD = Series.of("mlflow_exporter_catalog_entries", "kind", "runs");
    private static final Series COUNTERS_WAITING = Series.of("mlflow_exporter_ledger_clamped_series");

    private final LoadedConfig loaded;
    private final Config config;
    private final Mlflow mlflow;
    private final long now;
    private final Map<Series, Double> scraped;
    private final Sums sums;
    private final Set<String> equal = new HashSet<>();
    private final Set<String> atLeast = new HashSet<>();
    /** What is more where runs count that MLflow has forgotten. */
    private final Set<String> amounts;

    /** What is less where the exporter saw runs wait or be resumed, which MLflow does not show, and nobody asked it. */
    private final Set<String> atMost = new HashSet<>();

    private final Map<InWindow, BigDecimal> spent = new HashMap<>();

    private final boolean timesKnown;

    /**
     * Of what MLflow holds.
     *
     * @param now when the exporter read what it says
     * @param observed whether {@code mlflow} tells what only the exporter saw
     */
    Recomputation(LoadedConfig loaded, Mlflow mlflow, boolean observed, long now, Map<Series, Double> scraped) {
        this.loaded = loaded;
        this.config = loaded.config();
        this.mlflow = mlflow;
        this.now = now;
        this.scraped = scraped;
        this.timesKnown = observed || !(saw("queued") || saw("resumed"));
        this.sums = new Sums(config.exposition().maxLabelLength());
        this.amounts = nothingGone() ? equal : atLeast;
    }

    /** What depends on the time of runs in such a way that it may be more or less where a run waited or was resumed. */
    private static final Set<String> OF_TIMES = Set.of(
            Counts.DURATION,
            Counts.STALE,
            Counts.OLDEST,
            "mlflow_compute_cost_per_hour",
            KpiValues.COST_PER_POINT,
            Costs.FORECAST,
            Budgets.FORECAST,
            VersionCosts.FAMILY,
            Deliveries.COST_PER_VERSION);

    private boolean saw(String kind) {
        return scraped.getOrDefault(Series.of("mlflow_exporter_anomalies", "kind", kind), 0.0) > 0;
    }

    /** Whether the time of every run is known as the exporter knew it. */
    boolean timesKnown() {
        return timesKnown;
    }

    private boolean nothingGone() {
        return scraped.getOrDefault(RUNS_HELD, 0.0) == mlflow.runs().size();
    }

    void counts() {
        Counts counts = new Counts(config, now, sums);
        counts.experiments(mlflow.experiments());
        mlflow.runs().forEach(counts::run);
        counts.registry(mlflow.models(), mlflow.versions());
        equal.addAll(Counts.GAUGES);
        amounts.addAll(Counts.COUNTERS);
        RunOutcomes outcomes = new RunOutcomes(now, sums);
        outcomes.runs(mlflow.runs());
        if (nothingGone()) {
            outcomes.waits(mlflow.runs(), scraped.keySet());
        }
        equal.addAll(RunOutcomes.GAUGES);
        amounts.add(RunOutcomes.LAST_SUCCESS);
        new StepTimes(config.steps(), sums).runs(mlflow.runs());
        amounts.add(StepTimes.FAMILY);
    }

    void costs(Book book) {
        List<Busy> runs = new RunCosts(book, mlflow.runs(), now, config).all();
        Costs costs = new Costs(book, now, sums);
        costs.runs(runs);
        costs.prices();
        costs.overheads();
        spent.putAll(costs.byExperiment());
        equal.addAll(Costs.GAUGES);
        amounts.addAll(Costs.WINDOWS);
        boolean nothingWaits = scraped.getOrDefault(COUNTERS_WAITING, 0.0) == 0;
        (nothingWaits ? amounts : atLeast).addAll(Costs.COUNTERS);
        new Budgets(book, now, sums).all(runs);
        equal.addAll(Budgets.GAUGES);
        amounts.add(Budgets.SPENT);
        new VersionCosts(sums, config.delivery().wholeSearch(), mlflow.runs(), runs)
                .versions(mlflow.versions(), config.exposition().versionsPerModel());
        amounts.add(VersionCosts.FAMILY);
    }

    /** After the costs. */
    void achievements() {
        KpiValues kpis = new KpiValues(mlflow, now, sums, spent);
        KpiGoal.all(loaded.kpis(), config.kpi().builtIn()).forEach(kpis::goal);
        equal.addAll(KpiValues.GAUGES);
        amounts.addAll(KpiValues.OF_RUNS);
        Deliveries deliveries = new Deliveries(config.delivery(), scraped, sums);
        if (deliveries.comparable()) {
            deliveries.aliases(mlflow.models(), mlflow.versions(), now);
            equal.addAll(Deliveries.OF_ALIASES);
        }
        deliveries.costPerVersion(spent);
    }

    /** Whether counters must be equal. */
    boolean countersEqual() {
        return atLeast.isEmpty();
    }

    /** How many series are compared. */
    int series() {
        return sums.all().size() + sums.ranges().size();
    }

    /** What is not so in the scrape. Once all is computed. */
    List<AuditResult.Difference> differences() {
        if (nothingGone()) {
            equal.addAll(PARTS_OF_THE_PAST);
        } else {
            sums.forget(PARTS_OF_THE_PAST);
        }
        if (!timesKnown) {
            sums.forget(OF_TIMES);
            equal.removeAll(OF_TIMES);
            if (saw("resumed")) {
                // How such a run first ended only the exporter saw.
                sums.forget(Set.of(Counts.ENDED));
                equal.remove(Counts.ENDED);
            }
            atMost.addAll(Costs.COUNTERS);
            atMost.addAll(Costs.WINDOWS);
            atMost.add(Budgets.SPENT);
        }
        Set<String> least = new HashSet<>(atLeast);
        // Of versions deleted since only the exporter knows.
        least.add(Counts.VERSIONS_CREATED);
        Set<String> same = new HashSet<>(equal);
        same.removeAll(least);
        double waiting = nothingGone() ? scraped.getOrDefault(COUNTERS_WAITING, 0.0) : Double.POSITIVE_INFINITY;
        return new Comparison(scraped, same, least, atMost, new Comparison.Waiting(Costs.COUNTERS, waiting))
                .differences(sums);
    }
}
