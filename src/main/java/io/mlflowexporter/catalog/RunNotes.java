package io.mlflowexporter.catalog;

import io.mlflowexporter.mlflow.Run;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Of a run's tags and params those that something asked for. Equal ones are one object in the catalog.
 */
public record RunNotes(Map<String, String> tags, Map<String, String> params) {
    /** Nothing kept. */
    public static final RunNotes NONE = new RunNotes(Map.of(), Map.of());

    public RunNotes {
        tags = Map.copyOf(tags);
        params = Map.copyOf(params);
    }

    static RunNotes of(Run run, RunNeeds needs) {
        RunNotes notes = new RunNotes(kept(run.tags(), needs.tags()), kept(run.params(), needs.params()));
        return notes.equals(NONE) ? NONE : notes;
    }

    private static Map<String, String> kept(Map<String, String> all, Set<String> keys) {
        return all.entrySet().stream()
                .filter(entry -> keys.contains(entry.getKey()))
                .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    static void write(DataOutput out, RunNotes notes) throws IOException {
        Binary.texts(out, notes.tags);
        Binary.texts(out, notes.params);
    }

    static RunNotes read(DataInput in) throws IOException {
        Map<String, String> tags = Binary.texts(in);
        RunNotes notes = new RunNotes(tags, Binary.texts(in));
        return notes.equals(NONE) ? NONE : notes;
    }
}
