package io.mlflowexporter.cost.pricing;

import io.mlflowexporter.settings.Binder;
import io.mlflowexporter.settings.NodeReader;
import io.mlflowexporter.settings.Origin;
import io.mlflowexporter.settings.Place;
import io.mlflowexporter.settings.Setting;
import io.mlflowexporter.settings.SettingsSchema;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;

/**
 * A cost book made of the file's nodes. What has a problem is left out of it, or takes its default, so that the
 * problems of the rest are found too.
 */
final class PricingBinder {
    private final NodeReader nodes;
    private final Map<String, Origin> origins = new HashMap<>();
    private final IdentityHashMap<Object, String> paths = new IdentityHashMap<>();
    private final Set<String> broken = new HashSet<>();
    private final Set<String> resourceNames = new HashSet<>();
    private final PricingFile book;

    private PricingBinder(Node root, NodeReader nodes) {
        this.nodes = nodes;
        origins.put("", nodes.origin(root));
        Map<String, Node> children = nodes.children(root, PricingFile.class, "").orElse(Map.of());
        Object[] values = Arrays.stream(PricingFile.class.getRecordComponents())
                .map(component -> value(component, Optional.ofNullable(children.get(SettingsSchema.key(component)))))
                .toArray();
        book = (PricingFile) Binder.construct(PricingFile.class, values);
    }

    static PricingBinder bind(Node root, NodeReader nodes) {
        return new PricingBinder(root, nodes);
    }

    PricingFile book() {
        return book;
    }

    /** Whether every value of a key is what the user meant. */
    boolean sound(String key) {
        return !broken.contains(key);
    }

    /** Where a key stands; for one left out, the book itself. */
    Origin origin(String key) {
        return origins.getOrDefault(key, origins.getOrDefault("", Origin.DEFAULT));
    }

    static Origin origin(Place place) {
        return Origin.file(place.file(), place.line());
    }

    /** The path of an element of one of the book's lists. */
    String path(Object element) {
        return paths.getOrDefault(element, "");
    }

    /** The names of all resources, those with problems too. */
    Set<String> resourceNames() {
        return resourceNames;
    }

    private Object value(RecordComponent component, Optional<Node> node) {
        String key = SettingsSchema.key(component);
        Type type = component.getGenericType();
        Setting setting = SettingsSchema.setting(component);
        node.ifPresent(n -> origins.put(key, nodes.origin(n)));
        Optional<Object> value = node.flatMap(n -> n instanceof SequenceNode list
                        && SettingsSchema.isList(type)
                        && SettingsSchema.isSection(SettingsSchema.argument(type, 0))
                ? Optional.of(elements(list, SettingsSchema.argument(type, 0), setting, key))
                : nodes.value(n, type, setting, key));
        if (node.isPresent() && value.isEmpty()) {
            broken.add(key);
        }
        return value.or(() -> nodes.defaultOf(type, setting)).orElseThrow();
    }

    private List<Object> elements(SequenceNode list, Type type, Setting setting, String key) {
        List<Object> elements = new ArrayList<>();
        for (int i = 0; i < list.getValue().size(); i++) {
            Node node = list.getValue().get(i);
            String path = key + "[" + i + "]";
            if (type == Resource.class) {
                name(node).ifPresent(resourceNames::add);
            }
            nodes.value(node, type, setting, path)
                    .ifPresentOrElse(
                            element -> {
                                paths.put(element, path);
                                elements.add(element);
                            },
                            () -> broken.add(key));
        }
        return List.copyOf(elements);
    }

    private static Optional<String> name(Node resource) {
        return resource instanceof MappingNode mapping
                ? mapping.getValue().stream()
                        .filter(tuple -> tuple.getKeyNode() instanceof ScalarNode key
                                && key.getValue().equals("name"))
                        .map(tuple -> tuple.getValueNode())
                        .filter(ScalarNode.class::isInstance)
                        .map(node -> ((ScalarNode) node).getValue())
                        .findFirst()
                : Optional.empty();
    }
}
