package io.mlflowexporter.web.pages;

import io.mlflowexporter.estimate.Estimate;
import io.mlflowexporter.estimate.EstimateTable;
import io.mlflowexporter.estimate.EstimateTables;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/** The page that asks and answers what something would take. A form that is sent as an address; no script. */
final class EstimatePage {
    private static final int LEAST_ROWS = 3;
    private static final int MOST_ROWS = 20;
    private static final String TOTAL = "Total";

    private final Html page = new Html();
    private final Map<String, List<String>> asked;
    private final List<String> resources;
    private final List<String> experiments;

    /**
     * Sets out to write.
     *
     * @param asked the parameters of the address
     * @param experiments some to choose from
     */
    EstimatePage(Map<String, List<String>> asked, List<String> resources, List<String> experiments) {
        this.asked = asked;
        this.resources = resources;
        this.experiments = experiments;
    }

    String write(Optional<Estimate> answer, List<String> problems) {
        PageLayout.ESTIMATE.begin(
                page, "What something would take, by the cost book and by what was.", OptionalInt.empty());
        if (!problems.isEmpty()) {
            page.raw("<section class=\"problem\"><h2>No answer</h2><ul class=\"plain\">");
            problems.forEach(problem -> page.raw("<li>").text(problem).raw("</li>"));
            page.raw("</ul></section>");
        }
        form();
        answer.ifPresent(this::answer);
        PageLayout.ESTIMATE.end(
                page,
                new Html()
                        .raw("<a href=")
                        .value(EstimateRoute.API + "?" + query())
                        .raw(">Answer as JSON</a>")
                        .toString(),
                "Estimates from lists and rules, not invoices.");
        return page.toString();
    }

    private String query() {
        StringBuilder query = new StringBuilder();
        asked.forEach((name, values) -> values.forEach(value -> query.append(query.isEmpty() ? "" : "&")
                .append(encoded(name))
                .append('=')
                .append(encoded(value))));
        return query.toString();
    }

    private static String encoded(String text) {
        return java.net.URLEncoder.encode(text, java.nio.charset.StandardCharsets.UTF_8);
    }

    private void answer(Estimate estimate) {
        List<EstimateTable> tables = EstimateTables.of(estimate);
        page.raw("<div id=\"answer\">");
        tables.stream().filter(table -> table.title().equals(TOTAL)).forEach(this::total);
        tables.stream().filter(table -> !table.title().equals(TOTAL)).forEach(this::table);
        if (!estimate.notes().isEmpty()) {
            page.raw("<section>");
            estimate.notes()
                    .forEach(note -> page.raw("<p class=\"soft\">").text(note).raw("</p>"));
            page.raw("</section>");
        }
        page.raw("</div>");
    }

    private void total(EstimateTable table) {
        page.raw("<section><h2 class=\"unseen\">Total</h2><dl class=\"tiles\">");
        for (List<String> row : table.rows()) {
            page.raw("<div><dt>")
                    .text(row.get(0))
                    .raw("</dt><dd>")
                    .text(row.get(1))
                    .raw("</dd></div>");
        }
        page.raw("</dl>");
        notes(table);
        page.raw("</section>");
    }

    private void table(EstimateTable table) {
        page.raw("<section><h2>").text(table.title()).raw("</h2>");
        if (!table.rows().isEmpty()) {
            page.table(
                    "cards",
                    IntStream.range(0, table.columns().size())
                            .mapToObj(i -> (numeric(table, i) ? "#" : "")
                                    + table.columns().get(i))
                            .toList());
            table.rows().forEach(row -> row(table, row));
            page.raw("</tbody></table>");
        }
        notes(table);
        page.raw("</section>");
    }

    private void row(EstimateTable table, List<String> row) {
        page.raw("<tr>");
        for (int i = 0; i < row.size(); i++) {
            page.raw(numeric(table, i) ? "<td class=\"n\" data-of=" : "<td data-of=")
                    .value(table.columns().get(i))
                    .raw(">");
            if (!row.get(i).isEmpty()) {
                page.text(row.get(i));
            }
            page.raw("</td>");
        }
        page.raw("</tr>");
    }

