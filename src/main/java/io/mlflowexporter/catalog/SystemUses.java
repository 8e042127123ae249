package io.mlflowexporter.catalog;

import io.mlflowexporter.catalog.columns.CheckpointBounds;
import io.mlflowexporter.catalog.columns.Chunks;
import io.mlflowexporter.catalog.columns.Interned;
import io.mlflowexporter.catalog.columns.NameList;
import io.mlflowexporter.checkpoint.fields.FieldReader;
import io.mlflowexporter.checkpoint.fields.FieldWriter;
import io.mlflowexporter.checkpoint.fields.Fields;
import io.mlflowexporter.mlflow.Run;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToDoubleFunction;

/** By row of the table of runs: what system metrics say of the machine. Latest values until the means are told. */
public final class SystemUses {
    private record Entry(SystemUse use, Set<String> metrics, boolean mean) {
        private static final Entry NOTHING = new Entry(SystemUse.NONE, Set.of(), false);
    }

    /** Of one entry and its numbers. */
    private static final int ENTRY_BYTES = 48;

    /** Less is not worth a look at all rows, bytes. */
    private static final long UNUSED_AT_LEAST = 256 << 10;

    private final Map<NameList, Set<String>> shared = new HashMap<>();
    private final List<Entry> entries = new ArrayList<>();
    private long sharedWeight;
    private long usedWeight;
    private int some;

    /** Takes a run's latest metrics; of an ended one whose means are known, those stay. */
    void put(int row, Map<String, Run.Metric> latest, boolean ended) {
        set(row, next(row, latest, ended));
    }

    /** Whether taking them would change nothing. */
    boolean isNow(int row, Map<String, Run.Metric> latest, boolean ended) {
        return next(row, latest, ended).equals(entry(row));
    }

    private Entry next(int row, Map<String, Run.Metric> latest, boolean ended) {
        if (entry(row).mean && ended) {
            return entry(row);
        }
        Set<String> names = SystemUse.names(latest);
        return names.isEmpty() ? Entry.NOTHING : new Entry(SystemUse.of(latest), shared(names), false);
    }

    private Set<String> shared(Set<String> names) {
        NameList key = NameList.of(names);
        Set<String> known = shared.putIfAbsent(key, names);
        if (known == null) {
            sharedWeight += key.weight();
            return names;
        }
        return known;
    }

    /** About what all take, bytes. */
    long weight() {
        return sharedWeight + (long) ENTRY_BYTES * some;
    }

    /** Forgets names that no row refers to, once these may be more than half of all. */
    void forgetUnused() {
        if (sharedWeight <= 2 * usedWeight + UNUSED_AT_LEAST) {
            return;
        }
        Set<Set<String>> used = Collections.newSetFromMap(new IdentityHashMap<>());
        entries.forEach(entry -> used.add(entry.metrics));
        shared.values().removeIf(names -> !used.contains(names));
        sharedWeight = shared.keySet().stream().mapToLong(NameList::weight).sum();
        usedWeight = sharedWeight;
    }

    /** Forgets the last rows. */
    void truncate(int rows) {
        for (int row = rows; row < entries.size(); row++) {
            set(row, Entry.NOTHING);
        }
        if (entries.size() > rows) {
            entries.subList(rows, entries.size()).clear();
        }
    }

    private Entry entry(int row) {
        return row < entries.size() ? entries.get(row) : Entry.NOTHING;
    }

    /** Rows after the last that has anything take no room. */
    private void set(int row, Entry entry) {
        while (entries.size() <= row && !entry.equals(Entry.NOTHING)) {
            entries.add(Entry.NOTHING);
        }
        if (row < entries.size()) {
            some += (entry.equals(Entry.NOTHING) ? 0 : 1) - (entries.get(row).equals(Entry.NOTHING) ? 0 : 1);
            entries.set(row, entry);
        }
    }

    /** Takes the means of an ended run; they stay until it is active again. */
    void mean(int row, SystemUse means) {
        set(row, new Entry(means, entry(row).metrics, true));
    }

