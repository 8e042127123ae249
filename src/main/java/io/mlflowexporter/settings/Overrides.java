package io.mlflowexporter.settings;

import io.mlflowexporter.settings.value.Quoted;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What flags and environment variables say, setting by setting. */
public final class Overrides {
    /**
     * Kubernetes gives every pod such variables for each service of its namespace; for a service called
     * {@code mlflow-exporter} they begin as ours do.
     */
    private static final Pattern KUBERNETES = Pattern.compile(SettingsSchema.ENV_PREFIX
            + "(.*_)?(SERVICE_HOST|SERVICE_PORT(_.*)?|PORT_[0-9]+_(TCP|UDP|SCTP)(_PROTO|_PORT|_ADDR)?)");

    private static final Pattern KUBERNETES_PORT = Pattern.compile(SettingsSchema.ENV_PREFIX + "(.*_)?PORT");
    private static final Pattern KUBERNETES_PORT_VALUE = Pattern.compile("(tcp|udp|sctp)://.*");

    /** A text given for a setting. */
    public record Given(String text, Origin origin) {}

    /** For files whose settings nothing else can set. */
    public static final Overrides NONE = new Overrides();

    private final Map<String, List<Given>> bySetting = new HashMap<>();

    private Overrides() {}

    /**
     * Sorts out what was given.
     *
     * @param schema the settings there are
     * @param flags setting to text
     * @param flagNames setting to the flag that sets it, for messages
     * @throws IllegalArgumentException if a flag is for no setting that text can set
     */
    public static Overrides of(
            SettingsSchema schema,
            Map<String, String> environment,
            Map<String, String> flags,
            Map<String, String> flagNames,
            Problems problems) {
        Map<String, String> left = new TreeMap<>(environment);
        // An empty variable is how a container template says nothing.
        left.values().removeIf(String::isEmpty);
        Overrides overrides = new Overrides();
        Map<String, String> unusedFlags = new TreeMap<>(flags);
        for (SettingsSchema.Leaf leaf : schema.leaves()) {
            List<Given> given = new ArrayList<>();
            if (leaf.isTextual()) {
                String flag = flagNames.getOrDefault(leaf.path(), "command line");
                add(given, unusedFlags.remove(leaf.path()), new Origin(Origin.Kind.FLAG, flag, 0));
                add(given, left.remove(leaf.variable()), new Origin(Origin.Kind.VARIABLE, leaf.variable(), 0));
                for (String name : leaf.setting().env()) {
                    add(given, environment.get(name), new Origin(Origin.Kind.MLFLOW_VARIABLE, name, 0));
                }
            } else if (left.remove(leaf.variable()) != null) {
                problems.error(
                        new Origin(Origin.Kind.VARIABLE, leaf.variable(), 0),
                        leaf.path(),
                        "can only be set in the configuration file");
            }
            overrides.bySetting.put(leaf.path(), List.copyOf(given));
        }
        if (!unusedFlags.isEmpty()) {
            throw new IllegalArgumentException("no text can set " + unusedFlags.keySet());
        }
        schema.retired().forEach((path, setting) -> {
            if (left.remove(SettingsSchema.variable(path)) != null) {
                problems.retired(new Origin(Origin.Kind.VARIABLE, SettingsSchema.variable(path), 0), path, setting);
            }
        });
        left.forEach((name, value) -> reportUnknown(schema, name, value, problems));
        return overrides;
    }

    private static void add(List<Given> given, @Nullable String text, Origin origin) {
        if (text != null && (!text.isEmpty() || origin.kind() == Origin.Kind.FLAG)) {
            given.add(new Given(text, origin));
        }
    }

    private static void reportUnknown(SettingsSchema schema, String name, String value, Problems problems) {
        if (!name.startsWith(SettingsSchema.ENV_PREFIX) || isKubernetes(name, value)) {
            return;
        }
        List<String> names = schema.leaves().stream()
                .filter(SettingsSchema.Leaf::isTextual)
                .map(SettingsSchema.Leaf::variable)
                .toList();
        String suggestion = Suggestions.nearest(
                        name.substring(SettingsSchema.ENV_PREFIX.length()),
                        names.stream()
                                .map(n -> n.substring(SettingsSchema.ENV_PREFIX.length()))
                                .toList())
                .map(nearest -> "did you mean " + SettingsSchema.ENV_PREFIX + nearest + "?")
                .orElse("docs/configuration.md lists the variables there are");
        problems.error(
                new Origin(Origin.Kind.VARIABLE, Quoted.key(name), 0),
                "",
                "unknown variable; " + suggestion + " Variables of other programs must not begin with "
                        + SettingsSchema.ENV_PREFIX);
    }

    private static boolean isKubernetes(String name, String value) {
        // A name alone that ends in _PORT may as well be a mistyped setting.
        return KUBERNETES.matcher(name).matches()
                || (KUBERNETES_PORT.matcher(name).matches()
                        && KUBERNETES_PORT_VALUE.matcher(value).matches());
    }

    /** What was given for the setting, strongest first. */
    public List<Given> of(String path) {
        return bySetting.getOrDefault(path, List.of());
    }
}
