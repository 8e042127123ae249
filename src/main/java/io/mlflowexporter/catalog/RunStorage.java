package io.mlflowexporter.catalog;

import io.mlflowexporter.catalog.columns.Columns;
import io.mlflowexporter.catalog.columns.Interned;
import io.mlflowexporter.catalog.columns.RunIds;
import io.mlflowexporter.catalog.columns.Texts;
import java.util.BitSet;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Collectors;

/** What the table of runs consists of, and how much memory it takes. */
final class RunStorage {
    /** Of the columns and the tables of ids, and of what the sums of the refresh keep by row. */
    private static final int ROW_BYTES = 100;

    /** Short texts that many rows share. */
    Interned<String> words = Interned.texts();

    Interned<RunNotes> notes = RunNotes.interned();
    Texts texts = new Texts();
    final RunIds ids = new RunIds();
    final Columns columns = new Columns();
    SystemUses systemUses = new SystemUses();
    Gaps gaps = new Gaps();
    /** Numbers of words of experiments that rows have. */
    private final BitSet experiments = new BitSet();

    private int withRuns;

    /** About what the rows take, bytes, what {@link #forgetUnused} would free included. */
    long weight() {
        return (long) ROW_BYTES * ids.size()
                + CatalogMemory.RUNS_OF_EXPERIMENT * withRuns
                + words.weight()
                + notes.weight()
                + texts.weight()
                + systemUses.weight()
                + gaps.weight()
                + columns.weight();
    }

    /** Forgets what changed rows left behind. */
    void forgetUnused() {
        if (words.forgetUnused(ids.size(), columns.words())) {
            countExperiments();
        }
        notes.forgetUnused(ids.size(), columns.notes);
        texts.forgetUnused(ids.size(), columns.texts());
        systemUses.forgetUnused();
    }

    /** Removes the last rows. */
    void truncate(int rows) {
        ids.truncate(rows);
        columns.truncate(rows);
        systemUses.truncate(rows);
        gaps.truncate(rows);
        countExperiments();
    }

    /** The number of the experiment's id, which a row is about to take. */
    int experimentNumber(String id) {
        int number = words.number(id);
        if (!experiments.get(number)) {
            experiments.set(number);
            withRuns++;
        }
        return number;
    }

    /** Ids of the experiments that rows have. */
    Set<String> experimentIds() {
        countExperiments();
        return experiments.stream().mapToObj(words::value).collect(Collectors.toCollection(HashSet::new));
    }

    void countExperiments() {
        experiments.clear();
        for (int row = 0; row < ids.size(); row++) {
            experiments.set(columns.experiments[row]);
        }
        withRuns = experiments.cardinality();
    }
}
