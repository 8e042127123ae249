package io.mlflowexporter.delivery;

import io.mlflowexporter.indicators.SlidingWindow;
import io.mlflowexporter.mlflow.Times;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/** Versions that went into production within the longest window, told apart whatever names their models take. */
final class InProduction {
    private static final long LONGEST_WINDOW_MILLIS = SlidingWindow.THIRTY_DAYS.millis();

    /** @param model its name where it is not known when it was made, else empty */
    private record Deployed(String workspace, String model, long modelMillis, String version, long versionMillis) {
        static Deployed of(ModelKey key, WatchedModel model, String version) {
            return new Deployed(
                    key.workspace(),
                    model.createdMillis == Times.ABSENT ? key.model() : "",
                    model.createdMillis,
                    version,
                    model.versions().getOrDefault(version, Times.ABSENT));
        }
    }

    /** When that was last seen. */
    private final Map<Deployed, Long> versions = new LinkedHashMap<>();

    void add(ModelKey key, WatchedModel model, String version, long nowMillis) {
        versions.put(Deployed.of(key, model, version), nowMillis);
    }

    void forgetBefore(long nowMillis) {
        versions.values().removeIf(millis -> millis <= nowMillis - LONGEST_WINDOW_MILLIS);
    }

    /** How many versions went into production since, rollbacks left out. */
    long since(String workspace, long millis) {
        return versions.entrySet().stream()
                .filter(version -> version.getKey().workspace().equals(workspace) && version.getValue() > millis)
                .count();
    }

    void write(DataOutput out) throws IOException {
        out.writeInt(versions.size());
        for (Map.Entry<Deployed, Long> entry : versions.entrySet()) {
            out.writeUTF(entry.getKey().workspace());
            out.writeUTF(entry.getKey().model());
            out.writeLong(entry.getKey().modelMillis());
            out.writeUTF(entry.getKey().version());
            out.writeLong(entry.getKey().versionMillis());
            out.writeLong(entry.getValue());
        }
    }

    static InProduction read(DataInput in) throws IOException {
        InProduction read = new InProduction();
        for (int left = in.readInt(); left > 0; left--) {
            read.versions.put(
                    new Deployed(in.readUTF(), in.readUTF(), in.readLong(), in.readUTF(), in.readLong()),
                    in.readLong());
        }
        return read;
    }

    /** As earlier formats have it, by name and number. */
    static InProduction readWithoutTimes(DataInput in, Map<ModelKey, WatchedModel> models) throws IOException {
        InProduction read = new InProduction();
        for (int left = in.readInt(); left > 0; left--) {
            ModelKey key = ModelKey.read(in);
            WatchedModel model = models.getOrDefault(key, new WatchedModel(Times.ABSENT, Times.ABSENT));
            read.versions.put(Deployed.of(key, model, in.readUTF()), in.readLong());
        }
        return read;
    }
}
