package io.mlflowexporter.demo.store;

import io.mlflowexporter.demo.store.ModelRow.Version;
import io.mlflowexporter.demo.store.PageToken.Page;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Registered models of all workspaces, as MLflow's SQL store holds them. */
public final class ModelStore {
    /** Prompts live in the registry too; searches leave them out unless a filter asks for them. */
    public static final String PROMPT_TAG = "mlflow.prompt.is_prompt";

    private final Map<String, TreeMap<String, ModelRow>> byWorkspace = new TreeMap<>();

    public ModelRow create(String workspace, String name, long nowMillis) {
        ModelRow model = new ModelRow(workspace, name, nowMillis);
        if (models(workspace).putIfAbsent(name, model) != null) {
            throw ApiException.exists("Registered Model (name=" + name + ") already exists.");
        }
        return model;
    }

    @Nullable
    public ModelRow find(String workspace, String name) {
        return models(workspace).get(name);
    }

    public ModelRow model(String workspace, String name) {
        ModelRow model = find(workspace, name);
        if (model == null) {
            throw ApiException.missing("Registered Model with name=" + name + " not found");
        }
        return model;
    }

    public void rename(ModelRow model, String name, long nowMillis) {
        if (!name.equals(model.name) && models(model.workspace).containsKey(name)) {
            throw ApiException.exists("Registered Model (name=" + name + ") already exists.");
        }
        delete(model);
        model.name = name;
        model.lastUpdated = nowMillis;
        model.versions.values().forEach(version -> version.lastUpdated = nowMillis);
        models(model.workspace).put(name, model);
    }

    public void delete(ModelRow model) {
        models(model.workspace).remove(model.name);
    }

    public Version createVersion(ModelRow model, String source, String runId, String runLink, long nowMillis) {
        int number = model.versions.isEmpty() ? 1 : model.versions.lastKey() + 1;
        Version version = new Version(model, number, source, runId, runLink, nowMillis);
        model.versions.put(number, version);
        model.lastUpdated = nowMillis;
        return version;
    }

    public Version version(String workspace, String name, String version) {
        int number;
        try {
            number = Integer.parseInt(version);
        } catch (NumberFormatException e) {
            throw ApiException.invalid("Parameter 'version' must be an integer, got '" + version + "'.");
        }
        ModelRow model = find(workspace, name);
        Version found = model == null ? null : model.versions.get(number);
        if (found == null) {
            throw ApiException.missing("Model Version (name=" + name + ", version=" + version + ") not found");
        }
        return found;
    }

    /**
     * Deletes a version.
     *
     * @param aliasesToo false as before MLflow 3, where aliases go on to point at the version that is gone
     */
    public void deleteVersion(Version version, long nowMillis, boolean aliasesToo) {
        version.model.versions.remove(version.number);
        if (aliasesToo) {
            version.model.aliases.values().removeIf(points -> points == version.number);
        }
        version.model.lastUpdated = nowMillis;
    }

    /** Points an alias at a version; as on the real store, no timestamp changes by it. */
    public void setAlias(Version version, String alias) {
        version.model.aliases.put(alias, version.number);
    }

    /** The newest version of each stage, the newest version's stage first. */
    public static List<Version> latestVersions(ModelRow model) {
        List<Version> latest = new ArrayList<>();
        for (Version version : model.versions.descendingMap().values()) {
            if (latest.stream().noneMatch(v -> v.stage.equals(version.stage))) {
                latest.add(version);
            }
        }
        return latest;
    }

    public Page<ModelRow> searchModels(
            String workspace, SearchFilter filter, List<OrderBy> orders, int offset, int max) {
        boolean prompts = filter.takeFlag(PROMPT_TAG);
        Comparator<ModelRow> byName = Comparator.comparing(model -> model.name);
        List<ModelRow> found = models(workspace).values().stream()
                .filter(model -> prompt(model.tags) == prompts)
                .filter(model -> filter.matches(subject -> value(model, subject)))
                .sorted(OrderBy.comparator(orders, ModelStore::value, byName))
                .toList();
        return Page.of(found, offset, max);
    }

    public Page<Version> searchVersions(
            String workspace, SearchFilter filter, List<OrderBy> orders, int offset, int max) {
        boolean prompts = filter.takeFlag(PROMPT_TAG);
        Comparator<Version> last = Comparator.<Version>comparingLong(version -> version.lastUpdated)
                .reversed()
                .thenComparing(version -> version.model.name)
                .thenComparing(Comparator.<Version>comparingInt(version -> version.number)
                        .reversed());
        List<Version> found = models(workspace).values().stream()
                .flatMap(model -> model.versions.values().stream())
                .filter(version -> prompt(version.tags) == prompts)
                .filter(version -> filter.matches(subject -> value(version, subject)))
                .sorted(OrderBy.comparator(orders, ModelStore::value, last))
                .toList();
        return Page.of(found, offset, max);
    }

    private static boolean prompt(Map<String, String> tags) {
        return tags.getOrDefault(PROMPT_TAG, "").equalsIgnoreCase("true");
    }

    private Map<String, ModelRow> models(String workspace) {
        return byWorkspace.computeIfAbsent(workspace, key -> new TreeMap<>());
    }

    private static @Nullable Object value(ModelRow model, SearchDialect.Subject subject) {
        if (subject.entity() == SearchDialect.Entity.TAG) {
            return model.tags.get(subject.key());
        }
        return switch (subject.key()) {
            case "name" -> model.name;
            case "timestamp", "last_updated_timestamp" -> model.lastUpdated;
            default -> null;
        };
    }

    private static @Nullable Object value(Version version, SearchDialect.Subject subject) {
        if (subject.entity() == SearchDialect.Entity.TAG) {
            return version.tags.get(subject.key());
        }
        return switch (subject.key()) {
            case "name" -> version.model.name;
            case "run_id" -> version.runId;
            case "source_path" -> version.source;
            case "version_number" -> (long) version.number;
            case "creation_timestamp" -> version.created;
            case "last_updated_timestamp" -> version.lastUpdated;
            default -> null;
        };
    }
}
