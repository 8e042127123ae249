package io.mlflowexporter.catalog;

import io.mlflowexporter.catalog.columns.Interned;
import io.mlflowexporter.catalog.reading.RunNeeds;
import io.mlflowexporter.checkpoint.fields.FieldReader;
import io.mlflowexporter.checkpoint.fields.FieldWriter;
import io.mlflowexporter.checkpoint.fields.Fields;
import io.mlflowexporter.metric.KeyedHash;
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

    public static RunNotes of(Run run, RunNeeds needs) {
        RunNotes notes = new RunNotes(kept(run.tags(), needs.tags()), kept(run.params(), needs.params()));
        return notes.equals(NONE) ? NONE : notes;
    }

    private static Map<String, String> kept(Map<String, String> all, Set<String> keys) {
        return all.entrySet().stream()
                .filter(entry -> keys.contains(entry.getKey()))
                .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    /** None yet. */
    static Interned<RunNotes> interned() {
        return new Interned<>(RunNotes::weight, RunNotes::place);
    }

    private int place() {
        return 31 * place(tags) + place(params);
    }

    private static int place(Map<String, String> pairs) {
        int sum = 0;
        for (Map.Entry<String, String> pair : pairs.entrySet()) {
            sum += KeyedHash.place(pair.getKey(), pair.getValue());
        }
        return sum;
    }

    /** About what they take, bytes. */
    long weight() {
        return weight(tags) + weight(params);
    }

    private static long weight(Map<String, String> pairs) {
        long weight = 0;
        for (Map.Entry<String, String> pair : pairs.entrySet()) {
            weight += Interned.weight(pair.getKey()) + Interned.weight(pair.getValue());
        }
        return weight;
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
