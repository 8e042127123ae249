package io.mlflowexporter.cost.budget;

import io.mlflowexporter.cost.budget.CostOverview.BudgetState;
import io.mlflowexporter.cost.pricing.CalendarDays;
import io.mlflowexporter.cost.pricing.PricingFile;
import io.mlflowexporter.cost.pricing.PricingFile.Budget;
import io.mlflowexporter.cost.pricing.StepFunction;
import io.mlflowexporter.cost.pricing.Tariff;
import io.mlflowexporter.cost.usage.BurnRate;
import io.mlflowexporter.cost.usage.CostClock;
import io.mlflowexporter.cost.usage.CostRun;
import io.mlflowexporter.cost.usage.CostSink;
import io.mlflowexporter.cost.usage.UsagePart;
import io.mlflowexporter.metric.Family;
import io.mlflowexporter.metric.FamilyDeclaration;
import io.mlflowexporter.metric.FamilyDeclaration.Fold;
import io.mlflowexporter.metric.FamilyDeclaration.Stability;
import io.mlflowexporter.metric.Samples;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiFunction;

/** How much of each budget is spent, and will be. */
public final class Budgets implements CostSink {
    public static final FamilyDeclaration AMOUNT = new FamilyDeclaration(
            "mlflow_budget",
            FamilyDeclaration.Type.GAUGE,
            "What may be spent in the budget's calendar period, by the cost book as of the snapshot.",
            List.of("budget", "currency"),
            Stability.STABLE,
            Fold.NEVER);
    public static final FamilyDeclaration SPENT = new FamilyDeclaration(
            "mlflow_budget_spent_ratio",
            FamilyDeclaration.Type.GAUGE,
            "What the budget's calendar period has cost to date, of what may be spent, as of the snapshot.",
            List.of("budget"),
            Stability.STABLE,
            Fold.NEVER);
    public static final FamilyDeclaration FORECAST = new FamilyDeclaration(
            "mlflow_budget_forecast_ratio",
            FamilyDeclaration.Type.GAUGE,
            "What the budget's whole calendar period is expected to cost, of what may be spent, as of the snapshot.",
            List.of("budget"),
            Stability.STABLE,
            Fold.NEVER);

    private record Line(
            Budget budget,
            String currency,
            Set<PricingFile.Overhead.Category> overheads,
            Forecast forecast,
            LocalDate first,
            LocalDate next,
            long fromMillis,
            long untilMillis) {}

    private final List<Line> lines = new ArrayList<>();
    private CostClock now;
    private final BiFunction<String, String, StepFunction> rates;
    private final int[] matched;
    private final ZoneId zone;

    public Budgets(PricingFile book, CostClock now, BiFunction<String, String, StepFunction> rates) {
        this.now = now;
        this.rates = rates;
        this.matched = new int[book.budgets().size()];
        this.zone = book.timeZone();
        for (Budget budget : book.budgets()) {
            LocalDate first = first(budget.period(), now.today);
            LocalDate next = first.plusMonths(months(budget.period()));
            Set<PricingFile.Overhead.Category> overheads = EnumSet.noneOf(PricingFile.Overhead.Category.class);
            overheads.addAll(budget.overheads());
            lines.add(new Line(
                    budget,
                    budget.currency()
                            .or(book::currency)
                            .orElseThrow(() -> new IllegalStateException("a budget without a currency"))
                            .getCurrencyCode(),
                    overheads,
                    new Forecast(now, zone, first, next),
                    first,
                    next,
                    CalendarDays.start(first, zone),
                    CalendarDays.start(next, zone)));
        }
    }

    private static LocalDate first(Budget.Period period, LocalDate today) {
        return switch (period) {
            case MONTH -> today.withDayOfMonth(1);
            case QUARTER -> today.withDayOfMonth(1).minusMonths((today.getMonthValue() - 1) % 3);
            case YEAR -> today.withDayOfYear(1);
        };
    }

    private static int months(Budget.Period period) {
        return switch (period) {
            case MONTH -> 1;
            case QUARTER -> 3;
            case YEAR -> 12;
        };
    }

