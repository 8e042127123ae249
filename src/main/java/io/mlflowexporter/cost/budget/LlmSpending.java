package io.mlflowexporter.cost.budget;

/** What LLM traces cost, in stretches of time: budgets and forecasts add it to what they know of runs. */
@FunctionalInterface
public interface LlmSpending {
    /** No traces. */
    LlmSpending NONE = each -> {};

    /** Takes what one experiment's traces cost in a stretch of time. */
    @FunctionalInterface
    interface Each {
        /**
         * Takes it.
         *
         * @param budget the budget with conditions on tags that this part is spent from; empty for all that was spent, which
         *     budgets without such conditions look at
         * @param untilMillis exclusive, Unix milliseconds
         */
        void spent(
                String workspace,
                String experiment,
                String budget,
                String currency,
                double amount,
                long fromMillis,
                long untilMillis);
    }

    /** All of it. */
    void forEach(Each each);
}
