package io.mlflowexporter.dashboards;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The rules of Grafana's dashboard linter, by its names for them, written anew; target-promql-rule is promtool's part, see
 * {@link DashboardExpressionsIT}. Its rule against editable dashboards is left out: whoever imports one by hand may
 * edit it, and one that is provisioned cannot be edited anyway.
 */
final class Lint {
    private static final String DATASOURCE = "${datasource}";
    private static final Pattern LABEL_VALUES = Pattern.compile("label_values\\([a-z_]+(\\{[^}]*})?, [a-z_]+\\)");
    private static final Pattern NAME = Pattern.compile("\\b(?:mlflow|jvm|process)_\\w+\\b(?!\\{)");
    private static final Set<String> RATES = Set.of("rate", "irate", "increase");

    private final List<Violation> violations = new ArrayList<>();

    /** What is wrong where; the place is a panel's or a variable's title, or empty for the dashboard. */
    record Violation(String rule, String place, String what) {}

    private Lint() {}

    static List<Violation> of(JsonNode board) {
        Lint lint = new Lint();
        lint.templates(board.at("/templating/list"));
        board.path("panels").forEach(lint::panel);
        return lint.violations;
    }

    private void check(boolean good, String rule, String place, String what) {
        if (!good) {
            violations.add(new Violation(rule, place, what));
        }
    }

    private void templates(JsonNode variables) {
        JsonNode datasource = named(variables, "datasource");
        check(
                datasource.path("type").asText().equals("datasource")
                        && datasource.path("query").asText().equals("prometheus")
                        && datasource.path("label").asText().equals("Data source"),
                "template-datasource-rule",
                "datasource",
                "there must be a variable for a data source of Prometheus");
        target(named(variables, "job"), "template-job-rule", "Job");
        target(named(variables, "instance"), "template-instance-rule", "Instance");
        for (JsonNode variable : variables) {
            if (variable.path("type").asText().equals("query")) {
                String name = variable.path("name").asText();
                String query = variable.at("/query/query").asText();
                check(
                        LABEL_VALUES.matcher(query).matches()
                                && query.equals(variable.path("definition").asText()),
                        "template-label-promql-rule",
                        name,
                        query);
                check(
                        variable.path("refresh").asInt() == 2,
                        "template-on-time-change-reload-rule",
                        name,
                        "must be asked again when the time changes");
                check(isTemplated(variable), "template-datasource-rule", name, "fixed data source");
            }
        }
    }

    private static JsonNode named(JsonNode variables, String name) {
        for (JsonNode variable : variables) {
            if (variable.path("name").asText().equals(name)) {
                return variable;
            }
        }
        return com.fasterxml.jackson.databind.node.MissingNode.getInstance();
    }

    private void target(JsonNode variable, String rule, String label) {
        check(
                variable.path("type").asText().equals("query")
                        && variable.path("label").asText().equals(label)
                        && variable.path("multi").asBoolean()
                        && variable.path("includeAll").asBoolean()
                        && variable.path("allValue").asText().equals(".+"),
                rule,
                label,
                "must be a query for several values, all of them .+");
    }

    private static boolean isTemplated(JsonNode node) {
        return node.at("/datasource/uid").asText().equals(DATASOURCE)
                && node.at("/datasource/type").asText().equals("prometheus");
    }

    private void panel(JsonNode panel) {
        if (panel.path("type").asText().equals("row")) {
            return;
        }
        String title = panel.path("title").asText();
        check(
                !title.isBlank() && !panel.path("description").asText().isBlank(),
                "panel-title-description-rule",
                title,
                "a panel needs a title and a description");
        check(isTemplated(panel), "panel-datasource-rule", title, "fixed data source");
        check(!panel.path("targets").isEmpty(), "panel-no-targets-rule", title, "asks for nothing");
        unit(title, panel.at("/fieldConfig/defaults/unit").asText());
        for (JsonNode override : panel.at("/fieldConfig/overrides")) {
            for (JsonNode property : override.path("properties")) {
                if (property.path("id").asText().equals("unit")) {
                    unit(title, property.path("value").asText());
                }
            }
        }
        for (JsonNode target : panel.path("targets")) {
            check(isTemplated(target), "panel-datasource-rule", title, "fixed data source of a target");
            expression(title, target.path("expr").asText());
        }
    }

    private void unit(String title, String unit) {
        boolean known = false;
        for (Unit one : Unit.values()) {
            known |= one.id().equals(unit);
        }
        check(known, "panel-units-rule", title, "unknown unit: " + unit);
    }

    private void expression(String title, String expression) {
        check(
                !NAME.matcher(expression).find() && !Selector.of(expression).isEmpty(),
                "target-job-rule",
                title,
                "selects without matchers: " + expression);
        for (Selector selector : Selector.of(expression)) {
            check(
                    "=~\"$job\"".equals(selector.matchers().get("job")),
                    "target-job-rule",
                    title,
                    selector.metric() + " is not of $job");
            check(
                    "=~\"$instance\"".equals(selector.matchers().get("instance")),
                    "target-instance-rule",
                    title,
                    selector.metric() + " is not of $instance");
            String inner =
                    selector.functions().isEmpty() ? "" : selector.functions().get(0);
            check(
                    !Set.of("rate", "irate").contains(inner) || selector.range().equals("$__rate_interval"),
                    "target-rate-interval-rule",
                    title,
                    selector.metric() + " has a rate over " + selector.range());
            check(
                    !selector.metric().matches(".*_(total|bucket|count|sum)") || RATES.contains(inner),
                    "target-counter-agg-rule",
                    title,
                    selector.metric() + " is a counter");
            check(
                    !selector.metric().endsWith("_bucket")
                            || selector.functions().contains("histogram_quantile"),
                    "target-histogram-rule",
                    title,
                    selector.metric() + " is not in a histogram_quantile");
        }
    }
}
