package io.mlflowexporter.dashboards;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** A dashboard: panels from left to right, row by row. */
final class Board {
    /** What the dashboards find each other by. */
    static final String TAG = "mlflow-exporter";

    private static final int COLUMNS = 24;
    /** Grafana 11.0; later ones raise it as they load it. */
    private static final int SCHEMA_VERSION = 39;

    private final String file;
    private final String title;
    private final String description;
    private final String from;
    private final List<Variable> variables = new ArrayList<>();
    private final List<Panel> panels = new ArrayList<>();
    private final List<Query> annotationQueries = new ArrayList<>();
    private final ArrayNode annotations = JsonNodeFactory.instance.arrayNode();
    private final ArrayNode laidOut = JsonNodeFactory.instance.arrayNode();
    private int x;
    private int y;
    private int lineHeight;

    /**
     * An empty dashboard.
     *
     * @param file the file's name without its ending, also the dashboard's uid
     * @param from where the time shown begins, such as {@code now-7d}
     */
    Board(String file, String title, String description, String from) {
        this.file = file;
        this.title = title;
        this.description = description.strip();
        this.from = from;
        ObjectNode builtIn = annotations.addObject().put("builtIn", 1);
        builtIn.putObject("datasource").put("type", "grafana").put("uid", "-- Grafana --");
        builtIn.put("enable", true).put("hide", true).put("iconColor", "rgba(0, 211, 255, 1)");
        builtIn.put("name", "Annotations & Alerts").put("type", "dashboard");
    }

    /** No data source is fixed: the one that the variable names. */
    static ObjectNode datasource() {
        return JsonNodeFactory.instance.objectNode().put("type", "prometheus").put("uid", "${datasource}");
    }

    Board variables(Variable... more) {
        variables.addAll(List.of(more));
        return this;
    }

    /** A headline over the panels that follow. */
    Board row(String headline) {
        newLine();
        ObjectNode row = laidOut.addObject().put("collapsed", false);
        row.putObject("gridPos").put("h", 1).put("w", COLUMNS).put("x", 0).put("y", y);
        row.put("id", laidOut.size()).putArray("panels");
        row.put("title", headline).put("type", "row");
        y++;
        return this;
    }

    /** To the right of the last, or below where it does not fit. */
    Board panel(Panel panel) {
        if (x + panel.width() > COLUMNS) {
            newLine();
        }
        if (x > 0 && panel.height() != lineHeight) {
            throw new IllegalArgumentException(title + ": not as high as its neighbours: " + panel.title());
        }
        panels.add(panel);
        laidOut.add(panel.json(laidOut.size() + 1, x, y));
        lineHeight = panel.height();
        x += panel.width();
        return this;
    }

    private void newLine() {
        y += lineHeight;
        x = 0;
        lineHeight = 0;
    }

    /** A mark at every time that the expression tells, in milliseconds. */
    Board marks(String name, String expression, String text, String emptyBecause) {
        String full = Promql.expand(expression);
        ObjectNode marks = annotations.addObject();
        marks.set("datasource", datasource());
        marks.put("enable", true).put("expr", full).put("hide", false).put("iconColor", "blue");
        marks.put("name", name)
                .put("titleFormat", text)
                .put("useValueForTime", "on")
                .put("step", "60s");
        annotationQueries.add(new Query(file, name, full, false, emptyBecause));
        return this;
    }

    String file() {
        return file;
    }

    List<Variable> variables() {
        return variables;
    }

    List<Panel> panels() {
        return panels;
    }

    /** All that is asked of Prometheus for it: for its panels and its marks. */
    List<Query> queries() {
        return Stream.concat(panels.stream().flatMap(panel -> panel.queries().stream()), annotationQueries.stream())
                .map(query -> new Query(file, query.panel(), query.expression(), query.instant(), query.emptyBecause()))
                .toList();
    }

    ObjectNode json() {
        ObjectNode board = JsonNodeFactory.instance.objectNode();
        board.putObject("annotations").set("list", annotations);
        board.put("description", description).put("editable", true).put("fiscalYearStartMonth", 0);
        board.put("graphTooltip", 1).putNull("id");
        ArrayNode links = board.putArray("links");
        ObjectNode others = links.addObject().put("asDropdown", true).put("icon", "external link");
        others.put("includeVars", true).put("keepTime", true).putArray("tags").add(TAG);
        others.put("targetBlank", false).put("title", "MLflow dashboards").put("tooltip", "");
        others.put("type", "dashboards").put("url", "");
        ObjectNode mlflow = links.addObject().put("asDropdown", false).put("icon", "external link");
        mlflow.put("includeVars", false).put("keepTime", false).putArray("tags");
        mlflow.put("targetBlank", true).put("title", "MLflow").put("tooltip", "What the variable mlflow_url names");
        mlflow.put("type", "link").put("url", "${mlflow_url:raw}");
        board.set("panels", laidOut);
        board.put("preload", false).put("refresh", "1m").put("schemaVersion", SCHEMA_VERSION);
        board.putArray("tags").add(TAG).add("mlflow");
        ArrayNode list = board.putObject("templating").putArray("list");
        variables.forEach(variable -> list.add(variable.json()));
        board.putObject("time").put("from", from).put("to", "now");
        board.putObject("timepicker");
        board.put("timezone", "browser").put("title", title).put("uid", file).put("version", 1);
        return board.put("weekStart", "");
    }
}
