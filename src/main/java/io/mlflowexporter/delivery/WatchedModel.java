package io.mlflowexporter.delivery;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/** A registered model as the last look at it left it. */
final class WatchedModel {
    /** Tells a model from another that later takes its name. */
    final long createdMillis;

    final Map<String, Pointer> pointers = new LinkedHashMap<>();
    /** Version to when it was created: MLflow may give the number of a deleted version anew. */
    Map<String, Long> versions = Map.of();

    WatchedModel(long createdMillis) {
        this.createdMillis = createdMillis;
    }

    void write(DataOutput out) throws IOException {
        out.writeLong(createdMillis);
        out.writeInt(pointers.size());
        for (Map.Entry<String, Pointer> entry : pointers.entrySet()) {
            out.writeUTF(entry.getKey());
            out.writeUTF(entry.getValue().version());
            out.writeBoolean(entry.getValue().set());
            out.writeLong(entry.getValue().deployedMillis());
        }
        out.writeInt(versions.size());
        for (Map.Entry<String, Long> entry : versions.entrySet()) {
            out.writeUTF(entry.getKey());
            out.writeLong(entry.getValue());
        }
    }

    static WatchedModel read(DataInput in) throws IOException {
        WatchedModel model = new WatchedModel(in.readLong());
        for (int left = in.readInt(); left > 0; left--) {
            model.pointers.put(in.readUTF(), new Pointer(in.readUTF(), in.readBoolean(), in.readLong()));
        }
        Map<String, Long> versions = new LinkedHashMap<>();
        for (int left = in.readInt(); left > 0; left--) {
            versions.put(in.readUTF(), in.readLong());
        }
        model.versions = versions;
        return model;
    }
}
