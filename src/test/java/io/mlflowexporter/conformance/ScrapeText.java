package io.mlflowexporter.conformance;

import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads Prometheus's text format 0.0.4, as far as the exporter writes it. */
final class ScrapeText {
    private static final Pattern LINE = Pattern.compile("([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\\{(.*)})? (\\S+)");
    private static final Pattern LABEL = Pattern.compile("([a-zA-Z_][a-zA-Z0-9_]*)=\"((?:[^\"\\\\]|\\\\.)*)\",?");

    /** A series. */
    record Series(String name, Map<String, String> labels) {
        Series {
            labels = new TreeMap<>(labels);
        }
    }

    private ScrapeText() {}

    /** Series to value; fails where one comes twice. */
    static Map<Series, Double> read(String text) {
        Map<Series, Double> all = new java.util.HashMap<>();
        for (String line : text.split("\n", -1)) {
            if (line.isEmpty() || line.startsWith("#")) {
                continue;
            }
            Matcher parts = LINE.matcher(line);
            if (!parts.matches()) {
                throw new AssertionError("not a sample: " + line);
            }
            Series series = new Series(parts.group(1), labels(parts.group(2)));
            if (all.put(series, number(parts.group(3))) != null) {
                throw new AssertionError("comes twice: " + series);
            }
        }
        return all;
    }

    private static Map<String, String> labels(String text) {
        Map<String, String> labels = new TreeMap<>();
        if (text == null) {
            return labels;
        }
        Matcher label = LABEL.matcher(text);
        int at = 0;
        while (label.lookingAt()) {
            labels.put(label.group(1), unescaped(label.group(2)));
            at = label.end();
            label.region(at, text.length());
        }
        if (at != text.length()) {
            throw new AssertionError("not labels: " + text);
        }
        return labels;
    }

    private static String unescaped(String text) {
        StringBuilder plain = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\\') {
                c = text.charAt(++i);
                c = c == 'n' ? '\n' : c;
            }
            plain.append(c);
        }
        return plain.toString();
    }

    private static double number(String text) {
        return switch (text) {
            case "+Inf" -> Double.POSITIVE_INFINITY;
            case "-Inf" -> Double.NEGATIVE_INFINITY;
            default -> Double.parseDouble(text);
        };
    }
}
