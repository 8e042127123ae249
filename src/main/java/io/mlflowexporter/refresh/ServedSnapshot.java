package io.mlflowexporter.refresh;

import io.mlflowexporter.checkpoint.fields.FieldReader;
import io.mlflowexporter.checkpoint.fields.FieldWriter;
import io.mlflowexporter.checkpoint.fields.Fields;
import io.mlflowexporter.checkpoint.fields.Section;
import io.mlflowexporter.exposition.Exposition;
import io.mlflowexporter.refresh.ExporterStatus.Snapshot;
import java.io.IOException;
import java.time.Instant;
import java.util.List;

/**
 * What was served when a checkpoint was written, which a restart can serve before anything is added up.
 *
 * @param snapshot its lists of experiments and its suspicions are not kept
 */
record ServedSnapshot(Exposition exposition, Snapshot snapshot) {
    /** @param folds writes what was folded into {@code _other} */
    void write(FieldWriter out, Section folds) throws IOException {
        out.object("snapshot", it -> {
            it.number("readMillis", snapshot.readAt().toEpochMilli());
            it.number("withdrawnAfterMillis", snapshot.withdrawnAfter().toEpochMilli());
            it.texts("incomplete", snapshot.incomplete());
            it.number("experiments", snapshot.experiments());
            it.number("runs", snapshot.runs());
            it.number("models", snapshot.models());
            it.number("versions", snapshot.versions());
        });
        out.object("exposition", exposition::write);
        out.object("folds", folds);
    }

    /** @param folds takes what was folded into {@code _other} */
    static ServedSnapshot read(FieldReader in, FieldReader.Each folds) throws IOException {
        Exposition exposition = Exposition.EMPTY;
        Snapshot snapshot = snapshot(new Fields());
        while (in.next()) {
            switch (in.name()) {
                case "snapshot" -> snapshot = snapshot(in.object(FieldReader::fields));
                case "exposition" -> exposition = in.object(Exposition::read);
                case "folds" -> in.into(folds);
                default -> {
                    // Of another version.
                }
            }
        }
        return new ServedSnapshot(exposition, snapshot);
    }

    private static Snapshot snapshot(Fields fields) throws IOException {
        return new Snapshot(
                Instant.ofEpochMilli(fields.number("readMillis", 0)),
                Instant.ofEpochMilli(fields.number("withdrawnAfterMillis", 0)),
                fields.texts("incomplete"),
                List.of(),
                fields.number("experiments", 0),
                fields.number("runs", 0),
                fields.number("models", 0),
                fields.number("versions", 0),
                List.of(),
                List.of());
    }
}
