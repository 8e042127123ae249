package io.mlflowexporter.audit.expected;

import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A series' name and its labels, empty ones left out. */
public record SeriesName(String name, SortedMap<String, String> labels) {
    /** A label may hold what a dot of a pattern takes for the end of a line. */
    private static final Pattern LINE =
            Pattern.compile("([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\\{(.*)})? (\\S+)", Pattern.DOTALL);

    private static final Pattern LABEL = Pattern.compile("([a-zA-Z_][a-zA-Z0-9_]*)=\"((?:[^\"\\\\]|\\\\.)*)\",?");
    private static final String LE = "le";

    public SeriesName {
        TreeMap<String, String> all = new TreeMap<>(labels);
        all.values().removeIf(String::isEmpty);
        all.computeIfPresent(LE, (key, bound) -> Double.toString(number(bound)));
        labels = Collections.unmodifiableSortedMap(all);
    }

    /** With labels as name, value, name, value … */
    public static SeriesName of(String name, String... labels) {
        TreeMap<String, String> all = new TreeMap<>();
        for (int i = 0; i < labels.length; i += 2) {
            all.put(labels[i], labels[i + 1]);
        }
        return new SeriesName(name, all);
    }

    public SeriesName with(String label, String value) {
        TreeMap<String, String> changed = new TreeMap<>(labels);
        changed.put(label, value);
        return new SeriesName(name, changed);
    }

    /** The family: a histogram's series have suffixes. */
    public String family() {
        return name.replaceFirst("_seconds_(bucket|count|sum)$", "_seconds");
    }

    /**
     * Reads a scrape in Prometheus's text format 0.0.4.
     *
     * @throws IllegalArgumentException if it is none, or a series is there twice
     */
    public static Map<SeriesName, Double> read(String text) {
        Map<SeriesName, Double> all = new java.util.LinkedHashMap<>();
        for (String line : text.split("\n", -1)) {
            if (line.isBlank() || line.startsWith("#")) {
                continue;
            }
            Matcher parts = LINE.matcher(line);
            if (!parts.matches()) {
                throw new IllegalArgumentException("not a sample: " + line);
            }
            String labels = parts.group(2);
            SeriesName series = new SeriesName(parts.group(1), labels(labels == null ? "" : labels));
            if (all.put(series, number(parts.group(3))) != null) {
                throw new IllegalArgumentException("comes twice: " + series);
            }
        }
        return all;
    }

    private static TreeMap<String, String> labels(String text) {
        TreeMap<String, String> labels = new TreeMap<>();
        Matcher label = LABEL.matcher(text);
        while (label.find()) {
            labels.put(
                    label.group(1),
                    label.group(2)
                            .replace("\\\\", "\0")
                            .replace("\\n", "\n")
                            .replace("\\\"", "\"")
                            .replace("\0", "\\"));
        }
        return labels;
    }

    private static double number(String text) {
        return switch (text) {
            case "+Inf" -> Double.POSITIVE_INFINITY;
            case "-Inf" -> Double.NEGATIVE_INFINITY;
            default -> Double.parseDouble(text);
        };
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(name);
        labels.forEach((label, value) -> text.append(text.length() == name.length() ? "{" : ",")
                .append(label)
                .append("=\"")
                .append(value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n"))
                .append('"'));
        return labels.isEmpty() ? name : text.append('}').toString();
    }
}