    SystemUse use(int row) {
        return entry(row).use;
    }

    /** Names of the system metrics the run logged. */
    public Set<String> metrics(int row) {
        return entry(row).metrics;
    }

    /** Whether the run logged system metrics and what is known of them is their latest values. */
    public boolean lacksMean(int row) {
        Entry entry = entry(row);
        return !entry.mean && !entry.metrics.isEmpty();
    }

    void write(FieldWriter out) throws IOException {
        Interned<NameList> names = new Interned<>(NameList::weight, NameList::place);
        List<Integer> rows = new ArrayList<>();
        for (int row = 0; row < entries.size(); row++) {
            if (!entries.get(row).equals(Entry.NOTHING)) {
                names.number(NameList.of(entries.get(row).metrics));
                rows.add(row);
            }
        }
        out.list("names", names.values(), (element, some) -> element.texts("metrics", some.names()));
        out.list("chunks", Chunks.of(rows), (chunk, some) -> {
            List<Entry> held = some.stream().map(entries::get).toList();
            int n = some.size();
            chunk.ints("rows", some.stream().mapToInt(row -> row).toArray(), n);
            chunk.ints(
                    "names",
                    held.stream()
                            .mapToInt(it -> names.number(NameList.of(it.metrics)))
                            .toArray(),
                    n);
            chunk.ints("means", held.stream().mapToInt(it -> it.mean ? 1 : 0).toArray(), n);
            chunk.doubles("cpu", column(held, SystemUse::cpuRatio), n);
            chunk.doubles("memory", column(held, SystemUse::memoryRatio), n);
            chunk.doubles("gpu", column(held, SystemUse::gpuRatio), n);
            chunk.doubles("gpuWatts", column(held, SystemUse::gpuWatts), n);
        });
    }

    private static double[] column(List<Entry> entries, ToDoubleFunction<SystemUse> of) {
        return entries.stream()
                .mapToDouble(entry -> of.applyAsDouble(entry.use))
                .toArray();
    }

    /** Reads those of so many rows. */
    static SystemUses read(FieldReader in, int size) throws IOException {
        SystemUses read = new SystemUses();
        List<Set<String>> names = new ArrayList<>();
        while (in.next()) {
            switch (in.name()) {
                case "names" -> {
                    for (Fields some : in.list(FieldReader::fields)) {
                        names.add(Set.copyOf(some.texts("metrics")));
                    }
                }
                case "chunks" -> in.each(chunk -> read.chunk(chunk, names, size));
                default -> {
                    // Of another version.
                }
            }
        }
        return read;
    }

    private void chunk(FieldReader in, List<Set<String>> names, int size) throws IOException {
        int[] rows = {};
        int[] sets = {};
        int[] means = {};
        double[] cpu = {};
        double[] memory = {};
        double[] gpu = {};
        double[] gpuWatts = {};
        while (in.next()) {
            switch (in.name()) {
                case "rows" -> rows = in.ints();
                case "names" -> sets = in.ints(rows.length);
                case "means" -> means = in.ints(rows.length);
                case "cpu" -> cpu = in.doubles(rows.length);
                case "memory" -> memory = in.doubles(rows.length);
                case "gpu" -> gpu = in.doubles(rows.length);
                case "gpuWatts" -> gpuWatts = in.doubles(rows.length);
                default -> {
                    // Of another version.
                }
            }
        }
        for (int i = 0; i < rows.length; i++) {
            SystemUse use = new SystemUse(at(cpu, i), at(memory, i), at(gpu, i), at(gpuWatts, i));
            Set<String> metrics = names.get(CheckpointBounds.index(sets[i], names.size()));
            Set<String> known = shared(metrics);
            boolean mean = i < means.length && means[i] != 0;
            set(
                    CheckpointBounds.index(rows[i], size),
                    new Entry(use.equals(SystemUse.NONE) ? SystemUse.NONE : use, known, mean));
        }
    }

    /** Of a column that the file may lack. */
    private static double at(double[] column, int i) {
        return i < column.length ? column[i] : Double.NaN;
    }
}
