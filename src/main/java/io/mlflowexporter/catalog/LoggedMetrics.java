package io.mlflowexporter.catalog;

import io.mlflowexporter.mlflow.Run;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The latest values of the metrics that something asked for, by row of the {@link RunTable}. Runs that logged the same
 * metrics share one list of their names. Belongs to the refresh thread.
 */
public final class LoggedMetrics {
    private static final int FIRST_CAPACITY = 64;

    /**
     * A run's metrics.
     *
     * @param names in ascending order; the same object for all runs that logged the same
     * @param values in the order of the names; may be NaN or infinite
     */
    @SuppressWarnings("ArrayRecordComponent")
    public record Logged(List<String> names, double[] values) {
        /** None. */
        public static final Logged NONE = new Logged(List.of(), new double[0]);
    }

    private final Map<List<String>, List<String>> shared = new HashMap<>();
    private @Nullable Logged[] rows = new Logged[FIRST_CAPACITY];

    LoggedMetrics() {}

    /** What a run logged; none for a row that nothing was put for. */
    public Logged of(int row) {
        Logged logged = row < rows.length ? rows[row] : null;
        return logged == null ? Logged.NONE : logged;
    }

    /** Takes what MLflow says of a run now; system metrics are kept elsewhere. */
    void put(int row, Map<String, Run.Metric> metrics) {
        List<String> names = new ArrayList<>(metrics.size());
        for (String name : metrics.keySet()) {
            if (!SystemUse.isSystemMetric(name)) {
                names.add(name);
            }
        }
        if (names.isEmpty()) {
            if (row < rows.length) {
                rows[row] = null;
            }
            return;
        }
        names.sort(null);
        List<String> key = shared.computeIfAbsent(List.copyOf(names), k -> k);
        double[] values = new double[key.size()];
        for (int i = 0; i < values.length; i++) {
            Run.Metric metric = metrics.get(key.get(i));
            values[i] = metric == null ? Double.NaN : metric.value();
        }
        if (row >= rows.length) {
            rows = Arrays.copyOf(rows, Math.max(row + 1, rows.length + rows.length / 2));
        }
        rows[row] = new Logged(key, values);
    }
}
