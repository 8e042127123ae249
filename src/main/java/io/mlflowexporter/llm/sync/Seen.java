package io.mlflowexporter.llm.sync;

import io.mlflowexporter.checkpoint.fields.FieldReader;
import io.mlflowexporter.checkpoint.fields.FieldWriter;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Ids of the traces of one workspace that were counted and may be delivered again, as they ended inside the overlap. */
final class Seen {
    /** Id to the trace's end, Unix milliseconds. */
    private final Map<String, Long> ends = new HashMap<>();

    /** False where it was there before. */
    boolean add(String id, long endMillis) {
        return ends.putIfAbsent(id, endMillis) == null;
    }

    /** Forgets those that ended earlier, which are not asked for again. */
    void prune(long fromMillis) {
        ends.values().removeIf(end -> end < fromMillis);
    }

    int size() {
        return ends.size();
    }

    void write(FieldWriter out) throws IOException {
        String[] ids = ends.keySet().toArray(String[]::new);
        long[] millis = new long[ids.length];
        for (int i = 0; i < ids.length; i++) {
            millis[i] = ends.get(ids[i]);
        }
        out.texts("ids", List.of(ids));
        out.longs("ends", millis, millis.length);
    }

    static Seen read(FieldReader in) throws IOException {
        List<String> ids = List.of();
        long[] millis = {};
        while (in.next()) {
            switch (in.name()) {
                case "ids" -> ids = in.texts();
                case "ends" -> millis = in.longs();
                default -> {
                    // Of another version.
                }
            }
        }
        if (ids.size() != millis.length) {
            throw new IOException("columns of different length");
        }
        Seen read = new Seen();
        for (int i = 0; i < millis.length; i++) {
            read.ends.put(ids.get(i), millis[i]);
        }
        return read;
    }
}
