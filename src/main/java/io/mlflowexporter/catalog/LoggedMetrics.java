package io.mlflowexporter.catalog;

import io.mlflowexporter.catalog.columns.CheckpointBounds;
import io.mlflowexporter.catalog.columns.Chunks;
import io.mlflowexporter.catalog.columns.NameList;
import io.mlflowexporter.checkpoint.fields.FieldReader;
import io.mlflowexporter.checkpoint.fields.FieldWriter;
import io.mlflowexporter.checkpoint.fields.Fields;
import io.mlflowexporter.mlflow.Run;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
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

    /** Of one row's object, array and reference. */
    private static final int ROW_BYTES = 40;

    /** Less is not worth a look at all rows, bytes. */
    private static final long UNUSED_AT_LEAST = 256 << 10;

    private final Map<NameList, List<String>> shared = new HashMap<>();
    private long sharedWeight;
    private long usedWeight;
    private long rowsWeight;
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
                rowsWeight -= weight(rows[row]);
                rows[row] = null;
            }
            return;
        }
        List<String> key = shared(NameList.of(names));
        double[] values = new double[key.size()];
        for (int i = 0; i < values.length; i++) {
            Run.Metric metric = metrics.get(key.get(i));
            values[i] = metric == null ? Double.NaN : metric.value();
        }
        if (row >= rows.length) {
            rows = Arrays.copyOf(rows, Math.max(row + 1, Math.max(FIRST_CAPACITY, rows.length + rows.length / 2)));
        }
        Logged fresh = new Logged(key, values);
        rowsWeight += weight(fresh) - weight(rows[row]);
        rows[row] = fresh;
    }

    private static long weight(@Nullable Logged logged) {
        return logged == null ? 0 : ROW_BYTES + (long) Double.BYTES * logged.values().length;
    }

    private List<String> shared(NameList names) {
        List<String> known = shared.putIfAbsent(names, names.names());
        if (known == null) {
            sharedWeight += names.weight();
            return names.names();
        }
        return known;
    }

    /** About what all take, bytes. */
    long weight() {
        return sharedWeight + rowsWeight;
    }

    /** Forgets names that no row refers to, once these may be more than half of all. */
    void forgetUnused() {
        if (sharedWeight <= 2 * usedWeight + UNUSED_AT_LEAST) {
            return;
        }
        Set<List<String>> used = Collections.newSetFromMap(new IdentityHashMap<>());
        for (Logged logged : rows) {
            if (logged != null) {
                used.add(logged.names());
            }
        }
        shared.values().removeIf(names -> !used.contains(names));
        sharedWeight = shared.keySet().stream().mapToLong(NameList::weight).sum();
        usedWeight = sharedWeight;
    }

    /** Forgets the last rows. */
    void truncate(int from) {
        for (int row = from; row < rows.length; row++) {
            rowsWeight -= weight(rows[row]);
            rows[row] = null;
        }
    }

    /** Writes everything it holds. */
    void write(FieldWriter out) throws IOException {
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
        out.list("names", lists, (element, names) -> element.texts("metrics", names));
        out.list("chunks", Chunks.of(Arrays.asList(rows).subList(0, used)), (chunk, some) -> {
            int[] sets = new int[some.size()];
            int n = 0;
            for (int i = 0; i < sets.length; i++) {
                Logged logged = some.get(i);
                sets[i] = logged == null ? NOTHING : numbers.getOrDefault(logged.names(), NOTHING);
                n += logged == null ? 0 : logged.values().length;
            }
            double[] values = new double[n];
            int at = 0;
            for (Logged logged : some) {
                if (logged != null) {
                    System.arraycopy(logged.values(), 0, values, at, logged.values().length);
                    at += logged.values().length;
                }
            }
            chunk.ints("names", sets, sets.length);
            chunk.doubles("values", values, n);
        });
    }

    /**
     * What {@link #write} wrote.
     *
     * @throws IOException if it is not that
     */
    static LoggedMetrics read(FieldReader in) throws IOException {
        List<List<String>> lists = new ArrayList<>();
        List<@Nullable Logged> rows = new ArrayList<>();
        while (in.next()) {
            switch (in.name()) {
                case "names" -> {
                    for (Fields names : in.list(FieldReader::fields)) {
                        lists.add(names.texts("metrics"));
                    }
                }
                case "chunks" -> in.each(chunk -> chunk(chunk, lists, rows));
                default -> {
                    // Of another version.
                }
            }
        }
        LoggedMetrics read = new LoggedMetrics();
        lists.forEach(names -> read.shared(new NameList(names)));
        read.rows = rows.toArray(new Logged[0]);
        rows.forEach(row -> read.rowsWeight += weight(row));
        return read;
    }

    private static void chunk(FieldReader in, List<List<String>> lists, List<@Nullable Logged> rows)
            throws IOException {
        int[] sets = {};
        double[] values = {};
        while (in.next()) {
            switch (in.name()) {
                case "names" -> sets = in.ints();
                case "values" -> values = in.doubles();
                default -> {
                    // Of another version.
                }
            }
        }
        int at = 0;
        for (int set : sets) {
            if (set == NOTHING) {
                rows.add(null);
                continue;
            }
            List<String> names = lists.get(CheckpointBounds.index(set, lists.size()));
            if (values.length - at < names.size()) {
                throw new IOException("values of metrics are missing");
            }
            rows.add(new Logged(names, Arrays.copyOfRange(values, at, at + names.size())));
            at += names.size();
        }
    }
}
