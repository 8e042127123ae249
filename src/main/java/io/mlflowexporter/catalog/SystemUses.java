package io.mlflowexporter.catalog;

import io.mlflowexporter.mlflow.Run;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** By row of the table of runs: what system metrics say of the machine. Latest values until the means are told. */
final class SystemUses {
    private record Entry(SystemUse use, Set<String> metrics, boolean mean) {
        private static final Entry NOTHING = new Entry(SystemUse.NONE, Set.of(), false);
    }

    private final Map<Set<String>, Set<String>> shared = new HashMap<>();
    private final List<Entry> entries = new ArrayList<>();

    /** Takes a run's latest metrics; of an ended one whose means are known, those stay. */
    void put(int row, Map<String, Run.Metric> latest, boolean ended) {
        while (entries.size() <= row) {
            entries.add(Entry.NOTHING);
        }
        if (entries.get(row).mean && ended) {
            return;
        }
        Set<String> names = SystemUse.names(latest);
        entries.set(
                row,
                names.isEmpty()
                        ? Entry.NOTHING
                        : new Entry(SystemUse.of(latest), shared.computeIfAbsent(names, n -> n), false));
    }

    /** Takes the means of an ended run; they stay until it is active again. */
    void mean(int row, SystemUse means) {
        entries.set(row, new Entry(means, entries.get(row).metrics, true));
    }

    SystemUse use(int row) {
        return entries.get(row).use;
    }

    /** Names of the system metrics the run logged. */
    Set<String> metrics(int row) {
        return entries.get(row).metrics;
    }

    boolean hasMean(int row) {
        return entries.get(row).mean;
    }
}
