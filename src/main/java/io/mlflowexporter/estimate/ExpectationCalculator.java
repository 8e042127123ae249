package io.mlflowexporter.estimate;

import io.mlflowexporter.cost.pricing.PriceList;
import io.mlflowexporter.cost.pricing.PriceList.Price;
import io.mlflowexporter.cost.pricing.PriceList.Reported;
import io.mlflowexporter.cost.usage.RunUse;
import io.mlflowexporter.estimate.Estimate.Basis;
import io.mlflowexporter.estimate.Estimate.CostExpectation;
import io.mlflowexporter.estimate.Estimate.DeploymentPace;
import io.mlflowexporter.estimate.Estimate.KpiExpectation;
import io.mlflowexporter.estimate.Estimate.PhaseExpectation;
import io.mlflowexporter.estimate.RunHistory.PhasePast;
import io.mlflowexporter.estimate.RunHistory.RunPast;
import io.mlflowexporter.kpi.Kpis.Achieved;
import io.mlflowexporter.registry.Deployments.Pace;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** What is to be expected, by what was. */
final class ExpectationCalculator {
    /** Fewer runs tell nothing. */
    static final int ENOUGH_RUNS = 5;

    static final int ENOUGH_DEPLOYMENTS = 3;
    static final int ENOUGH_DAYS = 7;

    private static final double MILLIS_PER_SECOND = 1000;
    private static final double MILLIS_PER_HOUR = 3_600_000;
    private static final double MILLIS_PER_DAY = 86_400_000;
    private static final double DAYS = 30;

    private final Optional<PriceList> prices;
    private final Instant at;
    private final long planned;

    /**
     * Sets out to compute.
     *
     * @param at when prices and rates are taken
     * @param planned how many runs
     */
    ExpectationCalculator(Optional<PriceList> prices, Instant at, long planned) {
        this.prices = prices;
        this.at = at;
        this.planned = planned;
    }

    /** Runs that pay for themselves tell more; where there is none, those that others pay for tell the duration. */
    PhaseExpectation phase(PhasePast past) {
        List<RunPast> own = past.runs().stream().filter(run -> !run.nested()).toList();
        boolean nested = own.isEmpty();
        List<RunPast> runs = (nested ? past.runs() : own)
                .stream().limit(RunHistoryReader.NEWEST).toList();
        boolean enough = runs.size() >= ENOUGH_RUNS;
        List<Map<String, Double>> costs = nested ? List.of() : costs(runs);
        return new PhaseExpectation(
                past.phase(),
                new Basis(
                        runs.size(),
                        enough,
                        runs.isEmpty()
                                ? Optional.empty()
                                : Optional.of(Instant.ofEpochMilli(
                                        runs.get(runs.size() - 1).endMillis())),
                        runs.isEmpty()
                                ? Optional.empty()
                                : Optional.of(Instant.ofEpochMilli(runs.get(0).endMillis())),
                        nested),
                enough
                        ? Optional.of(Quantiles.spread(runs.stream()
                                .map(run -> run.durationMillis() / MILLIS_PER_SECOND)
                                .toList()))
                        : Optional.empty(),
                costs.size() >= ENOUGH_RUNS ? spread(costs) : List.of(),
                costs.size(),
                kpis(past.runs()));
    }

    /** Of each run that is priced altogether its cost by currency. */
    private List<Map<String, Double>> costs(List<RunPast> runs) {
        List<Map<String, Double>> costs = new ArrayList<>();
        for (RunPast run : runs) {
            prices.flatMap(list ->
                            run.use().filter(RunUse::known).flatMap(use -> cost(list, use, run.durationMillis())))
                    .ifPresent(costs::add);
        }
        return costs;
    }

    private Optional<Map<String, Double>> cost(PriceList list, RunUse use, long durationMillis) {
        Map<String, Double> cost = new TreeMap<>();
        for (Map.Entry<String, Double> unit : use.units().entrySet()) {
            if (unit.getValue() == 0) {
                continue;
            }
            Optional<Price> price = list.at(unit.getKey(), at);
            if (price.isEmpty()) {
                return Optional.empty();
            }
            double given = durationMillis
                    / MILLIS_PER_HOUR
                    * unit.getValue()
                    * price.get().perHour();
            Reported reported = list.reported(given, price.get().currency(), at);
            cost.merge(reported.currency(), reported.amount(), Double::sum);
        }
        return Optional.of(cost);
    }

    /** A run that spent nothing of a currency spent 0 of it. */
    private List<CostExpectation> spread(List<Map<String, Double>> costs) {
        Set<String> currencies = new TreeSet<>();
        costs.forEach(cost -> currencies.addAll(cost.keySet()));
        return currencies.stream()
                .map(currency -> {
                    Estimate.Spread perRun = Quantiles.spread(costs.stream()
                            .map(cost -> cost.getOrDefault(currency, 0.0))
                            .toList());
                    return new CostExpectation(currency, perRun, perRun.mean() * planned);
                })
                .toList();
    }

    private static List<KpiExpectation> kpis(List<RunPast> newestFirst) {
        Map<String, List<Achieved>> byKpi = new LinkedHashMap<>();
        newestFirst.forEach(run -> run.achieved()
                .forEach(one -> byKpi.computeIfAbsent(one.kpi(), kpi -> new ArrayList<>())
                        .add(one)));
        return byKpi.values().stream().map(ExpectationCalculator::kpi).toList();
    }

    private static KpiExpectation kpi(List<Achieved> newestFirst) {
        List<Achieved> counted =
                newestFirst.stream().limit(RunHistoryReader.NEWEST).toList();
        Achieved latest = counted.get(0);
        return new KpiExpectation(
                latest.kpi(),
                latest.unit(),
                latest.lowerIsBetter() ? "lower" : "higher",
                latest.target(),
                counted.size(),
                latest.value(),
                counted.size() >= ENOUGH_RUNS
                        ? Optional.of(Quantiles.kpi(
                                counted.stream().map(Achieved::value).toList()))
                        : Optional.empty());
    }

    static DeploymentPace pace(Pace pace) {
        double days = pace.observed().toMillis() / MILLIS_PER_DAY;
        boolean enough = pace.deployments() >= ENOUGH_DEPLOYMENTS && days >= ENOUGH_DAYS;
        return new DeploymentPace(
                pace.workspace(),
                pace.model(),
                pace.alias(),
                pace.deployments(),
                days,
                enough ? Optional.of(pace.deployments() / days * DAYS) : Optional.empty());
    }
}
