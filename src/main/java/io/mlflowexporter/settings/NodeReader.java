package io.mlflowexporter.settings;

import io.mlflowexporter.settings.value.BadValueException;
import io.mlflowexporter.settings.value.Quoted;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/** Reads nodes as values of settings; where one is not, it says why and goes on with the rest. */
public final class NodeReader {
    /** The tags YAML gives by itself. What a scalar means is decided by its setting, never by its tag. */
    private static final Set<Tag> TAGS = Set.of(
            Tag.STR,
            Tag.INT,
            Tag.FLOAT,
            Tag.BOOL,
            Tag.NULL,
            Tag.TIMESTAMP,
            Tag.SEQ,
            Tag.MAP,
            Tag.MERGE,
            new Tag(Tag.PREFIX + "value"));

    private final String file;
    private final Path directory;
    private final KeyHints hints;
    private final Problems problems;

    /**
     * Sets out to read one file.
     *
     * @param file its name as the user gave it
     * @param directory what relative paths in it are relative to
     * @param root the record the whole file is read into
     */
    public NodeReader(String file, Path directory, Class<?> root, Problems problems) {
        this.file = file;
        this.directory = directory;
        this.hints = new KeyHints(root);
        this.problems = problems;
    }

    /** Sets out to read one file, whose relative paths are relative to the directory it lies in. */
    public static NodeReader of(Path file, Class<?> root, Problems problems) {
        Path directory = file.toAbsolutePath().getParent();
        return new NodeReader(file.toString(), directory == null ? Path.of("") : directory, root, problems);
    }

    public Origin origin(Node node) {
        return Origin.file(file, node.getStartMark().getLine() + 1);
    }

    /** The section's nodes by key; unknown and repeated keys are problems and left out. Empty if it is no section. */
    public Optional<Map<String, Node>> children(Node node, Class<?> type, String path) {
        if (isNull(node)) {
            return Optional.of(Map.of());
        }
        List<String> allowed = SettingsSchema.keys(type);
        if (!(node instanceof MappingNode mapping)) {
            // The text is not shown: `password:hunter2`, written without the blank, is one.
            problems.error(
                    origin(node),
                    path,
                    "is " + kind(node) + ", not a section; allowed keys: " + String.join(", ", allowed));
            return Optional.empty();
        }
        Map<String, Node> children = new LinkedHashMap<>();
        Map<String, Node> all = entries(mapping, path);
        all.forEach((key, value) -> {
            if (allowed.contains(key)) {
                children.put(key, value);
            }
        });
        Map<String, RetiredSetting> retired = SettingsSchema.retired(type);
        for (NodeTuple tuple : mapping.getValue()) {
            if (!(tuple.getKeyNode() instanceof ScalarNode key) || allowed.contains(key.getValue())) {
                continue;
            }
            String name = key.getValue();
            if (retired.containsKey(name)) {
                problems.retired(origin(key), join(path, name), retired.get(name));
            } else {
                problems.error(origin(key), join(path, Quoted.key(name)), unknown(name, path, allowed));
            }
        }
        return Optional.of(children);
    }

    private String unknown(String key, String path, List<String> allowed) {
        if (key.equals("<<")) {
            return "merging sections with `<<` is not supported; repeat the settings";
        }
        return "unknown key; "
                + hints.suggest(key, path, allowed)
                        .map(meant -> "did you mean " + meant + "? ")
                        .orElse("")
                + "allowed: " + String.join(", ", allowed);
    }

