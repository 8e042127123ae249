package io.mlflowexporter.audit;

import io.mlflowexporter.audit.AuditPricing.Price;
import io.mlflowexporter.audit.RunCosts.Busy;
import io.mlflowexporter.audit.RunCosts.Line;
import io.mlflowexporter.audit.expected.AuditPhases;
import io.mlflowexporter.audit.expected.ExpectedSeries;
import io.mlflowexporter.audit.expected.SeriesName;
import io.mlflowexporter.cost.pricing.PricingFile.Budget;
import io.mlflowexporter.cost.pricing.PricingFile.Overhead;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.List;
import java.util.Set;

/** How budgets stand. */
final class AuditBudgets {
    static final String SPENT = "mlflow_budget_spent_ratio";
    static final String FORECAST = "mlflow_budget_forecast_ratio";
    static final Set<String> GAUGES = Set.of("mlflow_budget");

    private final AuditPricing book;
    private final long nowMillis;
    private final ExpectedSeries sums;
    private final LocalDate month;

    AuditBudgets(AuditPricing book, long nowMillis, ExpectedSeries sums) {
        this.book = book;
        this.nowMillis = nowMillis;
        this.sums = sums;
        this.month = book.day(nowMillis).withDayOfMonth(1);
    }

    void all(List<Busy> runs) {
        book.config().budgets().forEach(budget -> budget(budget, runs));
    }

    private void budget(Budget budget, List<Busy> runs) {
        String currency = book.code(budget.currency());
        int months = switch (budget.period()) {
            case MONTH -> 1;
            case QUARTER -> 3;
            case YEAR -> 12;
        };
        LocalDate first = month.minusMonths((month.getMonthValue() - 1) % months);
        LocalDate next = first.plusMonths(months);
        AuditForecast forecast = new AuditForecast(book, nowMillis, first, next);
        for (Busy busy : runs) {
            if (isFor(budget, busy)) {
                add(busy, currency, forecast);
            }
        }
        BigDecimal spent = forecast.toDate().add(overheads(budget, currency, book.start(first), nowMillis));
        BigDecimal expected = forecast.expected().add(overheads(budget, currency, book.start(first), book.start(next)));
        sums.add(SeriesName.of("mlflow_budget", "budget", budget.name(), "currency", currency), budget.amount());
        sums.add(SeriesName.of(SPENT, "budget", budget.name()), spent.divide(budget.amount(), AuditPricing.EXACT));
        sums.add(
                SeriesName.of(FORECAST, "budget", budget.name()), expected.divide(budget.amount(), AuditPricing.EXACT));
    }

    private BigDecimal overheads(Budget budget, String currency, long since, long until) {
        AuditOverheads overheads = new AuditOverheads(book);
        BigDecimal sum = BigDecimal.ZERO;
        for (Overhead overhead : book.config().overheads()) {
            if (budget.overheads().contains(overhead.category())) {
                sum = sum.add(overheads.spent(overhead, currency, since, until).converted());
            }
        }
        return sum;
    }

    private static boolean isFor(Budget budget, Busy busy) {
        return AuditPhases.any(budget.experiment(), busy.run().experiment().name())
                && AuditPhases.any(budget.workspace(), "")
                && AuditPhases.any(budget.phase(), busy.run().phase())
                && AuditPhases.all(budget.tags(), busy.run().tags());
    }

    /** What the run was charged in the prices' own currencies. */
    private void add(Busy busy, String currency, AuditForecast forecast) {
        Line last = null;
        for (Line line : busy.lines()) {
            // A price that was shown in several pieces was paid once.
            boolean same = last != null
                    && last.original().equals(line.original())
                    && last.unit().equals(line.unit())
                    && last.price().until() == line.price().from();
            if (!same) {
                for (Price price : book.converted(line.original(), currency, false)) {
                    forecast.spent(
                            line.machine(),
                            price.from(),
                            price.until(),
                            price.perHour().multiply(line.quantity()));
                }
            }
            if (line.paidNow()) {
                Price now = line.original().at(nowMillis, nowMillis + 1);
                book.converted(now, currency, false)
                        .forEach(price -> forecast.running(
                                busy.millis(),
                                price.perHour()
                                        .multiply(line.quantity())
                                        .multiply(line.machine().partBefore(nowMillis))));
            }
            last = line;
        }
    }
}
