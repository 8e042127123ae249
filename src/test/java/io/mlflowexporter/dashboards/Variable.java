package io.mlflowexporter.dashboards;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** What a dashboard's head lets people choose. */
final class Variable {
    private static final String ALL = "$__all";

    static final Variable DATASOURCE = datasource();
    static final Variable JOB = many("job", "Job", "mlflow_up", ".+");
    static final Variable INSTANCE = many("instance", "Instance", "mlflow_up{job=~\"$job\"}", ".+");
    /** Absent where the server has no workspaces: all of them is then no value at all. */
    static final Variable WORKSPACE = many("workspace", "Workspace", "mlflow_runs_started_total{<target>}", ".*");

    static final Variable EXPERIMENT = many("experiment", "Experiment", "mlflow_runs_started_total{<workspace>}", ".+");
    static final Variable PHASE = many("phase", "Phase", "mlflow_runs_started_total{<experiment>}", ".+");
    static final Variable MODEL = many("model", "Model", "mlflow_model_versions{<workspace>}", ".+");
    static final Variable ALIAS = many("alias", "Alias", "mlflow_model_alias_info{<model>}", ".+");
    static final Variable KPI = many("kpi", "KPI", "mlflow_kpi{<experiment>}", ".+");
    static final Variable CURRENCY = one("currency", "Currency", "mlflow_compute_cost{<target>}");
    static final Variable WINDOW = window();
    static final Variable MLFLOW_URL = mlflowUrl();

    private final ObjectNode json;

    private Variable(ObjectNode json) {
        this.json = json;
    }

    private static ObjectNode start(String name, String label, String type) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        return node.put("hide", 0)
                .put("label", label)
                .put("name", name)
                .put("skipUrlSync", false)
                .put("type", type);
    }

    private static Variable datasource() {
        ObjectNode node = start("datasource", "Data source", "datasource");
        node.putObject("current");
        node.put("includeAll", false).put("multi", false).putArray("options");
        return new Variable(node.put("query", "prometheus").put("refresh", 1).put("regex", ""));
    }

    private static ObjectNode labels(String name, String label, String series) {
        ObjectNode node = start(name, label, "query");
        String query = Promql.expand("label_values(" + series + ", " + name + ")");
        node.set("datasource", Board.datasource());
        node.put("definition", query).putArray("options");
        node.putObject("query")
                .put("qryType", 1)
                .put("query", query)
                .put("refId", "PrometheusVariableQueryEditor-VariableQuery");
        return node.put("refresh", 2).put("regex", "").put("sort", 1);
    }

    private static Variable many(String name, String label, String series, String all) {
        ObjectNode node = labels(name, label, series);
        node.put("allValue", all).put("includeAll", true).put("multi", true);
        ObjectNode current = node.putObject("current").put("selected", true);
        current.putArray("text").add("All");
        current.putArray("value").add(ALL);
        return new Variable(node);
    }

    private static Variable one(String name, String label, String series) {
        ObjectNode node = labels(name, label, series);
        node.put("includeAll", false).put("multi", false).putObject("current");
        return new Variable(node);
    }

    private static Variable window() {
        String[][] windows = {
            {"24 hours", "1d"}, {"7 days", "7d"}, {"30 days", "30d"}, {"this month", "month"},
        };
        String chosen = "30d";
        ObjectNode node = start("window", "Window", "custom");
        StringBuilder query = new StringBuilder();
        ArrayNode options = node.putArray("options");
        for (String[] window : windows) {
            query.append(query.isEmpty() ? "" : ", ")
                    .append(window[0])
                    .append(" : ")
                    .append(window[1]);
            options.addObject()
                    .put("selected", window[1].equals(chosen))
                    .put("text", window[0])
                    .put("value", window[1]);
        }
        node.putObject("current").put("selected", true).put("text", "30 days").put("value", chosen);
        return new Variable(node.put("includeAll", false).put("multi", false).put("query", query.toString()));
    }

    private static Variable mlflowUrl() {
        String url = "http://localhost:5000";
        ObjectNode node = start("mlflow_url", "MLflow address", "textbox");
        node.putObject("current").put("selected", true).put("text", url).put("value", url);
        node.putArray("options")
                .addObject()
                .put("selected", true)
                .put("text", url)
                .put("value", url);
        return new Variable(node.put("query", url));
    }

    String name() {
        return json.path("name").asText();
    }

    /** The series whose label of this name are its values; empty where it asks for none. */
    String series() {
        return json.path("definition").asText().replaceFirst("^label_values\\((.*), [a-z_]+\\)$", "$1");
    }

    ObjectNode json() {
        return json;
    }
}