    /** A mapping's nodes by key; of a repeated key the first stays. */
    private Map<String, Node> entries(MappingNode mapping, String path) {
        Map<String, Node> entries = new LinkedHashMap<>();
        Map<String, Node> keys = new HashMap<>();
        for (NodeTuple tuple : mapping.getValue()) {
            if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
                problems.error(origin(tuple.getKeyNode()), path, "has a key that is not text");
                continue;
            }
            Node first = keys.putIfAbsent(key.getValue(), key);
            if (first == null) {
                entries.put(key.getValue(), tuple.getValueNode());
            } else {
                problems.error(
                        origin(key),
                        join(path, Quoted.key(key.getValue())),
                        "is set twice, first on line " + origin(first).line());
            }
        }
        return entries;
    }

    /** The node's value; empty if a problem was added. */
    public Optional<Object> value(Node node, Type type, Setting setting, String path) {
        if (!TAGS.contains(node.getTag())) {
            return failed(
                    node, path, "has a YAML tag, which is not supported; put text that begins with `!` in quotes");
        }
        Class<?> raw = SettingsSchema.raw(type);
        if (isNull(node)) {
            return SettingsSchema.isOptional(type)
                    ? defaultOf(type, setting)
                    : failed(
                            node,
                            path,
                            "has no value; remove the line for the default"
                                    + (raw == List.class ? ", or write [] for an empty list" : ""));
        }
        if (SettingsSchema.isOptional(type)) {
            return value(node, SettingsSchema.required(type), setting, path).map(value -> optional(raw, value));
        }
        if (raw == List.class) {
            return list(node, SettingsSchema.argument(type, 0), setting, path);
        }
        if (raw == Map.class) {
            return map(node, SettingsSchema.argument(type, 1), setting, path);
        }
        if (SettingsSchema.isSection(raw)) {
            return element(node, raw, path);
        }
        if (!(node instanceof ScalarNode scalar)) {
            return failed(node, path, "is " + kind(node) + "; allowed: one " + SettingsSchema.typeName(type));
        }
        if (raw == BigDecimal.class && !scalar.isPlain()) {
            return failed(node, path, "is text in quotes; write the number without them");
        }
        try {
            return Optional.of(ScalarValues.parse(raw, setting, scalar.getValue(), origin(node), directory));
        } catch (BadValueException e) {
            return failed(node, path, e.getMessage());
        }
    }

    private Optional<Object> list(Node node, Type element, Setting setting, String path) {
        if (!(node instanceof SequenceNode sequence)) {
            return failed(
                    node,
                    path,
                    "is " + kind(node) + "; allowed: a list"
                            + (SettingsSchema.isSection(element) ? "" : ", such as [\"a\", \"b\"]"));
        }
        int before = problems.errorCount();
        List<Object> values = new ArrayList<>();
        List<Node> elements = sequence.getValue();
        for (int i = 0; i < elements.size(); i++) {
            value(elements.get(i), element, setting, path + "[" + i + "]").ifPresent(values::add);
        }
        return problems.errorCount() > before ? Optional.empty() : Optional.of(List.copyOf(values));
    }

    private Optional<Object> map(Node node, Type valueType, Setting setting, String path) {
        if (!(node instanceof MappingNode mapping)) {
            return failed(
                    node,
                    path,
                    "is " + kind(node) + "; allowed: a section of names and " + SettingsSchema.typeName(valueType)
                            + "s");
        }
        int before = problems.errorCount();
        Map<String, Object> values = new LinkedHashMap<>();
        entries(mapping, path)
                .forEach((key, child) -> value(child, valueType, setting, join(path, Quoted.key(key)))
                        .ifPresent(value -> values.put(key, value)));
        return problems.errorCount() > before ? Optional.empty() : Optional.of(Collections.unmodifiableMap(values));
    }

    /** A section that is an element of a list. */
    private Optional<Object> element(Node node, Class<?> type, String path) {
        int before = problems.errorCount();
        Optional<Map<String, Node>> section = children(node, type, path);
        if (section.isEmpty()) {
            return Optional.empty();
        }
        Map<String, Node> children = section.get();
        if (problems.errorCount() == before && children.isEmpty()) {
            return failed(node, path, "is empty; allowed keys: " + String.join(", ", SettingsSchema.keys(type)));
        }
        List<Optional<Object>> values = Arrays.stream(type.getRecordComponents())
                .map(component -> component(node, component, children, path))
                .toList();
        if (problems.errorCount() > before) {
            return Optional.empty();
        }
        Object made = Binder.construct(
                type, values.stream().map(Optional::orElseThrow).toArray());
        if (made instanceof CheckedElement element) {
            element.check(
                    new CheckedElement.Complaints(path, key -> origin(children.getOrDefault(key, node)), problems));
        }
        return problems.errorCount() > before ? Optional.empty() : Optional.of(made);
    }

    private Optional<Object> component(
            Node parent, RecordComponent component, Map<String, Node> children, String path) {
        if (component.getType() == Place.class) {
            return Optional.of(new Place(file, origin(parent).line()));
        }
        String key = SettingsSchema.key(component);
        Node child = children.get(key);
        Setting setting = SettingsSchema.setting(component);
        if (child != null) {
            return value(child, component.getGenericType(), setting, join(path, key));
        }
        Optional<Object> byDefault = defaultOf(component.getGenericType(), setting);
        if (byDefault.isEmpty()) {
            problems.error(origin(parent), join(path, key), "is missing");
        }
        return byDefault;
    }

    /** What the setting is when nobody sets it; empty if it must be set. */
    public Optional<Object> defaultOf(Type type, Setting setting) {
        if (!setting.byDefault().isEmpty()) {
            return Optional.of(fromText(type, setting, setting.byDefault(), Origin.DEFAULT));
        }
        Class<?> raw = SettingsSchema.raw(type);
        if (raw == Optional.class) {
            return Optional.of(Optional.empty());
        }
        if (raw == OptionalInt.class) {
            return Optional.of(OptionalInt.empty());
        }
        if (raw == List.class) {
            return Optional.of(List.of());
        }
        return raw == Map.class ? Optional.of(Map.of()) : Optional.empty();
    }

    /**
     * Reads the text of a flag, a variable or a default; a list's elements stand between commas.
     *
     * @throws BadValueException if it is not the setting's
     */
    Object fromText(Type type, Setting setting, String text, Origin origin) {
        Class<?> raw = SettingsSchema.raw(type);
        if (SettingsSchema.isOptional(type)) {
            return optional(raw, fromText(SettingsSchema.required(type), setting, text, origin));
        }
        if (raw == List.class) {
            return Arrays.stream(text.split(",", -1))
                    .map(String::strip)
                    .filter(element -> !element.isEmpty())
                    .map(element -> fromText(SettingsSchema.argument(type, 0), setting, element, origin))
                    .toList();
        }
        return ScalarValues.parse(raw, setting, text, origin, directory);
    }

    private static Object optional(Class<?> raw, Object value) {
        return raw == OptionalInt.class ? OptionalInt.of((Integer) value) : Optional.of(value);
    }

    private static boolean isNull(Node node) {
        return node.getTag().equals(Tag.NULL);
    }

    private static String kind(Node node) {
        return node instanceof MappingNode ? "a section" : node instanceof SequenceNode ? "a list" : "a single value";
    }

    private static String join(String path, String key) {
        return path.isEmpty() ? key : path + "." + key;
    }

    private <T> Optional<T> failed(Node node, String path, String message) {
        problems.error(origin(node), path, message);
        return Optional.empty();
    }
}