    private static boolean numeric(EstimateTable table, int column) {
        return column > 0 && column <= table.numeric();
    }

    private void notes(EstimateTable table) {
        table.notes()
                .forEach(note -> page.raw("<p class=\"soft small\">").text(note).raw("</p>"));
    }

    private void form() {
        page.raw(
                "<form method=\"get\" action=\"/estimate#answer\"><div class=\"pair\"><section><h2>What it would use</h2>");
        if (resources.isEmpty()) {
            page.raw(
                    "<p class=\"soft\">There are no prices, as no cost book is configured. Set <code>cost.file</code>.</p>");
        } else {
            uses();
        }
        page.raw("</section><section><h2>What was before</h2><div class=\"fields wide\">");
        input("experiment", "Experiment", "list=\"experiments\" maxlength=\"512\"", "its next run, by its history");
        page.raw("<datalist id=\"experiments\">");
        experiments.forEach(name -> page.raw("<option value=").value(name).raw(">"));
        page.raw("</datalist>");
        input("phase", "Phase", "maxlength=\"512\"", "empty: each of them");
        input("model", "Registered model", "maxlength=\"512\"", "empty: those of the experiment");
        input("workspace", "Workspace", "maxlength=\"512\"", "where MLflow has them");
        page.raw("</div></section></div><section><h2>How often, and when</h2><div class=\"fields wide\">");
        input("runs", "Runs", "inputmode=\"numeric\" pattern=\"[0-9]+\"", "one after another; empty: 1");
        input("at", "Prices as of", "placeholder=\"2026-01-31\" maxlength=\"40\"", "empty: now");
        input("overhead_days", "Days of overheads", "inputmode=\"decimal\"", "empty: as long as the runs take");
        input("overhead_share", "Share of overheads", "inputmode=\"decimal\"", "0 to 1; empty: all");
        page.raw("</div><p><button type=\"submit\">Compute</button></p></section></form>");
    }

    private void uses() {
        int rows =
                Math.max(LEAST_ROWS, asked.getOrDefault("resource", List.of()).size());
        page.raw("<div class=\"uses\"><span class=\"soft\">Resource</span><span class=\"soft\">Count</span>")
                .raw("<span class=\"soft\">Hours</span>");
        for (int i = 0; i < Math.min(rows, MOST_ROWS); i++) {
            String number = " " + (i + 1);
            String chosen = given("resource", i);
            page.raw("<select name=\"resource\" aria-label=\"Resource" + number + "\"><option value=\"\">–</option>");
            if (!chosen.isEmpty() && !resources.contains(chosen)) {
                option(chosen, chosen);
            }
            resources.forEach(resource -> option(resource, chosen));
            page.raw("</select>");
            numberOf("count", "Count" + number, i, "1");
            numberOf("hours", "Hours" + number, i, "");
        }
        page.raw("</div>");
    }

    private void option(String resource, String chosen) {
        page.raw("<option value=").value(resource).raw(resource.equals(chosen) ? " selected>" : ">");
        page.plain(resource).raw("</option>");
    }

    private void numberOf(String name, String label, int row, String placeholder) {
        page.raw("<input name=\"" + name + "\" aria-label=\"" + label
                        + "\" inputmode=\"decimal\" size=\"5\" placeholder=\"" + placeholder + "\" value=")
                .value(given(name, row))
                .raw(">");
    }

    private void input(String name, String label, String attributes, String hint) {
        page.raw("<label>" + label + "<input name=\"" + name + "\" " + attributes + " value=")
                .value(given(name, 0))
                .raw("><span class=\"soft small\">" + hint + "</span></label>");
    }

    private String given(String name, int index) {
        List<String> values = asked.getOrDefault(name, List.of());
        return index < values.size() ? values.get(index) : "";
    }
}