    @Override
    public void at(CostClock later) {
        now = later;
        lines.forEach(line -> line.forecast.at(later));
    }

    @Override
    public void run(CostRun run) {
        for (int budget : run.usage().budgets()) {
            if (!covered(budget)) {
                continue;
            }
            matched[budget] += run.times();
        }
    }

    @Override
    public void priced(CostRun run, UsagePart part, Tariff.Piece piece, long fromMillis, long untilMillis) {
        for (int budget : run.usage().budgets()) {
            if (!covered(budget)) {
                continue;
            }
            Line line = lines.get(budget);
            double perHour = piece.given().perHour() * part.quantity();
            StepFunction steps = rates.apply(piece.given().currency(), line.currency);
            for (StepFunction.Step rate : steps.within(fromMillis, untilMillis)) {
                line.forecast.spent(
                        run.machine(), rate.fromMillis(), rate.untilMillis(), perHour * rate.value(), run.times());
            }
            if (run.times() > 0 && BurnRate.burning(run, piece, untilMillis, now.nowMillis)) {
                double share = run.machine().before(now.nowMillis);
                steps.at(now.nowMillis)
                        .ifPresent(rate -> line.forecast.running(run.time().millis(), perHour * share * rate));
            }
        }
    }

    /** See {@link Forecast#whole}. */
    public boolean whole() {
        return lines.stream().allMatch(line -> line.forecast.whole());
    }

    /** Whether a budget is spent on runs. */
    private boolean covered(int budget) {
        return lines.get(budget).budget.includes().contains(Budget.Spending.COMPUTE);
    }

    /** Of each budget that is spent on LLM traces, what these cost. */
    private List<Forecast> ofTraces(LlmSpending traces) {
        List<Forecast> forecasts = new ArrayList<>();
        lines.forEach(line -> forecasts.add(new Forecast(now, zone, line.first, line.next)));
        traces.forEach((workspace, experiment, budget, currency, amount, fromMillis, untilMillis) -> {
            for (int i = 0; i < lines.size(); i++) {
                Line line = lines.get(i);
                String part = line.budget.tags().isEmpty() ? "" : line.budget.name();
                if (part.equals(budget) && LlmForecasts.covers(line.budget, workspace, experiment)) {
                    Forecast forecast = forecasts.get(i);
                    rates.apply(currency, line.currency)
                            .at(fromMillis)
                            .ifPresent(
                                    rate -> LlmForecasts.spent(forecast, now, amount * rate, fromMillis, untilMillis));
                }
            }
        });
        return forecasts;
    }

    /** How every budget stands. */
    public List<BudgetState> states(Overheads overheads, LlmSpending spending) {
        List<Forecast> traces = ofTraces(spending);
        List<BudgetState> states = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            Line line = lines.get(i);
            double amount = line.budget.amount().doubleValue();
            double toDate = overheads.spent(line.overheads, line.currency, line.fromMillis, now.nowMillis);
            double ofPeriod = overheads.spent(line.overheads, line.currency, line.fromMillis, line.untilMillis);
            states.add(new BudgetState(
                    line.budget.name(),
                    amount,
                    line.currency,
                    (line.forecast.toDate() + traces.get(i).toDate() + toDate) / amount,
                    (line.forecast.expected() + traces.get(i).expected() + ofPeriod) / amount,
                    matched[i]));
        }
        return states;
    }

    public List<Family> families(List<BudgetState> states) {
        Samples amounts = new Samples();
        Samples spent = new Samples();
        Samples expected = new Samples();
        for (BudgetState state : states) {
            amounts.add("", state.amount(), state.budget(), state.currency());
            spent.add("", state.spentRatio(), state.budget());
            expected.add("", state.forecastRatio(), state.budget());
        }
        return List.of(amounts.family(AMOUNT), spent.family(SPENT), expected.family(FORECAST));
    }

    /** How many runs a budget matched. */
    public int matched(int budget) {
        return matched[budget];
    }
}
