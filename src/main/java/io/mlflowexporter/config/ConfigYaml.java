package io.mlflowexporter.config;

import io.mlflowexporter.settings.Place;
import io.mlflowexporter.settings.ScalarValues;
import io.mlflowexporter.settings.SettingsSchema;
import io.mlflowexporter.settings.value.Quoted;
import java.lang.reflect.RecordComponent;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;

/** Writes a configuration as YAML that can be loaded again, secrets masked. */
public final class ConfigYaml {
    private static final String UNSET = "null";

    private ConfigYaml() {}

    /** The whole configuration, each setting followed by a comment that says where it came from. */
    public static String write(LoadedConfig loaded) {
        Map<String, LoadedConfig.Entry> entries = new LinkedHashMap<>();
        loaded.entries().forEach(entry -> entries.put(entry.path(), entry));
        StringBuilder out = new StringBuilder();
        section(out, loaded.config(), "", "", entries);
        return out.toString();
    }

    private static void section(
            StringBuilder out, Object section, String prefix, String indent, Map<String, LoadedConfig.Entry> entries) {
        for (RecordComponent component : section.getClass().getRecordComponents()) {
            String key = SettingsSchema.key(component);
            Object value = get(section, component);
            out.append(indent).append(key).append(':');
            if (SettingsSchema.isSection(component.getGenericType())) {
                out.append('\n');
                section(out, value, prefix + key + ".", indent + "  ", entries);
                continue;
            }
            LoadedConfig.Entry entry = Objects.requireNonNull(entries.get(prefix + key));
            String comment = " # " + Quoted.comment(entry.source()) + (entry.secret() ? "; masked" : "") + "\n";
            if (value instanceof List<?> list
                    && !list.isEmpty()
                    && SettingsSchema.isSection(list.get(0).getClass())) {
                out.append(comment);
                for (Object element : list) {
                    element(out, element, indent + "  ");
                }
            } else {
                out.append(' ').append(entry.shown()).append(comment);
            }
        }
    }

    private static void element(StringBuilder out, Object element, String indent) {
        String lead = indent + "- ";
        for (Map.Entry<String, String> setting : settings(element).entrySet()) {
            out.append(lead)
                    .append(setting.getKey())
                    .append(": ")
                    .append(setting.getValue())
                    .append('\n');
            lead = indent + "  ";
        }
    }

    /** The settings of an element of a list or map that say something, each as it is written on one line. */
    private static Map<String, String> settings(Object element) {
        Map<String, String> settings = new LinkedHashMap<>();
        for (RecordComponent component : element.getClass().getRecordComponents()) {
            Object value = get(element, component);
            boolean silent = value instanceof Place
                    || (value instanceof Collection<?> c && c.isEmpty())
                    || (value instanceof Map<?, ?> m && m.isEmpty())
                    || (value instanceof Optional<?> o && o.isEmpty());
            if (!silent) {
                settings.put(
                        SettingsSchema.key(component),
                        flow(value, SettingsSchema.setting(component).secret()));
            }
        }
        return settings;
    }

    /** The value on one line; a secret's is the mask. */
    static String flow(Object value, boolean secret) {
        if (value instanceof Optional<?> optional) {
            return optional.isEmpty() ? UNSET : flow(optional.get(), secret);
        }
        if (value instanceof OptionalInt optional) {
            return optional.isEmpty() ? UNSET : Integer.toString(optional.getAsInt());
        }
        if (secret && value instanceof List<?> list) {
            return list.isEmpty() ? "[]" : "[" + Quoted.yaml(Quoted.MASK) + "]";
        }
        if (value instanceof Map<?, ?> map) {
            return map.entrySet().stream()
                    .map(entry -> Quoted.yaml((String) entry.getKey()) + ": " + flow(entry.getValue(), secret))
                    .collect(Collectors.joining(", ", "{", "}"));
        }
        if (secret) {
            return Quoted.yaml(Quoted.MASK);
        }
        if (value instanceof List<?> list) {
            return list.stream().map(element -> flow(element, false)).collect(Collectors.joining(", ", "[", "]"));
        }
        if (SettingsSchema.isSection(value.getClass())) {
            return settings(value).entrySet().stream()
                    .map(entry -> entry.getKey() + ": " + entry.getValue())
                    .collect(Collectors.joining(", ", "{", "}"));
        }
        return ScalarValues.print(value);
    }

    /** Reads a component of a record. */
    static Object get(Object section, RecordComponent component) {
        try {
            return component.getAccessor().invoke(section);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("cannot read " + component, e);
        }
    }
}
