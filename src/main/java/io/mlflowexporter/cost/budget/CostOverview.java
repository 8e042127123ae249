package io.mlflowexporter.cost.budget;

import java.util.List;

/**
 * What people are shown of costs: the status page and {@code /api/v1/status} read this.
 *
 * @param spend by window and currency
 * @param experiments the dearest of the last 30 days, in descending order
 * @param unpricedRatio share of the last 30 days' busy time that no price covers, 0 to 1
 * @param unpriced the greatest parts of it, in descending order
 * @param budgets all of them, in the book's order
 * @param idle what of the book matched no run, a line each
 */
public record CostOverview(
        List<Spend> spend,
        List<ExperimentSpend> experiments,
        double unpricedRatio,
        List<Unpriced> unpriced,
        List<BudgetState> budgets,
        List<String> idle) {

    /** What a window cost. */
    public record Spend(String window, String currency, double amount) {}

    /** What an experiment cost in the last 30 days. */
    public record ExperimentSpend(String workspace, String experiment, String currency, double amount) {}

    /**
     * Busy time without a price.
     *
     * @param why one line: what is missing and which rule or price would catch it
     */
    public record Unpriced(String workspace, String experiment, String phase, double hours, String why) {}

    /** How a budget stands. */
    public record BudgetState(
            String budget, double amount, String currency, double spentRatio, double forecastRatio, int runs) {}
}
