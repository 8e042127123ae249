package io.mlflowexporter.cost;

import io.mlflowexporter.cost.budget.CostOverview;
import io.mlflowexporter.cost.budget.CostOverview.ExperimentSpend;
import io.mlflowexporter.cost.usage.CostWindow;
import io.mlflowexporter.cost.usage.ExperimentCurrency;
import io.mlflowexporter.metric.ExactSum;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Sums up for people what windows cost, by currency and by experiment. */
final class WindowTotals {
    private static final int SHOWN = 10;

    private WindowTotals() {}

    private static Stream<WindowCost> of(List<WindowCost> costs, CostWindow window) {
        return costs.stream().filter(cost -> cost.window().equals(window.label()));
    }

    /** What each window cost, those that cost nothing left out. */
    static List<CostOverview.Spend> byWindow(List<WindowCost> costs, List<CostWindow> windows) {
        List<CostOverview.Spend> all = new ArrayList<>();
        for (CostWindow window : windows) {
            Map<String, ExactSum> byCurrency = new TreeMap<>();
            of(costs, window)
                    .forEach(cost -> byCurrency
                            .computeIfAbsent(cost.currency(), currency -> new ExactSum())
                            .add(cost.amount(), 1));
            byCurrency.forEach((currency, sum) -> {
                if (sum.value() > 0) {
                    all.add(new CostOverview.Spend(window.label(), currency, sum.value()));
                }
            });
        }
        return all;
    }

    /** The experiments that cost most in a window. */
    static List<ExperimentSpend> dearest(List<WindowCost> costs, CostWindow window) {
        Map<ExperimentCurrency, ExactSum> sums = new LinkedHashMap<>();
        of(costs, window)
                .forEach(cost -> sums.computeIfAbsent(
                                new ExperimentCurrency(cost.workspace(), cost.experiment(), cost.currency()),
                                key -> new ExactSum())
                        .add(cost.amount(), 1));
        return sums.entrySet().stream()
                .filter(sum -> sum.getValue().value() > 0)
                .map(sum -> new ExperimentSpend(
                        sum.getKey().workspace(),
                        sum.getKey().experiment(),
                        sum.getKey().currency(),
                        sum.getValue().value()))
                .sorted(Comparator.comparingDouble(ExperimentSpend::amount)
                        .reversed()
                        .thenComparing(ExperimentSpend::workspace)
                        .thenComparing(ExperimentSpend::experiment)
                        .thenComparing(ExperimentSpend::currency))
                .limit(SHOWN)
                .toList();
    }
}
