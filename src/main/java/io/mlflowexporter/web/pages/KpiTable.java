package io.mlflowexporter.web.pages;

import io.mlflowexporter.kpi.KpiOverview;
import io.mlflowexporter.kpi.KpiOverview.KpiValue;
import java.util.List;
import java.util.Locale;

/** The part of the status page that tells what is achieved. */
final class KpiTable {
    private static final int SHOWN = 100;
    private static final double LARGE = 1e6;

    private final Html page;
    private final KpiOverview kpis;

    KpiTable(Html page, KpiOverview kpis) {
        this.page = page;
        this.kpis = kpis;
    }

    void write() {
        values();
        if (!kpis.idle().isEmpty()) {
            page.raw("<details open><summary><h2>KPIs that no run tells</h2></summary><ul>");
            kpis.idle().forEach(line -> page.raw("<li>").text(line).raw("</li>"));
            page.raw("</ul></details>");
        }
    }

    private void values() {
        if (kpis.values().isEmpty()) {
            return;
        }
        page.raw("<details><summary><h2>KPIs</h2></summary>").table("KPI", "Where", "#Value", "Run");
        List<KpiValue> shown = kpis.values().stream().limit(SHOWN).toList();
        String before = "";
        for (KpiValue value : shown) {
            page.raw("<tr><td>").text(value.kpi() + ", " + value.selector());
            if (!value.kpi().equals(before)) {
                page.raw("<br><span class=\"soft\">").text(about(value)).raw("</span>");
            }
            before = value.kpi();
            page.raw("</td><td>").name(value.workspace(), value.experiment(), value.model());
            boolean missed = value.met().isPresent() && !value.met().get();
            page.raw("</td>").raw(missed ? "<td class=\"n lost\">" : "<td class=\"n\">");
            page.text((number(value.value()) + " " + value.unit()).strip());
            page.raw("</td><td>").text(value.run()).raw("</td></tr>");
        }
        page.raw("</tbody></table>");
        if (shown.size() < kpis.values().size()) {
            page.raw("<p class=\"soft\">The first ").number(SHOWN).raw(" of ");
            page.number(kpis.values().size()).raw(".</p>");
        }
        page.raw("</details>");
    }

    private static String about(KpiValue value) {
        return value.description().isEmpty() ? value.subject() : value.subject() + ": " + value.description();
    }

    private static String number(double value) {
        return Math.abs(value) >= LARGE
                ? String.format(Locale.ROOT, "%.4g", value)
                : String.format(Locale.ROOT, "%,.4f", value);
    }
}
