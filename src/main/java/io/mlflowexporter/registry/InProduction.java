package io.mlflowexporter.registry;

import io.mlflowexporter.checkpoint.fields.FieldReader;
import io.mlflowexporter.checkpoint.fields.FieldWriter;
import io.mlflowexporter.checkpoint.fields.Fields;
import io.mlflowexporter.metric.SlidingWindow;
import io.mlflowexporter.metric.Times;
import java.io.IOException;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;

/** Versions that went into production within the longest window, told apart whatever names their models take. */
final class InProduction {
    /** The newest so many are told apart: anybody may move an alias at every look. */
    private static final int MOST = 10_000;

    private static final long LONGEST_WINDOW_MILLIS = SlidingWindow.THIRTY_DAYS.millis();

    /** @param model its name where it is not known when it was made, else empty */
    private record Deployed(String workspace, String model, long modelMillis, String version, long versionMillis)
            implements Comparable<Deployed> {
        private static final Comparator<Deployed> ORDER = Comparator.comparing(Deployed::model)
                .thenComparing(Deployed::version)
                .thenComparing(Deployed::workspace)
                .thenComparingLong(Deployed::modelMillis)
                .thenComparingLong(Deployed::versionMillis);

        @Override
        public int compareTo(Deployed other) {
            return ORDER.compare(this, other);
        }

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
        Deployed deployed = Deployed.of(key, model, version);
        versions.remove(deployed);
        versions.put(deployed, nowMillis);
        if (versions.size() > MOST) {
            versions.remove(versions.keySet().iterator().next());
        }
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

    /** Writes all of it, as a field. */
    void write(FieldWriter out, String name) throws IOException {
        out.list(name, versions.entrySet(), (element, entry) -> {
            element.text("workspace", entry.getKey().workspace());
            element.text("model", entry.getKey().model());
            element.number("modelMillis", entry.getKey().modelMillis());
            element.text("version", entry.getKey().version());
            element.number("versionMillis", entry.getKey().versionMillis());
            element.number("seenMillis", entry.getValue());
        });
    }

    static InProduction read(FieldReader in) throws IOException {
        InProduction read = new InProduction();
        for (Fields fields : in.list(FieldReader::fields)) {
            read.versions.put(
                    new Deployed(
                            fields.text("workspace"),
                            fields.text("model"),
                            fields.number("modelMillis", Times.ABSENT),
                            fields.text("version"),
                            fields.number("versionMillis", Times.ABSENT)),
                    fields.number("seenMillis", Times.ABSENT));
        }
        return read;
    }
}
