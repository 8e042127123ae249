package io.mlflowexporter.dashboards;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A panel, put together step by step. */
final class Panel {
    /** What a link into MLflow begins with. */
    static final String MLFLOW = "${mlflow_url:raw}/#";

    private static final List<String> REF_IDS = List.of("A", "B", "C", "D", "E", "F", "G", "H", "I");

    private final Kind kind;
    private final String title;
    private final String help;
    private final int width;
    private final int height;
    private final List<ObjectNode> targets = new ArrayList<>();
    private final List<Query> queries = new ArrayList<>();
    private final ObjectNode defaults = JsonNodeFactory.instance.objectNode();
    private final ArrayNode overrides = JsonNodeFactory.instance.arrayNode();
    private final ObjectNode options;
    private final List<Exempt> exemptions = new ArrayList<>();
    private final Columns columns = new Columns();
    private String emptyBecause = "";
    private String interval = "";
    private Optional<String> repeat = Optional.empty();

    /** A rule of the lint that this panel does not keep, and why. */
    record Exempt(String rule, String reason) {}

    private Panel(Kind kind, int width, int height, String title, String help) {
        this.kind = kind;
        this.title = title;
        this.help = help.strip();
        this.width = width;
        this.height = height;
        this.options = Looks.options(kind).deepCopy();
        defaults.putObject("color")
                .put("mode", kind == Kind.STAT || kind == Kind.BARS ? "thresholds" : "palette-classic");
        if (kind == Kind.GAUGE) {
            defaults.withObject("/color").put("mode", "thresholds");
        }
        defaults.set("custom", Looks.custom(kind));
        defaults.putArray("mappings");
        defaults.put("noValue", "–");
        steps().addObject().put("color", kind == Kind.BARS ? "blue" : "text").putNull("value");
    }

    /**
     * A panel.
     *
     * @param help how to read it and what to do
     */
    static Panel of(Kind kind, int width, int height, String title, String help) {
        return new Panel(kind, width, height, title, help);
    }

    private ArrayNode steps() {
        return defaults.withObject("/thresholds").put("mode", "absolute").withArray("steps");
    }

    Panel unit(Unit unit) {
        defaults.put("unit", unit.id());
        if (kind == Kind.HEAT) {
            options.withObject("/yAxis").put("unit", unit.id());
        }
        return this;
    }

    Panel decimals(int decimals) {
        defaults.put("decimals", decimals);
        return this;
    }

    Panel range(double min, double max) {
        defaults.put("min", min).put("max", max);
        return this;
    }

    Panel from(double min) {
        defaults.put("min", min);
        return this;
    }

    /** Good below the first bound, bad from the second on. */
    Panel badAbove(double orange, double red) {
        return threshold("green").step("orange", orange).step("red", red);
    }

    /** Bad below the first bound, good from the second on. */
    Panel badBelow(double red, double orange) {
        return threshold("red").step("orange", red).step("green", orange);
    }

    private Panel threshold(String base) {
        steps().removeAll();
        steps().addObject().put("color", base).putNull("value");
        return this;
    }

    /** Another colour from a value on. */
    Panel step(String color, double from) {
        steps().addObject().put("color", color).put("value", from);
        return this;
    }

    /** A name has the same colour wherever it is used. */
    Panel colorByName() {
        defaults.withObject("/color").put("mode", "palette-classic-by-name");
        return this;
    }

    /** Colours of what becomes of runs. */
    Panel colorByOutcome() {
        String[][] colors = {
            {"finished", "green"},
            {"failed", "red"},
            {"killed", "orange"},
            {"stale", "purple"},
            {"running", "blue"},
            {"scheduled", "light-blue"},
            {"unknown", "text"}
        };
        for (String[] color : colors) {
            ObjectNode value = property(color[0], "color").putObject("value");
            value.put("fixedColor", color[1]).put("mode", "fixed");
        }
        return this;
    }

    /** What of a field is other than the default. */
    private ObjectNode property(String field, String id) {
        ObjectNode override = null;
        for (var known : overrides) {
            if (known.at("/matcher/options").asText().equals(field)) {
                override = (ObjectNode) known;
            }
        }
        if (override == null) {
            override = overrides.addObject();
            override.putObject("matcher").put("id", "byName").put("options", field);
        }
        return override.withArray("properties").addObject().put("id", id);
    }

    /** A query for the kind's own: a range, or where the kind shows one point an instant. */
    Panel query(String expression, String legend) {
        String refId = REF_IDS.get(targets.size());
        boolean instant = kind.instant();
        String full = Promql.expand(expression);
        ObjectNode target = JsonNodeFactory.instance.objectNode();
        target.set("datasource", Board.datasource());
        target.put("editorMode", "code").put("expr", full);
        target.put("format", kind == Kind.TABLE ? "table" : kind == Kind.HEAT ? "heatmap" : "time_series");
        target.put("instant", instant).put("range", !instant);
        target.put("legendFormat", legend).put("refId", refId);
        targets.add(target);
        queries.add(new Query("", title, full, instant, emptyBecause));
        return this;
    }

