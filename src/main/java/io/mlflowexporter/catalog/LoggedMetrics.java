package io.mlflowexporter.catalog;

import io.mlflowexporter.mlflow.Run;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
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
    /** In bytes: what one answer may hold is less. */
    private static final int LONGEST_NAME = 1 << 28;

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
            rows = Arrays.copyOf(rows, Math.max(row + 1, Math.max(FIRST_CAPACITY, rows.length + rows.length / 2)));
        }
        rows[row] = new Logged(key, values);
    }

    /** Writes everything it holds. */
    public void write(DataOutput out) throws IOException {
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
                byte[] text = name.getBytes(StandardCharsets.UTF_8);
                out.writeInt(text.length);
                out.write(text);
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
     * Puts in place what {@link #write} wrote.
     *
     * @throws IOException if it is not that; nothing has changed then
     */
    public void read(DataInput in) throws IOException {
        List<List<String>> lists = new ArrayList<>();
        for (int left = in.readInt(); left > 0; left--) {
            List<String> names = new ArrayList<>();
            for (int more = in.readInt(); more > 0; more--) {
                names.add(text(in));
            }
            lists.add(List.copyOf(names));
        }
        List<@Nullable Logged> read = new ArrayList<>();
        for (int left = in.readInt(); left > 0; left--) {
            int number = in.readInt();
            if (number < NOTHING || number >= lists.size()) {
                throw new IOException("the logged metrics are damaged");
            }
            read.add(
                    number == NOTHING
                            ? null
                            : new Logged(
                                    lists.get(number),
                                    values(in, lists.get(number).size())));
        }
        shared.clear();
        lists.forEach(names -> shared.put(names, names));
        rows = read.toArray(new Logged[0]);
    }

    private static String text(DataInput in) throws IOException {
        int length = in.readInt();
        if (length < 0 || length > LONGEST_NAME) {
            throw new IOException("the logged metrics are damaged");
        }
        byte[] text = new byte[length];
        in.readFully(text);
        return new String(text, StandardCharsets.UTF_8);
    }

    private static double[] values(DataInput in, int number) throws IOException {
        double[] values = new double[number];
        for (int i = 0; i < number; i++) {
            values[i] = in.readDouble();
        }
        return values;
    }
}
