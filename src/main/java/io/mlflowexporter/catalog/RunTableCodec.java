package io.mlflowexporter.catalog;

import io.mlflowexporter.catalog.columns.CheckpointBounds;
import io.mlflowexporter.catalog.columns.Columns;
import io.mlflowexporter.catalog.columns.Interned;
import io.mlflowexporter.catalog.columns.Texts;
import io.mlflowexporter.checkpoint.fields.FieldReader;
import io.mlflowexporter.checkpoint.fields.FieldWriter;
import io.mlflowexporter.mlflow.RunStatus;
import java.io.IOException;

/** Writes the table of runs to a checkpoint and reads it back. */
final class RunTableCodec {
    private RunTableCodec() {}

    static void write(RunTable runs, FieldWriter out) throws IOException {
        // The first, as the columns are measured by it.
        out.number("rows", runs.size());
        out.texts("words", runs.words.values());
        out.list("sharedNotes", runs.sharedNotes.values(), (element, notes) -> notes.write(element));
        runs.texts.write(out);
        runs.ids.write(out);
        runs.columns().write(out);
        out.object("systemUses", runs.systemUses::write);
        out.object("gaps", runs.gaps()::write);
    }

    /**
     * What {@link #write} wrote.
     *
     * @throws IOException if it cannot have been
     */
    static RunTable read(FieldReader in) throws IOException {
        RunStorage read = new RunStorage();
        Columns columns = read.columns;
        while (in.next()) {
            switch (in.name()) {
                case "rows" -> columns.size = in.count();
                case "words" -> read.words = Interned.texts().with(in.texts());
                case "sharedNotes" -> read.notes = RunNotes.interned().with(in.list(RunNotes::read));
                case "texts" -> read.texts = Texts.read(in);
                case "systemUses" -> {
                    int rows = columns.size;
                    read.systemUses = in.object(uses -> SystemUses.read(uses, rows));
                }
                case "gaps" -> {
                    int rows = columns.size;
                    read.gaps = in.object(seen -> Gaps.read(seen, rows));
                }
                default -> {
                    // One that is of neither is of another version.
                    if (!read.ids.read(in, columns.size)) {
                        columns.read(in);
                    }
                }
            }
        }
        read.ids.restored(columns.size);
        columns.resize(columns.size);
        check(read);
        read.countExperiments();
        RunTable runs = new RunTable(read);
        runs.restored();
        return runs;
    }

    /** Rows point only to what there is, so that what reads them later need not doubt it. */
    private static void check(RunStorage read) throws IOException {
        Columns columns = read.columns;
        for (int row = 0; row < read.ids.size(); row++) {
            for (int[] column : columns.words()) {
                CheckpointBounds.index(column[row], read.words.size());
            }
            CheckpointBounds.index(columns.notes[row], read.notes.size());
            for (int[] column : columns.texts()) {
                if (!read.texts.holds(column[row])) {
                    throw new IOException("a text is not where a run says");
                }
            }
            CheckpointBounds.index(columns.statuses[row], RunStatus.values().length);
            CheckpointBounds.index(columns.states[row], RunState.values().length);
            CheckpointBounds.index(columns.countedStatuses[row] - Columns.NOT_ENDED, RunStatus.values().length + 1);
        }
    }
}