    /** A column of a table that a query makes; its rows are joined by their labels. */
    Panel column(String name, Unit unit, String expression) {
        columns.value(name);
        query(expression, "");
        property(name, "unit").put("value", unit.id());
        return this;
    }

    /** A column of a table that a label makes. */
    Panel label(String label, String name) {
        columns.label(label, name);
        return this;
    }

    /** A label or value that the queries bring and the table does not show. */
    Panel without(String field) {
        columns.without(field);
        return this;
    }

    Panel columnWidth(String name, int pixels) {
        property(name, "custom.width").put("value", pixels);
        return this;
    }

    Panel columnDecimals(String name, int decimals) {
        property(name, "decimals").put("value", decimals);
        return this;
    }

    /** A column coloured by bounds: the first colour below all of them. */
    Panel columnColors(String name, String base, Object... colorsAndBounds) {
        ObjectNode value = property(name, "thresholds").putObject("value").put("mode", "absolute");
        ArrayNode steps = value.putArray("steps");
        steps.addObject().put("color", base).putNull("value");
        for (int i = 0; i < colorsAndBounds.length; i += 2) {
            steps.addObject()
                    .put("color", (String) colorsAndBounds[i])
                    .put("value", ((Number) colorsAndBounds[i + 1]).doubleValue());
        }
        property(name, "custom.cellOptions").putObject("value").put("type", "color-text");
        property(name, "color").putObject("value").put("mode", "thresholds");
        return this;
    }

    /** The column the rows are sorted by, the greatest first. */
    Panel sortedBy(String column) {
        options.putArray("sortBy").addObject().put("desc", true).put("displayName", column);
        return this;
    }

    /** A link from a column's cells, or from all values where the name is empty. */
    Panel link(String column, String linkTitle, String url) {
        ArrayNode links = column.isEmpty()
                ? defaults.withArray("links")
                : property(column, "links").putArray("value");
        links.addObject()
                .put("targetBlank", url.startsWith(MLFLOW))
                .put("title", linkTitle)
                .put("url", url);
        return this;
    }

    /** A value is shown as a text, in a colour. */
    Panel mapping(String value, String text, String color) {
        ArrayNode mappings = defaults.withArray("mappings");
        ObjectNode mapping =
                mappings.isEmpty() ? mappings.addObject().put("type", "value") : (ObjectNode) mappings.get(0);
        ObjectNode known = mapping.withObject("/options");
        int index = known.size();
        known.putObject(value).put("color", color).put("index", index).put("text", text);
        return this;
    }

    /** The dots that histograms keep of single runs are drawn too. */
    Panel exemplars() {
        targets.forEach(target -> target.put("exemplar", true));
        return this;
    }

    /** A step is at least this long. */
    Panel interval(String atLeast) {
        interval = atLeast;
        return this;
    }

    Panel legend(String placement) {
        options.withObject("/legend").put("placement", placement);
        if (placement.equals("right")) {
            options.withObject("/legend").put("displayMode", "table").put("width", 180);
        }
        return this;
    }

    Panel noLegend() {
        options.withObject("/legend").put("showLegend", false);
        return this;
    }

    Panel logScale() {
        ObjectNode scale = defaults.withObject("/custom").putObject("scaleDistribution");
        scale.put("log", 10).put("type", "log");
        return this;
    }

    /** The text of the series instead of its number. */
    Panel nameOnly() {
        options.put("textMode", "name");
        return this;
    }

    /** Once for each value of a variable, three beside each other. */
    Panel repeated(String variable) {
        repeat = Optional.of(variable);
        return this;
    }

    /** Why the queries that follow may find nothing in the demo. */
    Panel mayBeEmpty(String because) {
        emptyBecause = because;
        return this;
    }

    /** Why a rule of the lint is not for this panel. */
    Panel exempt(String rule, String reason) {
        exemptions.add(new Exempt(rule, reason));
        return this;
    }

    String title() {
        return title;
    }

    int width() {
        return width;
    }

    int height() {
        return height;
    }

    List<Query> queries() {
        return queries;
    }

    List<Exempt> exemptions() {
        return exemptions;
    }

    ObjectNode json(int id, int x, int y) {
        ObjectNode panel = JsonNodeFactory.instance.objectNode();
        panel.set("datasource", Board.datasource());
        panel.put("description", help);
        ObjectNode fields = panel.putObject("fieldConfig");
        fields.set("defaults", defaults);
        fields.set("overrides", overrides);
        panel.putObject("gridPos").put("h", height).put("w", width).put("x", x).put("y", y);
        panel.put("id", id);
        if (!interval.isEmpty()) {
            panel.put("interval", interval);
        }
        repeat.ifPresent(
                variable -> panel.put("maxPerRow", 3).put("repeat", variable).put("repeatDirection", "h"));
        panel.set("options", options);
        panel.putArray("targets").addAll(targets);
        panel.put("title", title);
        if (kind == Kind.TABLE) {
            panel.set("transformations", columns.transformations(targets.size()));
        }
        return panel.put("type", kind.type());
    }
}
