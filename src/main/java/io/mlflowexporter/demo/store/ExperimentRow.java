package io.mlflowexporter.demo.store;

import java.util.Map;
import java.util.TreeMap;

/** An experiment in the store, with its runs. Times are Unix milliseconds. */
public final class ExperimentRow {
    public final String workspace;
    public final long id;
    public final String artifactLocation;
    public final long created;
    public String name;
    public boolean deleted;
    public long lastUpdated;
    public final Map<String, String> tags = new TreeMap<>();
    public final RunIndex runs = new RunIndex();

    ExperimentRow(String workspace, long id, String name, String artifactLocation, long created) {
        this.workspace = workspace;
        this.id = id;
        this.name = name;
        this.artifactLocation = artifactLocation;
        this.created = created;
        this.lastUpdated = created;
    }
}
