package io.mlflowexporter.catalog;

import io.mlflowexporter.mlflow.Run;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** By row of the table of runs: what system metrics say of the machine. Latest values until the means are told. */
final class SystemUses {
    private record Entry(SystemUse use, Set<String> metrics, boolean mean) {
        private static final Entry NOTHING = new Entry(SystemUse.NONE, Set.of(), false);
    }

    private final Map<Set<String>, Set<String>> shared = new HashMap<>();
    private final List<Entry> entries = new ArrayList<>();

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
        return names.isEmpty()
                ? Entry.NOTHING
                : new Entry(SystemUse.of(latest), shared.computeIfAbsent(names, n -> n), false);
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
    Set<String> metrics(int row) {
        return entry(row).metrics;
    }

    /** Whether the run logged system metrics and what is known of them is their latest values. */
    boolean lacksMean(int row) {
        Entry entry = entry(row);
        return !entry.mean && !entry.metrics.isEmpty();
    }

    void write(DataOutput out) throws IOException {
        Interned<Set<String>> names = new Interned<>();
        entries.forEach(entry -> names.number(entry.metrics));
        names.write(out, SystemUses::writeNames);
        int some = 0;
        for (Entry entry : entries) {
            some += entry.equals(Entry.NOTHING) ? 0 : 1;
        }
        out.writeInt(some);
        for (int row = 0; row < entries.size(); row++) {
            Entry entry = entries.get(row);
            if (!entry.equals(Entry.NOTHING)) {
                out.writeInt(row);
                out.writeInt(names.number(entry.metrics));
                out.writeBoolean(entry.mean);
                out.writeDouble(entry.use.cpuRatio());
                out.writeDouble(entry.use.memoryRatio());
                out.writeDouble(entry.use.gpuRatio());
                out.writeDouble(entry.use.gpuWatts());
            }
        }
    }

    static SystemUses read(DataInput in, int size) throws IOException {
        Interned<Set<String>> names = Interned.read(in, SystemUses::readNames);
        SystemUses read = new SystemUses();
        int some = Binary.count(in);
        for (int i = 0; i < some; i++) {
            int row = Binary.index(in.readInt(), size);
            Set<String> metrics = names.value(Binary.index(in.readInt(), names.size()));
            boolean mean = in.readBoolean();
            SystemUse use = new SystemUse(in.readDouble(), in.readDouble(), in.readDouble(), in.readDouble());
            read.shared.putIfAbsent(metrics, metrics);
            read.set(row, new Entry(use.equals(SystemUse.NONE) ? SystemUse.NONE : use, metrics, mean));
        }
        return read;
    }

    private static void writeNames(DataOutput out, Set<String> names) throws IOException {
        out.writeInt(names.size());
        for (String name : new TreeSet<>(names)) {
            Binary.text(out, name);
        }
    }

    private static Set<String> readNames(DataInput in) throws IOException {
        Set<String> names = new TreeSet<>();
        for (int i = Binary.count(in); i > 0; i--) {
            names.add(Binary.text(in));
        }
        return Set.copyOf(names);
    }
}
