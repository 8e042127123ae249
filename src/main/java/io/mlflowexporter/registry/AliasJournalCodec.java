package io.mlflowexporter.registry;

import io.mlflowexporter.checkpoint.fields.FieldReader;
import io.mlflowexporter.checkpoint.fields.FieldWriter;
import io.mlflowexporter.checkpoint.fields.Fields;
import io.mlflowexporter.metric.Times;
import java.io.IOException;
import java.util.Map;

/** Writes an {@link AliasJournal} to a checkpoint and reads it back. */
final class AliasJournalCodec {
    private AliasJournalCodec() {}

    static void write(AliasJournal journal, FieldWriter out) throws IOException {
        out.number("lookedMillis", journal.lookedMillis);
        out.list("models", journal.models.entrySet(), (element, entry) -> {
            element.object("key", entry.getKey()::write);
            element.object("watched", entry.getValue()::write);
        });
        out.list("created", journal.created.entrySet(), (element, entry) -> {
            entry.getKey().write(element);
            element.number("versions", entry.getValue());
        });
        out.list("tallies", journal.tallies.entrySet(), (element, entry) -> {
            element.object("key", entry.getKey()::write);
            element.object("tally", entry.getValue()::write);
        });
        out.list("moves", journal.moves, (element, move) -> move.write(element));
        journal.inProduction.write(out, "inProduction");
        journal.leadTimes.write(out, "leadTimesWaited");
    }

    /**
     * What {@link #write} wrote.
     *
     * @throws IOException if it is not that
     */
    static AliasJournal read(FieldReader in) throws IOException {
        AliasJournal read = new AliasJournal();
        while (in.next()) {
            switch (in.name()) {
                case "lookedMillis" -> read.lookedMillis = in.number();
                case "models" -> in.each(model -> readModel(model, read.models));
                case "created" -> {
                    for (Fields fields : in.list(FieldReader::fields)) {
                        read.created.put(ModelKey.read(fields), fields.number("versions", 0));
                    }
                }
                case "tallies" -> in.each(counts -> readCounts(counts, read.tallies));
                case "moves" -> read.moves.addAll(in.list(AliasMove::read));
                case "inProduction" -> read.inProduction = InProduction.read(in);
                case "leadTimesWaited" -> read.leadTimes = LeadTimes.read(in);
                default -> {
                    // Of another version.
                }
            }
        }
        return read;
    }

    private static void readModel(FieldReader in, Map<ModelKey, WatchedModel> models) throws IOException {
        ModelKey key = new ModelKey("", "");
        WatchedModel watched = new WatchedModel(Times.ABSENT, Times.ABSENT);
        while (in.next()) {
            switch (in.name()) {
                case "key" -> key = ModelKey.read(in.object(FieldReader::fields));
                case "watched" -> watched = in.object(WatchedModel::read);
                default -> {
                    // Of another version.
                }
            }
        }
        models.put(key, watched);
    }

    private static void readCounts(FieldReader in, Map<AliasKey, AliasCounts> counts) throws IOException {
        AliasKey key = new AliasKey(new ModelKey("", ""), "");
        AliasCounts ofAlias = new AliasCounts();
        while (in.next()) {
            switch (in.name()) {
                case "key" -> key = AliasKey.read(in.object(FieldReader::fields));
                case "tally" -> ofAlias = in.object(AliasCounts::read);
                default -> {
                    // Of another version.
                }
            }
        }
        counts.put(key, ofAlias);
    }
}
