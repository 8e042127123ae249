package io.mlflowexporter.cost.budget;

import io.mlflowexporter.cost.pricing.OverheadSchedule;
import io.mlflowexporter.cost.pricing.PricingFile;
import io.mlflowexporter.cost.pricing.PricingFile.Overhead;
import io.mlflowexporter.cost.pricing.StepFunction;
import io.mlflowexporter.cost.usage.CostWindow;
import io.mlflowexporter.metric.Family;
import io.mlflowexporter.metric.FamilyDeclaration;
import io.mlflowexporter.metric.FamilyDeclaration.Fold;
import io.mlflowexporter.metric.FamilyDeclaration.Stability;
import io.mlflowexporter.metric.Samples;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.BiFunction;

/** What is spent beside computing, by the book and the calendar alone. */
public final class Overheads {
    public static final FamilyDeclaration FAMILY = new FamilyDeclaration(
            "mlflow_overhead_cost",
            FamilyDeclaration.Type.GAUGE,
            "What the cost book says was spent beside computing in the window, as of the snapshot.",
            List.of("window", "category", "currency"),
            Stability.STABLE,
            Fold.NEVER);

    private record Line(Overhead overhead, String currency, OverheadSchedule schedule) {}

    private final List<Line> lines = new ArrayList<>();
    private final String reportCurrency;
    private final BiFunction<String, String, StepFunction> rates;

    /**
     * Takes the overheads of a book that passed its checks.
     *
     * @param rates from one currency to another; 1 at all times between equal ones
     * @param told false: none of them is
     */
    public Overheads(PricingFile book, BiFunction<String, String, StepFunction> rates, boolean told) {
        this.rates = rates;
        this.reportCurrency = book.reportCurrency()
                .map(currency -> currency.getCurrencyCode())
                .orElse("");
        for (Overhead overhead : told ? book.overheads() : List.<Overhead>of()) {
            String currency = overhead.currency()
                    .or(book::currency)
                    .orElseThrow(() -> new IllegalStateException("an overhead without a currency"))
                    .getCurrencyCode();
            lines.add(new Line(overhead, currency, new OverheadSchedule(overhead, book.timeZone())));
        }
    }

    public Family family(List<CostWindow> windows, long nowMillis) {
        Samples samples = new Samples();
        for (Line line : lines) {
            String category = line.overhead.category().name().toLowerCase(Locale.ROOT);
            String shown = reportCurrency.isEmpty() ? line.currency : reportCurrency;
            for (CostWindow window : windows) {
                double all = line.schedule.spent(window.fromMillis(), nowMillis);
                double converted = 0;
                double covered = 0;
                for (StepFunction.Step rate :
                        rates.apply(line.currency, shown).within(window.fromMillis(), nowMillis)) {
                    double part = line.schedule.spent(rate.fromMillis(), rate.untilMillis());
                    covered += part;
                    converted += part * rate.value();
                }
                samples.add("", converted, window.label(), category, shown);
                // What no rate covers stays in its own currency: never added, never lost.
                if (all - covered > all * 1e-12) {
                    samples.add("", all - covered, window.label(), category, line.currency);
                }
            }
        }
        return samples.family(FAMILY);
    }

    /** What the categories spend from one instant to another, in a currency that every one of them converts to. */
    double spent(Set<Overhead.Category> categories, String currency, long fromMillis, long untilMillis) {
        double sum = 0;
        for (Line line : lines) {
            if (categories.contains(line.overhead.category())) {
                for (StepFunction.Step rate :
                        rates.apply(line.currency, currency).within(fromMillis, untilMillis)) {
                    sum += line.schedule.spent(rate.fromMillis(), rate.untilMillis()) * rate.value();
                }
            }
        }
        return sum;
    }
}
