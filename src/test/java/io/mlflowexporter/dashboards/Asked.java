package io.mlflowexporter.dashboards;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What Grafana puts in for variables.
 *
 * @param values by the variables' names
 */
public record Asked(Map<String, String> values) {
    private static final Pattern VARIABLE = Pattern.compile("\\$([a-z_]+)");

    /** All that there is, and the usual times. */
    static final Asked DEFAULTS = all("EUR", "5m", "30d", 2_592_000, 60_000);

    /** Everything is chosen; steps and ranges as given. */
    public static Asked all(
            String currency, String rateInterval, String range, long rangeSeconds, long intervalMillis) {
        return new Asked(Map.ofEntries(
                Map.entry("job", ".+"),
                Map.entry("instance", ".+"),
                Map.entry("workspace", ".*"),
                Map.entry("experiment", ".+"),
                Map.entry("phase", ".+"),
                Map.entry("model", ".+"),
                Map.entry("alias", ".+"),
                Map.entry("kpi", ".+"),
                Map.entry("window", "30d"),
                Map.entry("currency", currency),
                Map.entry("__rate_interval", rateInterval),
                Map.entry("__range", range),
                Map.entry("__range_s", Long.toString(rangeSeconds)),
                Map.entry("__interval_ms", Long.toString(intervalMillis))));
    }

    /** The expression that Prometheus gets; fails on a variable that has no value. */
    public String of(String expression) {
        return VARIABLE.matcher(expression).replaceAll(variable -> {
            String value = values.get(variable.group(1));
            if (value == null) {
                throw new IllegalArgumentException("no value for $" + variable.group(1) + " in " + expression);
            }
            return Matcher.quoteReplacement(value);
        });
    }
}
