package io.mlflowexporter.settings;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;

/**
 * The settings of one file, read off the {@link Setting} declarations of the record it is bound to.
 *
 * @param leaves every setting in declaration order; settings inside list elements are not among them
 * @param retired every retired setting by its path
 */
public record SettingsSchema(List<Leaf> leaves, Map<String, RetiredSetting> retired) {
    /** What every variable of the exporter's own begins with. */
    static final String ENV_PREFIX = "MLFLOW_EXPORTER_";

    /** A setting with a path of its own. */
    public record Leaf(String path, Setting setting, Type type) {
        /** Whether a variable or a flag can set it. */
        public boolean isTextual() {
            return SettingsSchema.isScalar(type)
                    || (SettingsSchema.isList(type) && SettingsSchema.isScalar(SettingsSchema.argument(type, 0)));
        }

        /** The variable of the exporter's own that sets it. */
        public String variable() {
            return SettingsSchema.variable(path);
        }
    }

    /** The settings of a root record. */
    public static SettingsSchema of(Class<?> root) {
        return new SettingsSchema(leaves("", root), retired("", root));
    }

    private static List<Leaf> leaves(String prefix, Class<?> section) {
        List<Leaf> leaves = new ArrayList<>();
        for (RecordComponent component : section.getRecordComponents()) {
            String path = prefix + key(component);
            Type type = component.getGenericType();
            if (isSection(type)) {
                leaves.addAll(leaves(path + ".", raw(type)));
            } else {
                leaves.add(new Leaf(path, setting(component), type));
            }
        }
        return List.copyOf(leaves);
    }

    private static Map<String, RetiredSetting> retired(String prefix, Class<?> section) {
        Map<String, RetiredSetting> retired = new LinkedHashMap<>();
        retired(section).forEach((key, setting) -> retired.put(prefix + key, setting));
        for (RecordComponent component : section.getRecordComponents()) {
            if (isSection(component.getGenericType())) {
                retired.putAll(retired(prefix + key(component) + ".", raw(component.getGenericType())));
            }
        }
        return retired;
    }

    /** The retired settings of one section by key. */
    static Map<String, RetiredSetting> retired(Class<?> section) {
        return Arrays.stream(section.getAnnotationsByType(RetiredSetting.class))
                .collect(Collectors.toMap(RetiredSetting::key, setting -> setting));
    }

    /** The variable of the exporter's own for a setting. */
    static String variable(String path) {
        return ENV_PREFIX + path.replace('.', '_').toUpperCase(Locale.ROOT);
    }

    public static Setting setting(RecordComponent component) {
        Setting setting = component.getAnnotation(Setting.class);
        if (setting == null) {
            throw new IllegalStateException(component + " has no @Setting");
        }
        return setting;
    }

    public static List<String> keys(Class<?> section) {
        return Arrays.stream(section.getRecordComponents())
                .filter(component -> component.getType() != Place.class)
                .map(SettingsSchema::key)
                .toList();
    }

    /** The component's name as it stands in the file: {@code readTimeout} is {@code read_timeout}. */
    public static String key(RecordComponent component) {
        return snakeCase(component.getName());
    }

    static String snakeCase(String camelCase) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < camelCase.length(); i++) {
            char c = camelCase.charAt(i);
            if (Character.isUpperCase(c) && i > 0) {
                out.append('_');
            }
            out.append(Character.toLowerCase(c));
        }
        return out.toString();
    }

    /** Whether the type is a record whose components are settings, not a value that happens to be a record. */
    public static boolean isSection(Type type) {
        return type instanceof Class<?> c
                && c.isRecord()
                && c.getRecordComponents().length > 0
                && c.getRecordComponents()[0].isAnnotationPresent(Setting.class);
    }

    public static boolean isList(Type type) {
        return raw(type) == List.class;
    }

    static boolean isOptional(Type type) {
        return raw(type) == Optional.class || raw(type) == OptionalInt.class;
    }

    static boolean isScalar(Type type) {
        return ValueType.of(raw(required(type))).isPresent();
    }

    /** The type of a setting's value where there is one. */
    public static Type required(Type type) {
        return raw(type) == Optional.class ? argument(type, 0) : type == OptionalInt.class ? int.class : type;
    }

    public static Class<?> raw(Type type) {
        return type instanceof ParameterizedType p ? (Class<?>) p.getRawType() : (Class<?>) type;
    }

    public static Type argument(Type type, int index) {
        return ((ParameterizedType) type).getActualTypeArguments()[index];
    }

    /** How the setting's values are called in messages and in the reference. */
    public static String typeName(Type type) {
        if (isOptional(type)) {
            return typeName(required(type));
        }
        Class<?> raw = raw(type);
        if (raw == List.class) {
            Type element = argument(type, 0);
            return raw(element).isEnum()
                    ? "list of any of " + typeName(element)
                    : isSection(element) ? "list of sections" : "list of " + typeName(element) + "s";
        }
        if (raw == Map.class) {
            return "section of " + typeName(argument(type, 1)) + "s";
        }
        if (isSection(raw)) {
            return "section";
        }
        if (raw == Place.class) {
            return "";
        }
        return ValueType.of(raw)
                .orElseThrow(() -> new IllegalStateException("no settings of " + type))
                .name();
    }
}
