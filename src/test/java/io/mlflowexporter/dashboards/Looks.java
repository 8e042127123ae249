package io.mlflowexporter.dashboards;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.UncheckedIOException;

/** The options of each kind of panel: how Grafana draws it. */
final class Looks {
    private static final ObjectMapper JSON = new ObjectMapper();

    private static final String LAST = """
            {"calcs": ["lastNotNull"], "fields": "", "values": false}""";

    private Looks() {}

    static JsonNode options(Kind kind) {
        return read(
                switch (kind) {
                    case STAT -> """
                            {"colorMode": "value", "graphMode": "none", "justifyMode": "auto", "orientation": "auto",
                             "percentChangeColorMode": "standard", "reduceOptions": %s, "showPercentChange": false,
                             "textMode": "auto", "wideLayout": true}""".formatted(LAST);
                    case GAUGE -> """
                            {"minVizHeight": 75, "minVizWidth": 75, "orientation": "auto", "reduceOptions": %s,
                             "showThresholdLabels": false, "showThresholdMarkers": true, "sizing": "auto"}""".formatted(LAST);
                    case BARS -> """
                            {"displayMode": "basic", "maxVizHeight": 32, "minVizHeight": 14, "minVizWidth": 8,
                             "namePlacement": "auto", "orientation": "horizontal", "reduceOptions": %s,
                             "showUnfilled": true, "sizing": "auto", "valueMode": "text"}""".formatted(LAST);
                    case PIE -> """
                            {"displayLabels": [], "legend": {"displayMode": "table", "placement": "right",
                             "showLegend": true, "values": ["value", "percent"]}, "pieType": "donut", "reduceOptions": %s,
                             "tooltip": {"mode": "single", "sort": "none"}}""".formatted(LAST);
                    case LINES, STACK, COLUMNS, DOTS -> """
                            {"legend": {"calcs": [], "displayMode": "list", "placement": "bottom", "showLegend": true},
                             "tooltip": {"maxHeight": 400, "mode": "%s", "sort": "desc"}}""".formatted(kind == Kind.DOTS ? "single" : "multi");
                    case HEAT -> """
                            {"calculate": false, "cellGap": 1,
                             "color": {"exponent": 0.5, "fill": "dark-orange", "mode": "scheme", "reverse": false,
                              "scale": "exponential", "scheme": "Oranges", "steps": 32},
                             "exemplars": {"color": "rgba(87, 148, 242, 0.9)"}, "filterValues": {"le": 1e-9},
                             "legend": {"show": true}, "rowsFrame": {"layout": "auto"},
                             "tooltip": {"mode": "single", "showColorScale": false, "yHistogram": false},
                             "yAxis": {"axisPlacement": "left", "reverse": false, "unit": "s"}}""";
                    case TABLE -> """
                            {"cellHeight": "sm", "footer": {"countRows": false, "fields": "", "reducer": ["sum"],
                             "show": false}, "showHeader": true}""";
                });
    }

    /** What stands beside unit and thresholds in the defaults of its fields. */
    static JsonNode custom(Kind kind) {
        String lines = """
                {"axisBorderShow": false, "axisCenteredZero": false, "axisLabel": "", "axisPlacement": "auto",
                 "drawStyle": "%s", "fillOpacity": %d, "gradientMode": "none",
                 "hideFrom": {"legend": false, "tooltip": false, "viz": false}, "lineInterpolation": "%s",
                 "lineWidth": 1, "pointSize": %d, "scaleDistribution": {"type": "linear"}, "showPoints": "%s",
                 "spanNulls": false, "stacking": {"group": "A", "mode": "%s"},
                 "thresholdsStyle": {"mode": "off"}}""";
        return read(
                switch (kind) {
                    case LINES -> lines.formatted("line", 8, "linear", 4, "auto", "none");
                    case STACK -> lines.formatted("line", 60, "stepAfter", 4, "never", "normal");
                    case COLUMNS -> lines.formatted("bars", 80, "linear", 4, "never", "normal");
                    case DOTS -> lines.formatted("points", 0, "linear", 7, "always", "none");
                    case HEAT -> """
                            {"hideFrom": {"legend": false, "tooltip": false, "viz": false},
                             "scaleDistribution": {"type": "linear"}}""";
                    case PIE -> """
                            {"hideFrom": {"legend": false, "tooltip": false, "viz": false}}""";
                    case TABLE -> """
                            {"align": "auto", "cellOptions": {"type": "auto"}, "filterable": true, "inspect": false}""";
                    case STAT, GAUGE, BARS -> "{}";
                });
    }

    static JsonNode read(String json) {
        try {
            return JSON.readTree(json);
        } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }
}
