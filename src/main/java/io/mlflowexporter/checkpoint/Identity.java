package io.mlflowexporter.checkpoint;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Whose data it is. A checkpoint of anything else is foreign: its counters would count other runs.
 *
 * @param tracking address without credentials
 * @param registry address without credentials; equal to {@code tracking} where not separate
 * @param workspaces as configured
 * @param shard such as {@code 0/1}
 */
public record Identity(String tracking, String registry, List<String> workspaces, String shard) {
    public Identity {
        workspaces = List.copyOf(workspaces);
    }

    void write(DataOutput out) throws IOException {
        Texts.write(out, tracking);
        Texts.write(out, registry);
        out.writeInt(workspaces.size());
        for (String workspace : workspaces) {
            Texts.write(out, workspace);
        }
        Texts.write(out, shard);
    }

    static Identity read(DataInput in) throws IOException {
        String tracking = Texts.read(in);
        String registry = Texts.read(in);
        List<String> workspaces = new ArrayList<>();
        for (int left = Texts.count(in); left > 0; left--) {
            workspaces.add(Texts.read(in));
        }
        return new Identity(tracking, registry, workspaces, Texts.read(in));
    }

    /** In what another differs, for people; the first difference only. */
    String differsFrom(Identity other) {
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
