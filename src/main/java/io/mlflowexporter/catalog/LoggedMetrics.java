package io.mlflowexporter.catalog;

import io.mlflowexporter.mlflow.Run;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The latest values of the metrics that something asked for, by row of the {@link RunTable}. Runs that logged the same
 * metrics share one list of their names. Belongs to the refresh thread.
 */
public final class LoggedMetrics {
    private static final int FIRST_CAPACITY = 64;
    private static final int NOTHING = -1;

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

    /** Whether taking them would change nothing. */
    boolean isNow(int row, Map<String, Run.Metric> metrics) {
        Logged now = of(row);
        int same = 0;
        for (Map.Entry<String, Run.Metric> metric : metrics.entrySet()) {
            if (!SystemUse.isSystemMetric(metric.getKey())) {
                int at = Collections.binarySearch(now.names(), metric.getKey());
                if (at < 0 || Double.compare(now.values()[at], metric.getValue().value()) != 0) {
                    return false;
                }
                same++;
            }
        }
        return same == now.names().size();
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
            rows = Arrays.copyOf(rows, Math.max(row + 1, Math.max(FIRST_CAPACITY, rows.length + rows.length / 2)));
        }
        rows[row] = new Logged(key, values);
    }

    /** Writes everything it holds. */
    void write(DataOutput out) throws IOException {
        List<List<String>> lists = new ArrayList<>();
        IdentityHashMap<List<String>, Integer> numbers = new IdentityHashMap<>();
        int used = 0;
        for (int row = 0; row < rows.length; row++) {
            if (!of(row).names().isEmpty()) {
                used = row + 1;
                if (numbers.putIfAbsent(of(row).names(), lists.size()) == null) {
                    lists.add(of(row).names());
                }
            }
        }
        out.writeInt(lists.size());
        for (List<String> names : lists) {
            out.writeInt(names.size());
            for (String name : names) {
                Binary.text(out, name);
            }
        }
        out.writeInt(used);
        for (int row = 0; row < used; row++) {
            Logged logged = of(row);
            out.writeInt(numbers.getOrDefault(logged.names(), NOTHING));
            for (double value : logged.values()) {
                out.writeDouble(value);
            }
        }
    }

    /**
     * What {@link #write} wrote.
     *
     * @throws IOException if it is not that
     */
    static LoggedMetrics read(DataInput in) throws IOException {
        List<List<String>> lists = new ArrayList<>();
        for (int left = Binary.count(in); left > 0; left--) {
            List<String> names = new ArrayList<>();
            for (int more = Binary.count(in); more > 0; more--) {
                names.add(Binary.text(in));
            }
            lists.add(List.copyOf(names));
        }
        List<@Nullable Logged> rows = new ArrayList<>();
        for (int left = Binary.count(in); left > 0; left--) {
            int number = in.readInt();
            if (number == NOTHING) {
                rows.add(null);
            } else {
                List<String> names = lists.get(Binary.index(number, lists.size()));
                rows.add(new Logged(names, values(in, names.size())));
            }
        }
        LoggedMetrics read = new LoggedMetrics();
        lists.forEach(names -> read.shared.put(names, names));
        read.rows = rows.toArray(new Logged[0]);
        return read;
    }

    private static double[] values(DataInput in, int number) throws IOException {
        double[] values = new double[number];
        for (int i = 0; i < number; i++) {
            values[i] = in.readDouble();
        }
        return values;
    }
}
