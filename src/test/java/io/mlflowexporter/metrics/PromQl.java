package io.mlflowexporter.metrics;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** What an expression names, by a look at its text; whether it can be parsed at all promtool says. */
final class PromQl {
    private static final Pattern STRING = Pattern.compile("\"(?:[^\"\\\\]|\\\\.)*\"");
    private static final Pattern RANGE = Pattern.compile("\\[[^]]*]");
    private static final Pattern SELECTED = Pattern.compile("([a-z_]+(?::[a-z0-9_]+)*:?[a-z0-9_]*)\\{([^}]*)}");
    private static final Pattern LABELS =
            Pattern.compile("\\b(?:by|without|on|ignoring|group_left|group_right)\\s*\\(([^)]*)\\)");
    private static final Pattern METRIC = Pattern.compile("\\b(?:mlflow_[a-z0-9_]+|[a-z_]+:[a-z0-9_:]+)\\b(?!\\s*=)");

    private PromQl() {}

    /** The metrics of ours, and what rules record. */
    static Set<String> metrics(String expression) {
        Set<String> found = new TreeSet<>();
        METRIC.matcher(bare(expression)).results().forEach(match -> found.add(match.group()));
        return found;
    }

    /** The labels a metric is selected by, anywhere in the expression. */
    static Set<String> selectedBy(String expression, String metric) {
        Set<String> found = new TreeSet<>();
        SELECTED.matcher(bare(expression))
                .results()
                .filter(match -> match.group(1).equals(metric))
                .forEach(match -> found.addAll(names(match.group(2).replaceAll("[!=~]+", ""))));
        return found;
    }

    /** The labels in {@code by}, {@code without}, {@code on}, {@code ignoring} and the like. */
    static Set<String> grouping(String expression) {
        Set<String> found = new TreeSet<>();
        LABELS.matcher(bare(expression)).results().forEach(match -> found.addAll(names(match.group(1))));
        return found;
    }

    private static List<String> names(String list) {
        return Arrays.stream(list.split(",", -1))
                .map(String::strip)
                .filter(name -> !name.isEmpty())
                .toList();
    }

    private static String bare(String expression) {
        return RANGE.matcher(STRING.matcher(expression).replaceAll("")).replaceAll("");
    }
}
