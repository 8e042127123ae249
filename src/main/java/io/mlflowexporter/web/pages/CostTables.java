package io.mlflowexporter.web.pages;

import io.mlflowexporter.cost.budget.CostOverview;
import io.mlflowexporter.cost.budget.CostOverview.BudgetState;
import io.mlflowexporter.cost.budget.CostOverview.ExperimentSpend;
import io.mlflowexporter.cost.budget.CostOverview.Spend;
import io.mlflowexporter.cost.budget.CostOverview.Unpriced;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** The part of the status page that tells of money. */
final class CostTables {
    private static final Map<String, String> WINDOWS = new LinkedHashMap<>();

    static {
        WINDOWS.put("1d", "last 24 hours");
        WINDOWS.put("7d", "last 7 days");
        WINDOWS.put("30d", "last 30 days");
        WINDOWS.put("month", "this month");
    }

    private static final double PERCENT = 100;

    private final Html page;
    private final CostOverview costs;

    CostTables(Html page, CostOverview costs) {
        this.page = page;
        this.costs = costs;
    }

    void write() {
        page.raw("<div class=\"pair\">");
        spend();
        budgets();
        page.raw("</div><div class=\"pair\">");
        experiments();
        unpriced();
        page.raw("</div>");
        idle();
    }

    private static String money(double amount) {
        return String.format(Locale.ROOT, "%,.2f", amount);
    }

    private static String percent(double ratio) {
        return String.format(Locale.ROOT, "%,.0f %%", ratio * PERCENT);
    }

    private void spend() {
        Map<String, Map<String, Double>> byCurrency = new TreeMap<>();
        for (Spend spend : costs.spend()) {
            byCurrency.computeIfAbsent(spend.currency(), c -> new TreeMap<>()).put(spend.window(), spend.amount());
        }
        page.raw("<section><h2>What runs cost</h2>");
        if (byCurrency.isEmpty()) {
            page.raw("<p class=\"soft\">Nothing in the last 30 days.</p></section>");
            return;
        }
        List<String> columns = new ArrayList<>(List.of("Window"));
        byCurrency.keySet().forEach(currency -> columns.add("#" + currency));
        page.table("", columns);
        WINDOWS.forEach((window, words) -> {
            page.raw("<tr><td>").text(words).raw("</td>");
            byCurrency
                    .values()
                    .forEach(amounts -> page.raw("<td class=\"n\">")
                            .text(money(amounts.getOrDefault(window, 0.0)))
                            .raw("</td>"));
            page.raw("</tr>");
        });
        page.raw("</tbody></table></section>");
    }

    private void budgets() {
        if (costs.budgets().isEmpty()) {
            return;
        }
        page.raw("<section><h2>Budgets</h2>").table("Budget", "#Amount", "#Spent", "#Forecast");
        for (BudgetState budget : costs.budgets()) {
            page.raw("<tr><td><span class=\"name\">").text(budget.budget()).raw("</span></td><td class=\"n\">");
            page.text(money(budget.amount()) + " " + budget.currency()).raw("</td>");
            ratio(budget.spentRatio());
            ratio(budget.forecastRatio());
            page.raw("</tr>");
        }
        page.raw("</tbody></table></section>");
    }

    private void ratio(double ratio) {
        page.raw(ratio > 1 ? "<td class=\"n lost\">" : "<td class=\"n\">")
                .text(percent(ratio))
                .raw("</td>");
    }

    private void experiments() {
        if (costs.experiments().isEmpty()) {
            return;
        }
        page.raw("<section><h2>Dearest experiments, last 30 days</h2>").table("Experiment", "#Cost");
        for (ExperimentSpend spend : costs.experiments()) {
            page.raw("<tr><td>");
            page.name(spend.workspace(), spend.experiment());
            page.raw("</td><td class=\"n\">")
                    .text(money(spend.amount()) + " " + spend.currency())
                    .raw("</td></tr>");
        }
        page.raw("</tbody></table></section>");
    }

    private void unpriced() {
        page.raw("<section><h2>Without a price: ")
                .text(percent(costs.unpricedRatio()))
                .raw(" of the last 30 days’ busy time</h2>");
        if (costs.unpriced().isEmpty()) {
            page.raw("<p class=\"soft\">Every run is priced.</p></section>");
            return;
        }
        page.table("Experiment, phase and what would catch it", "#Hours");
        for (Unpriced unpriced : costs.unpriced()) {
            page.raw("<tr><td>");
            page.name(unpriced.workspace(), unpriced.experiment());
            page.raw("phase ")
                    .text(unpriced.phase())
                    .raw("<br><span class=\"soft\">")
                    .text(unpriced.why());
            page.raw("</span></td><td class=\"n\">").number(unpriced.hours()).raw("</td></tr>");
        }
        page.raw("</tbody></table></section>");
    }

    private void idle() {
        if (costs.idle().isEmpty()) {
            return;
        }
        page.raw("<details><summary><h2>In the cost book, but matching no run</h2></summary><ul>");
        costs.idle().forEach(line -> page.raw("<li>").text(line).raw("</li>"));
        page.raw("</ul></details>");
    }
}
