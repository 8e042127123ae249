package io.mlflowexporter.settings;

import io.mlflowexporter.settings.value.BadValueException;
import java.lang.reflect.Constructor;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;

/** Makes a file's record out of the file's nodes, the overrides and the defaults. */
public final class Binder {
    private final NodeReader nodes;
    private final Overrides overrides;
    private final Problems problems;
    private final Map<String, Origin> origins = new HashMap<>();
    private final Set<String> broken = new HashSet<>();

    public Binder(NodeReader nodes, Overrides overrides, Problems problems) {
        this.nodes = nodes;
        this.overrides = overrides;
        this.problems = problems;
    }

    /**
     * Binds everything. A setting with a problem takes its default for now, so that all problems are found; it is then
     * among {@link #broken()}.
     */
    public <T> T bind(Class<T> type, Optional<Node> root) {
        return type.cast(section(type, root, ""));
    }

    /** Setting to where its value came from; an entry of a section of names is one too. */
    public Map<String, Origin> origins() {
        return origins;
    }

    /** Where a setting's value came from. */
    public Origin stand(String path) {
        return origins.getOrDefault(path, Origin.DEFAULT);
    }

    /** Where an entry of a section of names stands. */
    public Origin stand(String path, String name) {
        return origins.getOrDefault(path + "." + name, stand(path));
    }

    /** Settings whose value is not what the user meant. */
    public Set<String> broken() {
        return broken;
    }

    private Object section(Class<?> type, Optional<Node> node, String path) {
        Map<String, Node> children =
                node.flatMap(n -> nodes.children(n, type, path)).orElse(Map.of());
        return construct(
                type,
                Arrays.stream(type.getRecordComponents())
                        .map(component -> {
                            String key = SettingsSchema.key(component);
                            String childPath = path.isEmpty() ? key : path + "." + key;
                            Optional<Node> child = Optional.ofNullable(children.get(key));
                            return SettingsSchema.isSection(component.getGenericType())
                                    ? section(component.getType(), child, childPath)
                                    : leaf(component, child, childPath);
                        })
                        .toArray());
    }

    private Object leaf(RecordComponent component, Optional<Node> node, String path) {
        SettingsSchema.Leaf leaf =
                new SettingsSchema.Leaf(path, SettingsSchema.setting(component), component.getGenericType());
        List<Overrides.Given> given = overrides.of(path);
        // All are read, for their problems; a variable of MLflow's own only if it counts, since it may not be for us.
        int before = problems.errorCount();
        Optional<Object> winner = Optional.empty();
        Origin origin = Origin.DEFAULT;
        for (Overrides.Given candidate : given) {
            boolean counts = origin.equals(Origin.DEFAULT);
            if (counts || candidate.origin().kind() != Origin.Kind.MLFLOW_VARIABLE) {
                Optional<Object> value = text(leaf, candidate);
                if (counts) {
                    winner = value;
                    origin = candidate.origin();
                }
            }
        }
        if (node.isPresent()) {
            entries(node.get(), path);
            Optional<Object> value = nodes.value(node.get(), leaf.type(), leaf.setting(), path);
            if (origin.equals(Origin.DEFAULT)) {
                winner = value;
                origin = nodes.origin(node.get());
            }
        }
        if (problems.errorCount() > before) {
            broken.add(path);
        }
        origins.put(path, origin);
        return winner.or(() -> nodes.defaultOf(leaf.type(), leaf.setting())).orElseThrow();
    }

    private void entries(Node node, String path) {
        if (node instanceof MappingNode mapping) {
            for (NodeTuple tuple : mapping.getValue()) {
                if (tuple.getKeyNode() instanceof ScalarNode key) {
                    origins.put(path + "." + key.getValue(), nodes.origin(key));
                }
            }
        }
    }

    private Optional<Object> text(SettingsSchema.Leaf leaf, Overrides.Given given) {
        try {
            return Optional.of(nodes.fromText(leaf.type(), leaf.setting(), given.text(), given.origin()));
        } catch (BadValueException e) {
            problems.error(given.origin(), leaf.path(), e.getMessage());
            return Optional.empty();
        }
    }

    /** Calls the record's canonical constructor. */
    public static Object construct(Class<?> type, Object[] values) {
        Class<?>[] types = Arrays.stream(type.getRecordComponents())
                .map(RecordComponent::getType)
                .toArray(Class<?>[]::new);
        try {
            Constructor<?> constructor = type.getDeclaredConstructor(types);
            return constructor.newInstance(values);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("cannot make a " + type.getName(), e);
        }
    }
}
