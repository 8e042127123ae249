package io.mlflowexporter.cost.budget;

import io.mlflowexporter.cost.pricing.PricingFile;
import io.mlflowexporter.cost.pricing.PricingFile.Budget;
import io.mlflowexporter.cost.usage.CostClock;
import io.mlflowexporter.cost.usage.CostSink;
import io.mlflowexporter.cost.usage.ExperimentCurrency;
import io.mlflowexporter.cost.usage.MachineShare;
import io.mlflowexporter.metric.Family;
import io.mlflowexporter.metric.FamilyDeclaration;
import io.mlflowexporter.metric.FamilyDeclaration.Fold;
import io.mlflowexporter.metric.FamilyDeclaration.Stability;
import io.mlflowexporter.metric.Samples;
import io.mlflowexporter.settings.value.Glob;
import java.time.LocalDate;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The expected cost of LLM traces in this calendar month, by experiment: as {@link Forecast} reckons, without anything that runs on. */
public final class LlmForecasts {
    public static final FamilyDeclaration FAMILY = new FamilyDeclaration(
            "mlflow_llm_cost_forecast",
            FamilyDeclaration.Type.GAUGE,
            "Expected cost of LLM traces in this whole calendar month by what was spent in it so far and the last four weeks, as"
                    + " of the snapshot.",
            List.of("experiment", "currency"),
            Stability.STABLE,
            Fold.sum("experiment"));

    private LlmForecasts() {}

    /** The family. */
    public static Family family(LlmSpending spending, CostClock now, PricingFile book) {
        LocalDate first = now.today.withDayOfMonth(1);
        Map<ExperimentCurrency, Forecast> forecasts = new LinkedHashMap<>();
        spending.forEach((workspace, experiment, budget, currency, amount, fromMillis, untilMillis) -> {
            if (budget.isEmpty()) {
                spent(
                        forecasts.computeIfAbsent(
                                new ExperimentCurrency(workspace, experiment, currency),
                                key -> new Forecast(now, book.timeZone(), first, first.plusMonths(1))),
                        now,
                        amount,
                        fromMillis,
                        untilMillis);
            }
        });
        Samples samples = new Samples();
        forecasts.forEach(
                (key, forecast) -> samples.add(key.workspace(), forecast.expected(), key.experiment(), key.currency()));
        return samples.family(FAMILY);
    }

    /** Adds an amount that was spent evenly over a time, of which what is past counts whole. */
    static void spent(Forecast forecast, CostClock now, double amount, long fromMillis, long untilMillis) {
        long until = Math.min(untilMillis, now.nowMillis);
        if (fromMillis < until) {
            forecast.spent(
                    MachineShare.WHOLE, fromMillis, until, amount * CostSink.MILLIS_PER_HOUR / (until - fromMillis), 1);
        }
    }

    /** Whether a budget is spent on an experiment's traces, by all but the tags of the traces. */
    static boolean covers(Budget budget, String workspace, String experiment) {
        return budget.includes().contains(Budget.Spending.LLM)
                && Glob.anyOf(budget.experiment(), experiment)
                && Glob.anyOf(budget.workspace(), workspace);
    }
}
