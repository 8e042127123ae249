package io.mlflowexporter.estimate;

import io.mlflowexporter.cost.pricing.PriceList.Price;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The answer: what the page, {@code /api/v1/estimate} and the command tell, each in its way.
 *
 * @param at the time of prices, rates and overheads
 * @param zone where that day begins
 * @param envelope empty where no resource was asked for
 * @param expectation empty where no experiment was asked for
 * @param deployments of the model asked for, or of the experiment's models
 * @param notes what to know besides, a line each
 */
public record Estimate(
        Instant at,
        String zone,
        Optional<Envelope> envelope,
        Optional<Expectation> expectation,
        List<DeploymentPace> deployments,
        List<String> notes) {

    /** So much of a currency. */
    public record Amount(double amount, String currency) {}

    /**
     * What the resources asked for would cost.
     *
     * @param runs one after another
     * @param overheadDays for how long overheads are spent
     * @param overheadShare how much of them this work bears
     * @param compute of all lines, by currency
     * @param overhead of all overheads, by currency
     * @param total both, by currency
     */
    public record Envelope(
            long runs,
            List<Line> lines,
            double overheadDays,
            double overheadShare,
            List<Overhead> overheads,
            List<Amount> compute,
            List<Amount> overhead,
            List<Amount> total) {}

    /**
     * One resource.
     *
     * @param hours of each run
     * @param hoursInAll hours × count × runs
     * @param rate from the price's currency to the cost's, 1 where they are the same
     * @param cost hoursInAll × price × rate
     */
    public record Line(
            String resource, double count, double hours, double hoursInAll, Price price, double rate, Amount cost) {}

    /** What one of the five categories spends, the share applied. */
    public record Overhead(String category, Amount cost) {}

    /**
     * What the history of an experiment lets expect.
     *
     * @param readAt when MLflow was read
     * @param runs how many are planned
     */
    public record Expectation(
            String workspace, String experiment, Instant readAt, long runs, List<PhaseExpectation> phases) {}

    /**
     * What the next run of a phase is expected to take.
     *
     * @param basis the runs it rests on
     * @param durationSeconds empty where these are too few to tell
     * @param costs by currency; empty where too few are priced, or nested in others that pay for them
     * @param pricedRuns how many of the runs the costs rest on
     */
    public record PhaseExpectation(
            String phase,
            Basis basis,
            Optional<Spread> durationSeconds,
            List<CostExpectation> costs,
            long pricedRuns,
            List<KpiExpectation> kpis) {}

    /**
     * Runs that something rests on.
     *
     * @param nested whether they are nested in others whose clock they share, and so cost nothing of their own
     */
    public record Basis(int runs, boolean enough, Optional<Instant> oldest, Optional<Instant> newest, boolean nested) {}

    /** How values lie: the middle, what 9 of 10 do not exceed, and the mean. */
    public record Spread(double median, double p90, double mean) {}

    /**
     * Cost at the prices of the time asked for.
     *
     * @param planned of as many runs as are planned: that many times the mean
     */
    public record CostExpectation(String currency, Spread perRun, double planned) {}

    /**
     * What runs achieved lately.
     *
     * @param better higher or lower
     * @param values empty where the runs are too few to tell
     */
    public record KpiExpectation(
            String kpi,
            String unit,
            String better,
            Optional<Double> target,
            int runs,
            double latest,
            Optional<KpiSpread> values) {}

    /** How a KPI's values lie: 8 of 10 are from p10 to p90. */
    public record KpiSpread(double p10, double median, double p90) {}

    /**
     * How often new versions come into production.
     *
     * @param deployments seen in that many days
     * @param per30Days empty where they are too few to tell
     */
    public record DeploymentPace(
            String workspace, String model, String alias, long deployments, double days, Optional<Double> per30Days) {}
}
