package io.mlflowexporter.demo;

import java.util.Map;
import java.util.TreeMap;

/** An experiment in the store, with its runs. Times are Unix milliseconds. */
final class ExperimentRow {
    final String workspace;
    final long id;
    final String artifactLocation;
    final long created;
    String name;
    boolean deleted;
    long lastUpdated;
    final Map<String, String> tags = new TreeMap<>();
    final RunIndex runs = new RunIndex();

    ExperimentRow(String workspace, long id, String name, String artifactLocation, long created) {
        this.workspace = workspace;
        this.id = id;
        this.name = name;
        this.artifactLocation = artifactLocation;
        this.created = created;
        this.lastUpdated = created;
    }
}
