package io.mlflowexporter.delivery;

import io.mlflowexporter.mlflow.RegisteredModel;
import io.mlflowexporter.mlflow.Times;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** A registered model as the last look at it left it. */
final class WatchedModel {
    /** Tells a model from another that later takes its name. */
    final long createdMillis;
    /** When it was first looked at, under whatever name, Unix milliseconds. */
    final long seenSinceMillis;

    /** When it was last looked at under this name. */
    long seenUntilMillis;

    final Map<String, Pointer> pointers = new LinkedHashMap<>();
    /** Alias to the versions it was seen to point to, of those that are still there, and when these were created. */
    private final Map<String, Map<String, Long>> reached = new LinkedHashMap<>();

    /** Version to when it was created: MLflow may give the number of a deleted version anew. */
    private Map<String, Long> versions = Map.of();

    WatchedModel(long createdMillis, long seenSinceMillis) {
        this.createdMillis = createdMillis;
        this.seenSinceMillis = seenSinceMillis;
        this.seenUntilMillis = seenSinceMillis;
    }

    /** What is known of a model under the name it has; nothing where that was another's. */
    static Optional<WatchedModel> of(RegisteredModel model, Map<ModelKey, WatchedModel> models) {
        return Optional.ofNullable(models.get(ModelKey.of(model)))
                .filter(known -> known.createdMillis == model.createdMillis());
    }

    /**
     * The same model under the name that it took.
     *
     * @param before what was seen under that name earlier
     */
    WatchedModel renamed(Optional<WatchedModel> before) {
        WatchedModel model = new WatchedModel(createdMillis, seenSinceMillis);
        model.pointers.putAll(pointers);
        reached.forEach((alias, some) -> model.reached.put(alias, new LinkedHashMap<>(some)));
        model.versions = before.map(WatchedModel::versions).orElse(Map.of());
        return model;
    }

    Map<String, Long> versions() {
        return versions;
    }

    /** Whether a model of such versions may be this one; of none, they may just not have been read. */
    boolean hasSomeOf(Map<String, Long> created) {
        return versions.isEmpty()
                || created.isEmpty()
                || !Collections.disjoint(versions.entrySet(), created.entrySet());
    }

    /** Takes the versions that there are. */
    void versions(Map<String, Long> created) {
        if (!created.isEmpty()) {
            reached.values().forEach(some -> some.entrySet().retainAll(created.entrySet()));
        }
        versions = created;
    }

    /** Notes that an alias points to one of the versions; whether it never did before. */
    boolean reaches(String alias, String version) {
        long created = versions.getOrDefault(version, Times.ABSENT);
        Long before = reached.computeIfAbsent(alias, a -> new LinkedHashMap<>()).put(version, created);
        return before == null || before != created;
    }

    void write(DataOutput out) throws IOException {
        out.writeLong(createdMillis);
        out.writeLong(seenSinceMillis);
        out.writeLong(seenUntilMillis);
        out.writeInt(pointers.size());
        for (Map.Entry<String, Pointer> entry : pointers.entrySet()) {
            out.writeUTF(entry.getKey());
            out.writeUTF(entry.getValue().version());
            out.writeBoolean(entry.getValue().set());
            out.writeLong(entry.getValue().deployedMillis());
        }
        write(versions, out);
        out.writeInt(reached.size());
        for (Map.Entry<String, Map<String, Long>> entry : reached.entrySet()) {
            out.writeUTF(entry.getKey());
            write(entry.getValue(), out);
        }
    }

    private static void write(Map<String, Long> versions, DataOutput out) throws IOException {
        out.writeInt(versions.size());
        for (Map.Entry<String, Long> entry : versions.entrySet()) {
            out.writeUTF(entry.getKey());
            out.writeLong(entry.getValue());
        }
    }

    private static Map<String, Long> readVersions(DataInput in) throws IOException {
        Map<String, Long> versions = new LinkedHashMap<>();
        for (int left = in.readInt(); left > 0; left--) {
            versions.put(in.readUTF(), in.readLong());
        }
        return versions;
    }

    /**
     * What {@link #write} wrote.
     *
     * @throws IOException if it is not that
     */
    static WatchedModel read(DataInput in) throws IOException {
        WatchedModel model = new WatchedModel(in.readLong(), in.readLong());
        model.seenUntilMillis = in.readLong();
        model.readPointers(in);
        model.versions = readVersions(in);
        for (int left = in.readInt(); left > 0; left--) {
            model.reached.put(in.readUTF(), readVersions(in));
        }
        return model;
    }

    /** What a journal held that did not know since when it saw its models; their pointers are all they had reached. */
    static WatchedModel readWithoutTimes(DataInput in, long beganMillis, long lookedMillis) throws IOException {
        WatchedModel model = new WatchedModel(in.readLong(), beganMillis);
        model.seenUntilMillis = lookedMillis;
        model.readPointers(in);
        model.versions = readVersions(in);
        model.pointers.forEach((alias, pointer) -> model.reaches(alias, pointer.version()));
        return model;
    }

    private void readPointers(DataInput in) throws IOException {
        for (int left = in.readInt(); left > 0; left--) {
            pointers.put(in.readUTF(), new Pointer(in.readUTF(), in.readBoolean(), in.readLong()));
        }
    }
}
