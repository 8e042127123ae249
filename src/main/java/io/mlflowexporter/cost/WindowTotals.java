package io.mlflowexporter.cost;

import io.mlflowexporter.cost.budget.CostOverview;
import io.mlflowexporter.cost.budget.CostOverview.ExperimentSpend;
import io.mlflowexporter.cost.usage.CostWindow;
import io.mlflowexporter.metric.ExactSum;
import io.mlflowexporter.metric.Family;
import io.mlflowexporter.metric.Family.Value;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Sums up for people what windows cost, from the family that tells it in detail. */
final class WindowTotals {
    private static final int SHOWN = 10;

    private WindowTotals() {}

    private static String label(Value value, String label) {
        return value.labelValues().get(WindowCosts.COST.labels().indexOf(label));
    }

    private static List<Value> of(Family costs, CostWindow window) {
        return costs.samples().stream()
                .map(Value.class::cast)
                .filter(value -> label(value, "window").equals(window.label()))
                .toList();
    }

    /** What each window cost, those that cost nothing left out. */
    static List<CostOverview.Spend> byWindow(Family costs, List<CostWindow> windows) {
        List<CostOverview.Spend> all = new ArrayList<>();
        for (CostWindow window : windows) {
            Map<String, ExactSum> byCurrency = new TreeMap<>();
            for (Value value : of(costs, window)) {
                byCurrency
                        .computeIfAbsent(label(value, "currency"), currency -> new ExactSum())
                        .add(value.value(), 1);
            }
            byCurrency.forEach((currency, sum) -> {
                if (sum.value() > 0) {
                    all.add(new CostOverview.Spend(window.label(), currency, sum.value()));
                }
            });
        }
        return all;
    }

    private record Key(String workspace, String experiment, String currency) implements Comparable<Key> {
        private static final Comparator<Key> ORDER = Comparator.comparing(Key::experiment)
                .thenComparing(Key::currency)
                .thenComparing(Key::workspace);

        @Override
        public int compareTo(Key other) {
            return ORDER.compare(this, other);
        }
    }

    /** The experiments that cost most in a window. */
    static List<ExperimentSpend> dearest(Family costs, CostWindow window) {
        Map<Key, ExactSum> sums = new HashMap<>();
        for (Value value : of(costs, window)) {
            Key key = new Key(value.workspace(), label(value, "experiment"), label(value, "currency"));
            sums.computeIfAbsent(key, k -> new ExactSum()).add(value.value(), 1);
        }
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
