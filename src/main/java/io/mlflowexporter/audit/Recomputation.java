package io.mlflowexporter.audit;

import io.mlflowexporter.audit.AuditCosts.InWindow;
import io.mlflowexporter.audit.RunCosts.Busy;
import io.mlflowexporter.audit.expected.ExpectedSeries;
import io.mlflowexporter.audit.expected.SeriesName;
import io.mlflowexporter.audit.server.MlflowContent;
import io.mlflowexporter.config.Config;
import io.mlflowexporter.config.LoadedConfig;
import io.mlflowexporter.cost.pricing.PricingFile;
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
            AuditCosts.FORECAST,
            AuditBudgets.FORECAST,
            AuditDeployments.COST_PER_VERSION);

    private static final SeriesName RUNS_HELD = SeriesName.of("mlflow_exporter_catalog_entries", "kind", "runs");
    private static final SeriesName COUNTERS_WAITING = SeriesName.of("mlflow_exporter_ledger_clamped_series");

    private final LoadedConfig loaded;
    private final Config config;
    private final MlflowContent mlflow;
    private final long now;
    private final Map<SeriesName, Double> scraped;
    private final ExpectedSeries sums;
    private final Set<String> equal = new HashSet<>();
    private final Set<String> atLeast = new HashSet<>();
    /** What is more where runs count that MLflow has forgotten. */
    private final Set<String> amounts;

    /** What is less where the exporter saw runs wait or be resumed, which MLflow does not show, and nobody asked it. */
    private final Set<String> atMost = new HashSet<>();

    private final Map<InWindow, BigDecimal> spent = new HashMap<>();

    private final boolean timesKnown;
    private boolean budgetsIncludeTraces;

    /**
     * Of what MLflow holds.
     *
     * @param now when the exporter read what it says
     * @param observed whether {@code mlflow} tells what only the exporter saw
     */
    Recomputation(
            LoadedConfig loaded, MlflowContent mlflow, boolean observed, long now, Map<SeriesName, Double> scraped) {
        this.loaded = loaded;
        this.config = loaded.config();
        this.mlflow = mlflow;
        this.now = now;
        this.scraped = scraped;
        this.timesKnown = observed || !(saw("queued") || saw("resumed"));
        this.sums = new ExpectedSeries(config.exposition().maxLabelLength());
        this.amounts = nothingGone() ? equal : atLeast;
    }

    /** What depends on the time of runs in such a way that it may be more or less where a run waited or was resumed. */
    private static final Set<String> OF_TIMES = Set.of(
            AuditCounts.DURATION,
            AuditCounts.STALE,
            AuditCounts.OLDEST,
            "mlflow_compute_cost_per_hour",
            KpiValues.COST_PER_POINT,
            AuditCosts.FORECAST,
            AuditBudgets.FORECAST,
            AuditVersionCosts.FAMILY,
            AuditDeployments.COST_PER_VERSION);

    private boolean saw(String kind) {
        return scraped.getOrDefault(SeriesName.of("mlflow_exporter_anomalies", "kind", kind), 0.0) > 0;
    }

    /** Whether the time of every run is known as the exporter knew it. */
    boolean timesKnown() {
        return timesKnown;
    }

    private boolean nothingGone() {
        return scraped.getOrDefault(RUNS_HELD, 0.0) == mlflow.runs().size();
    }

    void counts() {
        AuditCounts counts = new AuditCounts(config, now, sums);
        counts.experiments(mlflow.experiments());
        mlflow.runs().forEach(counts::run);
        counts.registry(mlflow.models(), mlflow.versions());
        equal.addAll(AuditCounts.GAUGES);
        amounts.addAll(AuditCounts.COUNTERS);
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

    void costs(AuditPricing book) {
        List<Busy> runs = new RunCosts(book, mlflow.runs(), now, config).all();
        AuditCosts costs = new AuditCosts(book, now, sums);
        costs.runs(runs);
        costs.prices();
        costs.overheads();
        spent.putAll(costs.byExperiment());
        equal.addAll(AuditCosts.GAUGES);
        amounts.addAll(AuditCosts.WINDOWS);
        boolean nothingWaits = scraped.getOrDefault(COUNTERS_WAITING, 0.0) == 0;
        (nothingWaits ? amounts : atLeast).addAll(AuditCosts.COUNTERS);
        new AuditBudgets(book, now, sums).all(runs);
        budgetsIncludeTraces = book.config().budgets().stream()
                .anyMatch(budget -> budget.includes().contains(PricingFile.Budget.Spending.LLM));
        equal.addAll(AuditBudgets.GAUGES);
        amounts.add(AuditBudgets.SPENT);
        new AuditVersionCosts(sums, config.delivery().wholeSearch(), mlflow.runs(), runs)
                .versions(mlflow.versions(), config.exposition().versionsPerModel());
        amounts.add(AuditVersionCosts.FAMILY);
    }

    /** After the costs. */
    void achievements() {
        KpiValues kpis = new KpiValues(mlflow, now, sums, spent);
        KpiGoal.all(loaded.kpis(), config.kpi().builtIn()).forEach(kpis::goal);
        equal.addAll(KpiValues.GAUGES);
        amounts.addAll(KpiValues.OF_RUNS);
        AuditDeployments deliveries = new AuditDeployments(config.delivery(), scraped, sums);
        if (deliveries.comparable()) {
            deliveries.aliases(mlflow.models(), mlflow.versions(), now);
            equal.addAll(AuditDeployments.OF_ALIASES);
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
                sums.forget(Set.of(AuditCounts.ENDED));
                equal.remove(AuditCounts.ENDED);
            }
            atMost.addAll(AuditCosts.COUNTERS);
            atMost.addAll(AuditCosts.WINDOWS);
            atMost.add(AuditBudgets.SPENT);
        }
        if (budgetsIncludeTraces) {
            // Audit reads no traces.
            Set<String> ratios = Set.of(AuditBudgets.SPENT, AuditBudgets.FORECAST);
            sums.forget(ratios);
            List.of(equal, atLeast, atMost).forEach(families -> families.removeAll(ratios));
        }
        Set<String> least = new HashSet<>(atLeast);
        // Of versions deleted since only the exporter knows.
        least.add(AuditCounts.VERSIONS_CREATED);
        Set<String> same = new HashSet<>(equal);
        same.removeAll(least);
        double waiting = nothingGone() ? scraped.getOrDefault(COUNTERS_WAITING, 0.0) : Double.POSITIVE_INFINITY;
        return new Comparison(scraped, same, least, atMost, new Comparison.Waiting(AuditCosts.COUNTERS, waiting))
                .differences(sums);
    }
}
