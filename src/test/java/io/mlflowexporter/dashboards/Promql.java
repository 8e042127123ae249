package io.mlflowexporter.dashboards;

import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Expressions are written with the variables' matchers in short: {@code mlflow_runs{<run>, status="running"}}.
 *
 * <p>{@code <target>} stands for job and instance, {@code <workspace>} for these and the workspace, {@code <experiment>}
 * and {@code <run>} for one and two more, {@code <money>} for those of {@code <run>} and the currency.
 */
final class Promql {
    private static final String TARGET = "job=~\"$job\", instance=~\"$instance\"";
    private static final String WORKSPACE = TARGET + ", workspace=~\"$workspace\"";
    private static final String EXPERIMENT = WORKSPACE + ", experiment=~\"$experiment\"";

    private static final Map<String, String> SCOPES = new TreeMap<>(Map.of(
            "<target>",
            TARGET,
            "<workspace>",
            WORKSPACE,
            "<experiment>",
            EXPERIMENT,
            "<run>",
            EXPERIMENT + ", phase=~\"$phase\"",
            "<model>",
            WORKSPACE + ", model=~\"$model\"",
            "<currency>",
            "currency=\"$currency\""));

    /** A selector's braces and its range, if it has one. */
    private static final Pattern SELECTOR = Pattern.compile("(\\{[^}]*}(?:\\[[^]]*])?)");

    private static final Pattern SPACE = Pattern.compile("\\s+");

    private Promql() {}

    /** The expression in full, on one line. */
    static String expand(String expression) {
        String full = expression;
        for (Map.Entry<String, String> scope : SCOPES.entrySet()) {
            full = full.replace(scope.getKey(), scope.getValue());
        }
        return SPACE.matcher(full).replaceAll(" ").strip();
    }

    /** A duration or amount each, but only of those that are largest at the end: a legend that stays short. */
    static String largest(int most, String label, String expression) {
        return expression + " and on (" + label + ") topk(" + most + ", " + atEnd(expression) + ")";
    }

    /** The value at the end of what the dashboard shows, at every point of it. */
    static String atEnd(String expression) {
        return SELECTOR.matcher(expression).replaceAll("$1 @ end()");
    }

    /**
     * Of times told by a gauge's values, those that lie in the step that ends at this point: so a gauge that Prometheus has
     * scraped only once shows what happened long before.
     */
    static String happenedInStep(String times) {
        return atEnd(times) + " <= time() > time() - $__interval_ms / 1000";
    }

    /** Of times told by a gauge's values, those that lie before this point. */
    static String happenedBefore(String times) {
        return atEnd(times) + " <= time()";
    }
}
