package io.mlflowexporter.testing;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A sample read back from Prometheus's text format, strictly by its grammar.
 *
 * @param labels unescaped
 */
public record Exposed(String name, Map<String, String> labels, String value) {
    /** All samples of a scrape. */
    public static List<Exposed> parse(String text) {
        List<Exposed> samples = new ArrayList<>();
        for (String line : text.split("\n", -1)) {
            if (!line.isEmpty() && !line.startsWith("#")) {
                samples.add(sample(line));
            }
        }
        return samples;
    }

    private static Exposed sample(String line) {
        int at = line.indexOf('{');
        int space = line.indexOf(' ');
        if (at < 0 || space < at) {
            return new Exposed(line.substring(0, space), Map.of(), line.substring(space + 1));
        }
        String name = line.substring(0, at);
        Map<String, String> labels = new LinkedHashMap<>();
        at++;
        while (line.charAt(at) != '}') {
            int equals = line.indexOf("=\"", at);
            String label = line.substring(at, equals);
            StringBuilder value = new StringBuilder();
            for (at = equals + 2; line.charAt(at) != '"'; at++) {
                char c = line.charAt(at);
                if (c == '\\') {
                    at++;
                    c = switch (line.charAt(at)) {
                        case 'n' -> '\n';
                        case '"' -> '"';
                        case '\\' -> '\\';
                        default -> throw new AssertionError("bad escape in " + line);
                    };
                }
                value.append(c);
            }
            if (labels.put(label, value.toString()) != null) {
                throw new AssertionError("label " + label + " twice in " + line);
            }
            at++;
            if (line.charAt(at) == ',') {
                at++;
            }
        }
        return new Exposed(name, labels, line.substring(at + 2));
    }
}
