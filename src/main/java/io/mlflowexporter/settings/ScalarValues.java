package io.mlflowexporter.settings;

import io.mlflowexporter.settings.value.BadValueException;
import java.nio.file.Path;

/** Turns the text of one scalar into the value of its setting, and back. */
public final class ScalarValues {
    private ScalarValues() {}

    /**
     * Reads one value.
     *
     * @param raw the setting's type; of an optional one, the type inside
     * @param origin decides what a relative path is relative to and which words are booleans
     * @param directory the directory of the configuration file, for paths in it
     * @throws BadValueException if the text is no such value or out of range; without the text if that is secret
     */
    static Object parse(Class<?> raw, Setting setting, String text, Origin origin, Path directory) {
        if (text.isEmpty()) {
            throw new BadValueException("is empty; give a value or leave it out");
        }
        ValueType type = type(raw);
        Object value = type.parser().parse(text, origin, directory);
        if ((!setting.min().isEmpty() && compare(value, type, setting.min()) < 0)
                || (!setting.max().isEmpty() && compare(value, type, setting.max()) > 0)) {
            throw new BadValueException(text + " is out of range; allowed: " + range(setting));
        }
        return value;
    }

    private static ValueType type(Class<?> raw) {
        return ValueType.of(raw).orElseThrow(() -> new IllegalStateException("no settings of " + raw));
    }

    /** Both are of one class, which can be compared: ranges stand on no others. */
    @SuppressWarnings("unchecked")
    private static int compare(Object value, ValueType type, String bound) {
        return ((Comparable<Object>) value).compareTo(type.parser().parse(bound, Origin.DEFAULT, Path.of("")));
    }

    /** The range in words; empty when there is none. */
    public static String range(Setting setting) {
        if (setting.min().isEmpty()) {
            return setting.max().isEmpty() ? "" : setting.max() + " or less";
        }
        return setting.max().isEmpty() ? setting.min() + " or more" : setting.min() + " to " + setting.max();
    }

    /** The scalar as it would stand in the file. */
    public static String print(Object value) {
        return type(value.getClass()).printer().apply(value);
    }
}
