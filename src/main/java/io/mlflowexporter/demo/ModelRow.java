package io.mlflowexporter.demo;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/** A registered model in the store, with its versions and aliases. Times are Unix milliseconds. */
final class ModelRow {
    final String workspace;
    final long created;
    String name;
    String description = "";
    long lastUpdated;
    final Map<String, String> tags = new TreeMap<>();
    final Map<String, Integer> aliases = new TreeMap<>();
    final NavigableMap<Integer, Version> versions = new TreeMap<>();

    ModelRow(String workspace, String name, long created) {
        this.workspace = workspace;
        this.name = name;
        this.created = created;
        this.lastUpdated = created;
    }

    List<String> aliasesOf(int version) {
        List<String> found = new ArrayList<>();
        aliases.forEach((alias, points) -> {
            if (points == version) {
                found.add(alias);
            }
        });
        return found;
    }

    /** A version; the store keeps its model's name current through {@link #model}. */
    static final class Version {
        final ModelRow model;
        final int number;
        final String source;
        final String runId;
        final String runLink;
        final long created;
        String description = "";
        String stage = "None";
        long lastUpdated;
        final Map<String, String> tags = new TreeMap<>();

        Version(ModelRow model, int number, String source, String runId, String runLink, long created) {
            this.model = model;
            this.number = number;
            this.source = source;
            this.runId = runId;
            this.runLink = runLink;
            this.created = created;
            this.lastUpdated = created;
        }
    }
}
