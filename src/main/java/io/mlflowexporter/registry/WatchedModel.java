package io.mlflowexporter.registry;

import io.mlflowexporter.checkpoint.fields.FieldReader;
import io.mlflowexporter.checkpoint.fields.FieldWriter;
import io.mlflowexporter.checkpoint.fields.Fields;
import io.mlflowexporter.metric.Times;
import io.mlflowexporter.mlflow.RegisteredModel;
import java.io.IOException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/** A registered model as the last look at it left it. */
final class WatchedModel {
    /** Tells a model from another that later takes its name. */
    final long createdMillis;
    /** When it was first looked at, under whatever name, Unix milliseconds. */
    final long seenSinceMillis;

    /** When it was last looked at under this name. */
    long seenUntilMillis;

    final Map<String, AliasTarget> pointers = new LinkedHashMap<>();
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

    /** How many aliases are set. */
    int set() {
        return (int) pointers.values().stream().filter(AliasTarget::set).count();
    }

    /** Forgets aliases that are not set, but for these. */
    void retain(Predicate<String> aliases) {
        pointers.entrySet().removeIf(entry -> !entry.getValue().set() && !aliases.test(entry.getKey()));
        reached.keySet().removeIf(alias -> !pointers.containsKey(alias) && !aliases.test(alias));
    }

    /** Notes that an alias points to one of the versions; whether it never did before. */
    boolean reaches(String alias, String version) {
        long created = versions.getOrDefault(version, Times.ABSENT);
        Long before =
                reached.computeIfAbsent(alias, a -> new LinkedHashMap<>(1)).put(version, created);
        return before == null || before != created;
    }

    void write(FieldWriter out) throws IOException {
        out.number("createdMillis", createdMillis);
        out.number("seenSinceMillis", seenSinceMillis);
        out.number("seenUntilMillis", seenUntilMillis);
        out.list("pointers", pointers.entrySet(), (element, entry) -> {
            element.text("alias", entry.getKey());
            element.text("version", entry.getValue().version());
            element.flag("set", entry.getValue().set());
            element.number("deployedMillis", entry.getValue().deployedMillis());
        });
        writeVersions(out, versions);
        out.list("reached", reached.entrySet(), (element, entry) -> {
            element.text("alias", entry.getKey());
            writeVersions(element, entry.getValue());
        });
    }

    private static void writeVersions(FieldWriter out, Map<String, Long> versions) throws IOException {
        long[] created = versions.values().stream().mapToLong(at -> at).toArray();
        out.texts("versions", versions.keySet());
        out.longs("versionsCreatedMillis", created, created.length);
    }

    private static Map<String, Long> versions(List<String> versions, long[] created) throws IOException {
        if (versions.size() != created.length) {
            throw new IOException("versions without a time of creation");
        }
        Map<String, Long> read = new LinkedHashMap<>();
        for (int i = 0; i < created.length; i++) {
            read.put(versions.get(i), created[i]);
        }
        return read;
    }

    /**
     * What {@link #write} wrote.
     *
     * @throws IOException if it is not that
     */
    static WatchedModel read(FieldReader in) throws IOException {
        long created = Times.ABSENT;
        long since = Times.ABSENT;
        long until = Times.ABSENT;
        List<Fields> pointers = List.of();
        List<String> versions = List.of();
        long[] versionsCreated = {};
        Map<String, Map<String, Long>> reached = new LinkedHashMap<>();
        while (in.next()) {
            switch (in.name()) {
                case "createdMillis" -> created = in.number();
                case "seenSinceMillis" -> since = in.number();
                case "seenUntilMillis" -> until = in.number();
                case "pointers" -> pointers = in.list(FieldReader::fields);
                case "versions" -> versions = in.texts();
                case "versionsCreatedMillis" -> versionsCreated = in.longs();
                case "reached" -> in.each(alias -> readReached(alias, reached));
                default -> {
                    // Of another version.
                }
            }
        }
        WatchedModel model = new WatchedModel(created, since);
        model.seenUntilMillis = until;
        for (Fields it : pointers) {
            model.pointers.put(
                    it.text("alias"),
                    new AliasTarget(
                            it.text("version"), it.flag("set", false), it.number("deployedMillis", Times.ABSENT)));
        }
        model.versions = versions(versions, versionsCreated);
        model.reached.putAll(reached);
        return model;
    }

    private static void readReached(FieldReader in, Map<String, Map<String, Long>> reached) throws IOException {
        String alias = "";
        List<String> versions = List.of();
        long[] created = {};
        while (in.next()) {
            switch (in.name()) {
                case "alias" -> alias = in.text();
                case "versions" -> versions = in.texts();
                case "versionsCreatedMillis" -> created = in.longs();
                default -> {
                    // Of another version.
                }
            }
        }
        reached.put(alias, versions(versions, created));
    }
}
