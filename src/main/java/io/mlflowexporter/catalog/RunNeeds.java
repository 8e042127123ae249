package io.mlflowexporter.catalog;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What of the runs must be kept for those who compute from the catalog.
 *
 * @param tags names of tags
 * @param params names of params
 * @param systemMetrics whether MLflow's system metrics are wanted
 */
public record RunNeeds(Set<String> tags, Set<String> params, boolean systemMetrics) {
    /** Nothing beyond what the catalog keeps anyway. */
    public static final RunNeeds NOTHING = new RunNeeds(Set.of(), Set.of(), false);

    /** Whether nothing is missing for whoever needs this. */
    public boolean covers(RunNeeds other) {
        return tags.containsAll(other.tags)
                && params.containsAll(other.params)
                && (systemMetrics || !other.systemMetrics);
    }

    public RunNeeds {
        tags = Set.copyOf(tags);
        params = Set.copyOf(params);
    }

    void write(DataOutput out) throws IOException {
        for (Set<String> names : List.of(tags, params)) {
            out.writeInt(names.size());
            for (String name : names) {
                Binary.text(out, name);
            }
        }
        out.writeBoolean(systemMetrics);
    }

    static RunNeeds read(DataInput in) throws IOException {
        List<Set<String>> read = List.of(new HashSet<>(), new HashSet<>());
        for (Set<String> names : read) {
            for (int i = Binary.count(in); i > 0; i--) {
                names.add(Binary.text(in));
            }
        }
        return new RunNeeds(read.get(0), read.get(1), in.readBoolean());
    }
}
