package io.mlflowexporter.catalog.reading;

import java.util.List;
import java.util.Set;

/** Some experiments of one workspace, whose runs are asked for together. */
public record ExperimentBatch(String workspace, List<String> ids) {
    /** Few enough for the parameters that databases take in a statement, 2,100 on SQL Server. */
    public static final int MOST = 2_000;

    public ExperimentBatch {
        ids = List.copyOf(ids);
    }

    public ExperimentBatch part(int from, int to) {
        return new ExperimentBatch(workspace, ids.subList(from, to));
    }

    public ExperimentBatch without(Set<String> others) {
        return new ExperimentBatch(
                workspace, ids.stream().filter(id -> !others.contains(id)).toList());
    }
}
