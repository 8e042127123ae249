package io.mlflowexporter.checkpoint;

import io.mlflowexporter.checkpoint.fields.FieldWriter;
import io.mlflowexporter.checkpoint.fields.Fields;
import java.io.IOException;
import java.util.List;

/**
 * Whose data it is. A checkpoint of anything else is foreign: its counters would count other runs.
 *
 * @param tracking address without credentials
 * @param registry address without credentials; equal to {@code tracking} where not separate
 * @param workspaces as configured
 * @param shard such as {@code 0/1}
 */
public record CheckpointIdentity(String tracking, String registry, List<String> workspaces, String shard) {
    public CheckpointIdentity {
        workspaces = List.copyOf(workspaces);
    }

    void write(FieldWriter out) throws IOException {
        out.text("tracking", tracking);
        out.text("registry", registry);
        out.texts("workspaces", workspaces);
        out.text("shard", shard);
    }

    static CheckpointIdentity read(Fields fields) throws IOException {
        return new CheckpointIdentity(
                fields.text("tracking"), fields.text("registry"), fields.texts("workspaces"), fields.text("shard"));
    }

    /** In what another differs, for people; the first difference only. */
    String differsFrom(CheckpointIdentity other) {
        if (!tracking.equals(other.tracking)) {
            return "tracking server " + other.tracking;
        }
        if (!registry.equals(other.registry)) {
            return "registry server " + other.registry;
        }
        return workspaces.equals(other.workspaces)
                ? "shard " + other.shard
                : "workspaces " + (other.workspaces.isEmpty() ? "unset" : String.join(", ", other.workspaces));
    }
}
