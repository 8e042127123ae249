package io.mlflowexporter.demo.store;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/** A registered model in the store, with its versions and aliases. Times are Unix milliseconds. */
public final class ModelRow {
    final String workspace;
    public final long created;
    public String name;
    public String description = "";
    public long lastUpdated;
    public final Map<String, String> tags = new TreeMap<>();
    public final Map<String, Integer> aliases = new TreeMap<>();
    public final NavigableMap<Integer, Version> versions = new TreeMap<>();

    ModelRow(String workspace, String name, long created) {
        this.workspace = workspace;
        this.name = name;
        this.created = created;
        this.lastUpdated = created;
    }

    public List<String> aliasesOf(int version) {
        List<String> found = new ArrayList<>();
        aliases.forEach((alias, points) -> {
            if (points == version) {
                found.add(alias);
            }
        });
        return found;
    }

    /** A version; the store keeps its model's name current through {@link #model}. */
    public static final class Version {
        public final ModelRow model;
        public final int number;
        public final String source;
        public final String runId;
        public final String runLink;
        public final long created;
        public String description = "";
        public String stage = "None";
        public long lastUpdated;
        public final Map<String, String> tags = new TreeMap<>();

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
