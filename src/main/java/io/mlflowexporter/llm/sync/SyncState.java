package io.mlflowexporter.llm.sync;

import io.mlflowexporter.catalog.reading.ResyncBudget;
import io.mlflowexporter.checkpoint.fields.FieldReader;
import io.mlflowexporter.checkpoint.fields.FieldWriter;
import io.mlflowexporter.checkpoint.fields.Fields;
import io.mlflowexporter.metric.Times;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** How far traces were read. It is written with the sums, so that a restart goes on from here. Belongs to the refresh thread. */
final class SyncState {
    /** By workspace. */
    final Map<String, Front> fronts = new TreeMap<>();
    /** By experiment id, of those whose past was read or is being read. */
    final Map<String, Mode> modes = new HashMap<>();
    /** Experiments whose past is still to be read, to the time from which on, Unix milliseconds. */
    final Map<String, Long> past = new LinkedHashMap<>();

    /** Of experiments whose past is being read. */
    @Nullable
    Walk history;
    /** Of experiments that are read again. */
    @Nullable
    Walk reread;
    /** Workspaces whose turn in the round under way is still to come. */
    final List<String> round = new ArrayList<>();

    long begunMillis = Times.ABSENT;
    long previousMillis = Times.ABSENT;
    ResyncBudget budget = new ResyncBudget();

    void write(FieldWriter out) throws IOException {
        out.list("fronts", fronts.entrySet(), (element, entry) -> {
            element.text("workspace", entry.getKey());
            element.object("front", entry.getValue()::write);
        });
        out.list("modes", modes.entrySet(), (element, entry) -> {
            element.text("experiment", entry.getKey());
            entry.getValue().write(element);
        });
        long[] from = past.values().stream().mapToLong(Long::longValue).toArray();
        out.texts("past", past.keySet());
        out.longs("pastFromMillis", from, from.length);
        out.object("history", (history == null ? Walk.NONE : history)::write);
        out.object("reread", (reread == null ? Walk.NONE : reread)::write);
        out.texts("round", round);
        out.number("begunMillis", begunMillis);
        out.number("previousMillis", previousMillis);
        out.object("budget", budget::write);
    }

    static SyncState read(FieldReader in) throws IOException {
        SyncState read = new SyncState();
        List<String> ids = List.of();
        while (in.next()) {
            switch (in.name()) {
                case "fronts" -> in.each(read::front);
                case "modes" -> {
                    for (Fields fields : in.list(FieldReader::fields)) {
                        read.modes.put(fields.text("experiment"), Mode.read(fields));
                    }
                }
                case "past" -> ids = in.texts();
                case "pastFromMillis" -> read.past(ids, in.longs(ids.size()));
                case "history" -> read.history = some(in.object(Walk::read));
                case "reread" -> read.reread = some(in.object(Walk::read));
                case "round" -> read.round.addAll(in.texts());
                case "begunMillis" -> read.begunMillis = in.number();
                case "previousMillis" -> read.previousMillis = in.number();
                case "budget" -> read.budget = in.object(ResyncBudget::read);
                default -> {
                    // Of another version.
                }
            }
        }
        return read;
    }

    private static @Nullable Walk some(Walk walk) {
        return walk.experiments().isEmpty() ? null : walk;
    }

    private void past(List<String> ids, long[] fromMillis) {
        for (int i = 0; i < fromMillis.length; i++) {
            past.put(ids.get(i), fromMillis[i]);
        }
    }

    private void front(FieldReader in) throws IOException {
        String workspace = "";
        Front front = new Front(0, 0);
        while (in.next()) {
            switch (in.name()) {
                case "workspace" -> workspace = in.text();
                case "front" -> front = in.object(Front::read);
                default -> {
                    // Of another version.
                }
            }
        }
        fronts.put(workspace, front);
    }
}
