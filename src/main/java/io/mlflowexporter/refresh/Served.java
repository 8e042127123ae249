package io.mlflowexporter.refresh;

import io.mlflowexporter.checkpoint.Texts;
import io.mlflowexporter.exposition.Exposition;
import io.mlflowexporter.refresh.ExporterStatus.Snapshot;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.time.Instant;
import java.util.List;

/**
 * What was served when a checkpoint was written, which a restart can serve before anything is added up.
 *
 * @param snapshot its lists of experiments and its suspicions are not kept
 */
record Served(Exposition exposition, Snapshot snapshot) {
    void write(DataOutput out) throws IOException {
        Texts.Writer texts = new Texts.Writer(out);
        out.writeLong(snapshot.readAt().toEpochMilli());
        out.writeLong(snapshot.withdrawnAfter().toEpochMilli());
        texts.write(snapshot.incomplete());
        out.writeLong(snapshot.experiments());
        out.writeLong(snapshot.runs());
        out.writeLong(snapshot.models());
        out.writeLong(snapshot.versions());
        exposition.write(out);
    }

    static Served read(DataInput in) throws IOException {
        Texts.Reader texts = new Texts.Reader(in);
        Snapshot snapshot = new Snapshot(
                Instant.ofEpochMilli(in.readLong()),
                Instant.ofEpochMilli(in.readLong()),
                texts.list(),
                List.of(),
                in.readLong(),
                in.readLong(),
                in.readLong(),
                in.readLong(),
                List.of(),
                List.of());
        return new Served(Exposition.read(in), snapshot);
    }
}
