package io.mlflowexporter.catalog;

import io.mlflowexporter.checkpoint.FieldReader;
import io.mlflowexporter.checkpoint.FieldWriter;
import io.mlflowexporter.checkpoint.Fields;
import io.mlflowexporter.mlflow.Run;
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

    void write(FieldWriter out) throws IOException {
        out.pairs("tags", tags);
        out.pairs("params", params);
    }

    static RunNotes read(FieldReader in) throws IOException {
        Fields fields = in.fields();
        RunNotes notes = new RunNotes(fields.pairs("tags"), fields.pairs("params"));
        return notes.equals(NONE) ? NONE : notes;
    }
}
