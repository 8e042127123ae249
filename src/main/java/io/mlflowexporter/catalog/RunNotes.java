package io.mlflowexporter.catalog;

import io.mlflowexporter.catalog.columns.Interned;
import io.mlflowexporter.checkpoint.fields.FieldReader;
import io.mlflowexporter.checkpoint.fields.FieldWriter;
import io.mlflowexporter.checkpoint.fields.Fields;
import io.mlflowexporter.mlflow.Run;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Of a run's tags and params those that something asked for. Equal ones are one object in the catalog. Comparable in an
 * order of no meaning, so that notes whose hashes are equal, which whoever writes tags can choose, are found in few steps.
 */
public record RunNotes(Map<String, String> tags, Map<String, String> params) implements Comparable<RunNotes> {
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

    @Override
    public int compareTo(RunNotes other) {
        int byTags = compare(tags, other.tags);
        return byTags == 0 ? compare(params, other.params) : byTags;
    }

    private static int compare(Map<String, String> some, Map<String, String> others) {
        return texts(some).compareTo(texts(others));
    }

    /** Keys and values in turn, by key. */
    private static NameList texts(Map<String, String> pairs) {
        List<String> texts = new ArrayList<>();
        new TreeMap<>(pairs).forEach((key, value) -> {
            texts.add(key);
            texts.add(value);
        });
        return new NameList(texts);
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
