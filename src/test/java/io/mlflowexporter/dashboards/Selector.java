package io.mlflowexporter.dashboards;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What an expression selects at one place. Found by pattern, not by a parser: the expressions here are our own, their
 * strings hold no braces, and promtool parses them besides.
 *
 * @param metric the series' name
 * @param matchers label to operator and quoted value
 * @param range what stands in the brackets behind it, else empty
 * @param functions the functions and aggregations it stands in, the innermost first
 */
record Selector(String metric, Map<String, String> matchers, String range, List<String> functions) {
    private static final Pattern SELECTOR = Pattern.compile("([a-zA-Z_]\\w*)\\{([^}]*)}(?:\\[([^]]*)])?");
    private static final Pattern MATCHER = Pattern.compile("(\\w+)\\s*(=~|!~|!=|=)\\s*(\"[^\"]*\")");
    private static final Pattern CALL = Pattern.compile("([a-z_]+)\\s*(?:(?:by|without)\\s*\\([^)]*\\)\\s*)?$");

    static List<Selector> of(String expression) {
        List<Selector> found = new ArrayList<>();
        Matcher selectors = SELECTOR.matcher(expression);
        while (selectors.find()) {
            Map<String, String> matchers = new TreeMap<>();
            Matcher matcher = MATCHER.matcher(selectors.group(2));
            while (matcher.find()) {
                matchers.put(matcher.group(1), matcher.group(2) + matcher.group(3));
            }
            String range = selectors.group(3) == null ? "" : selectors.group(3);
            found.add(new Selector(
                    selectors.group(1), matchers, range, around(expression.substring(0, selectors.start()))));
        }
        return found;
    }

    /** The calls that are open at the end of a text. */
    private static List<String> around(String before) {
        List<String> calls = new ArrayList<>();
        int closed = 0;
        for (int i = before.length() - 1; i >= 0; i--) {
            char c = before.charAt(i);
            if (c == ')') {
                closed++;
            } else if (c == '(' && closed > 0) {
                closed--;
            } else if (c == '(') {
                Matcher call = CALL.matcher(before.substring(0, i));
                if (call.find()) {
                    calls.add(call.group(1));
                }
            }
        }
        return calls;
    }
}
