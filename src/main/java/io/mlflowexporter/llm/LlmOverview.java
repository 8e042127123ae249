package io.mlflowexporter.llm;

import io.mlflowexporter.llm.sums.Measure;
import io.mlflowexporter.llm.sums.TraceTotals;
import io.mlflowexporter.llm.sums.TraceTotals.Owner;
import io.mlflowexporter.llm.sync.TraceSync;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What people are shown of LLM traces: the status page and {@code /api/v1/status} read this.
 *
 * @param spend by window and currency
 * @param experiments those with most traces in the last 24 hours, in descending order
 */
public record LlmOverview(List<Spend> spend, List<Row> experiments) {
    private static final int SHOWN = 10;

    /** What traces cost in a window. */
    public record Spend(String window, String currency, double amount) {}

    /**
     * One experiment, in the last 24 hours.
     *
     * @param tokens of all types, cached ones left out
     * @param cost by currency
     * @param fromSums whether it is read from the server's hourly sums
     */
    public record Row(
            String workspace,
            String experiment,
            long traces,
            long errors,
            double tokens,
            Map<String, Double> cost,
            boolean fromSums) {}

    private static final class Sum {
        private double traces;
        private double errors;
        private double tokens;
        private final Map<String, Double> cost = new TreeMap<>();
    }

    static LlmOverview of(TraceTotals sums, TraceSync sync, List<LlmWindow> windows) {
        Map<Owner, Sum> rows = new HashMap<>();
        List<Map<String, Double>> spent = new ArrayList<>();
        windows.forEach(window -> spent.add(new TreeMap<>()));
        sums.windows(windows.stream().mapToInt(LlmWindow::fromHour).toArray(), (owner, index, measure, value) -> {
            if (measure.kind() == Measure.Kind.SPEND) {
                spent.get(index).merge(measure.labels().get(1), value, Double::sum);
            }
            if (windows.get(index).label().equals(LlmWindow.DAY)) {
                take(rows.computeIfAbsent(owner, key -> new Sum()), measure, value);
            }
        });
        List<Spend> spend = new ArrayList<>();
        for (int i = 0; i < windows.size(); i++) {
            String window = windows.get(i).label();
            spent.get(i).forEach((currency, amount) -> spend.add(new Spend(window, currency, amount)));
        }
        Set<String> aggregated = sync.aggregated();
        List<Row> biggest = rows.entrySet().stream()
                .map(entry -> row(entry.getKey(), entry.getValue(), aggregated))
                .filter(row -> row.traces() > 0)
                .sorted(Comparator.comparingLong(Row::traces)
                        .reversed()
                        .thenComparing(Row::workspace)
                        .thenComparing(Row::experiment))
                .limit(SHOWN)
                .toList();
        return new LlmOverview(spend, biggest);
    }

    private static void take(Sum sum, Measure measure, double value) {
        switch (measure.kind()) {
            case TRACES -> {
                sum.traces += value;
                sum.errors += measure.labels().get(0).equals("error") ? value : 0;
            }
            case TOKENS -> sum.tokens += measure.labels().get(0).startsWith("cache") ? 0 : value;
            case SPEND -> sum.cost.merge(measure.labels().get(1), value, Double::sum);
            default -> {
                // Not shown.
            }
        }
    }

    private static Row row(Owner owner, Sum sum, Set<String> aggregated) {
        return new Row(
                owner.workspace(),
                owner.name(),
                Math.round(sum.traces),
                Math.round(sum.errors),
                sum.tokens,
                sum.cost,
                aggregated.contains(owner.id()));
    }
}
