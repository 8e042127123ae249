package io.mlflowexporter.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.mlflowexporter.settings.Place;
import io.mlflowexporter.settings.RetiredSetting;
import io.mlflowexporter.settings.ScalarValues;
import io.mlflowexporter.settings.Setting;
import io.mlflowexporter.settings.SettingsSchema;
import io.mlflowexporter.settings.ValueType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Writes a file's JSON Schema, for editors, out of the {@link Setting} declarations. */
final class SettingsJsonSchema {
    static final String DRAFT = "https://json-schema.org/draft/2020-12/schema";

    private SettingsJsonSchema() {}

    /** The schema of a file that is bound to a root record. */
    static String of(String title, Class<?> root) throws JsonProcessingException {
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("$schema", DRAFT);
        schema.put("title", title);
        schema.putAll(section(root, false));
        return new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValueAsString(schema) + "\n";
    }

    /** @param element whether it is one of a list or of a section of names, which has to say what has no default */
    private static Map<String, Object> section(Class<?> type, boolean element) {
        Map<String, Object> properties = new LinkedHashMap<>();
        List<String> required = new ArrayList<>();
        for (RecordComponent component : type.getRecordComponents()) {
            if (component.getType() == Place.class) {
                continue;
            }
            Setting setting = SettingsSchema.setting(component);
            properties.put(SettingsSchema.key(component), property(component.getGenericType(), setting, element));
            if (element && setting.byDefault().isEmpty() && hasToBeSet(component.getType())) {
                required.add(SettingsSchema.key(component));
            }
        }
        for (RetiredSetting retired : type.getAnnotationsByType(RetiredSetting.class)) {
            Map<String, Object> property = new LinkedHashMap<>();
            property.put("description", "Has no effect: " + retired.reason() + ".");
            property.put("deprecated", true);
            properties.put(retired.key(), property);
        }
        Map<String, Object> section = new LinkedHashMap<>();
        section.put("type", element ? "object" : List.of("object", "null"));
        section.put("additionalProperties", false);
        if (!required.isEmpty()) {
            section.put("required", required);
        }
        section.put("properties", properties);
        return section;
    }

    private static boolean hasToBeSet(Class<?> type) {
        return !isOptional(type) && type != List.class && type != Map.class;
    }

    private static boolean isOptional(Class<?> type) {
        return type == Optional.class || type == OptionalInt.class;
    }

    private static Map<String, Object> property(Type type, Setting setting, boolean inElement) {
        Map<String, Object> property = new LinkedHashMap<>();
        String range = ScalarValues.range(setting);
        property.put(
                "description",
                setting.value()
                        + (range.isEmpty() ? "" : " Allowed: " + range + ".")
                        + (setting.secret() ? " Secret." : ""));
        if (SettingsSchema.isSection(type) && !inElement) {
            property.putAll(section(SettingsSchema.raw(type), false));
            return property;
        }
        property.putAll(value(type, setting));
        if (!setting.byDefault().isEmpty()) {
            property.put("default", byDefault(type, setting.byDefault()));
        }
        return property;
    }

    private static Map<String, Object> value(Type type, Setting setting) {
        Class<?> raw = SettingsSchema.raw(type);
        Map<String, Object> value = new LinkedHashMap<>();
        if (isOptional(raw)) {
            value.putAll(value(SettingsSchema.required(type), setting));
            value.computeIfPresent("type", (key, types) -> with(types, "null"));
            value.computeIfPresent("enum", (key, all) -> with(all, null));
            return value;
        }
        if (raw == List.class) {
            value.put("type", "array");
            value.put("items", value(SettingsSchema.argument(type, 0), setting));
            return value;
        }
        if (raw == Map.class) {
            value.put("type", "object");
            value.put("additionalProperties", value(SettingsSchema.argument(type, 1), setting));
            return value;
        }
        if (SettingsSchema.isSection(raw)) {
            return section(raw, true);
        }
        value.putAll(new TreeMap<>(ValueType.of(raw).orElseThrow().schema()));
        if (raw == int.class || raw == BigDecimal.class) {
            bound(value, "minimum", setting.min());
            bound(value, "maximum", setting.max());
        }
        return value;
    }

    private static void bound(Map<String, Object> value, String key, String bound) {
        if (!bound.isEmpty()) {
            value.put(key, new BigDecimal(bound));
        }
    }

    private static List<@Nullable Object> with(Object one, @Nullable Object more) {
        List<@Nullable Object> all = new ArrayList<>(one instanceof List<?> many ? many : List.of(one));
        all.add(more);
        return all;
    }

    private static Object byDefault(Type type, String text) {
        Class<?> raw = SettingsSchema.raw(SettingsSchema.required(type));
        if (raw == List.class) {
            return Arrays.stream(text.split(",", -1)).map(String::strip).toList();
        }
        if (raw == boolean.class) {
            return Boolean.valueOf(text);
        }
        return raw == int.class || raw == BigDecimal.class ? new BigDecimal(text) : text;
    }
}
