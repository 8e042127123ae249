package io.mlflowexporter.web.pages;

import io.mlflowexporter.llm.LlmOverview;
import io.mlflowexporter.llm.LlmOverview.Row;
import io.mlflowexporter.llm.LlmOverview.Spend;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The part of the status page about LLM traces: what they cost, and the experiments with most of them. */
final class LlmTable {
    private static final double PERCENT = 100;

    private final Html page;
    private final LlmOverview llm;

    LlmTable(Html page, LlmOverview llm) {
        this.page = page;
        this.llm = llm;
    }

    void write() {
        if (llm.experiments().isEmpty() && llm.spend().isEmpty()) {
            return;
        }
        page.raw("<section><h2>LLM traces</h2>");
        for (Spend spend : llm.spend()) {
            page.raw("<p class=\"soft\">").text(spend.window() + ": " + money(spend.amount(), spend.currency()));
            page.raw("</p>");
        }
        page.table("Experiment, last 24 hours", "#Traces", "#Tokens", "#Cost");
        for (Row row : llm.experiments()) {
            page.raw("<tr><td>").name(row.workspace(), row.experiment()).raw("<span class=\"soft\">");
            page.text(String.format(Locale.ROOT, "%.1f %% errors", PERCENT * row.errors() / row.traces()));
            page.text(row.fromSums() ? ", by hourly sums" : "").raw("</span></td><td class=\"n\">");
            page.number(row.traces()).raw("</td><td class=\"n\">").number(Math.round(row.tokens()));
            page.raw("</td><td class=\"n\">").text(costs(row.cost())).raw("</td></tr>");
        }
        page.raw("</tbody></table></section>");
    }

    private static String costs(Map<String, Double> costs) {
        return new TreeMap<>(costs)
                .entrySet().stream()
                        .map(cost -> money(cost.getValue(), cost.getKey()))
                        .collect(Collectors.joining(", "));
    }

    private static String money(double amount, String currency) {
        return String.format(Locale.ROOT, "%,.2f %s", amount, currency);
    }
}
