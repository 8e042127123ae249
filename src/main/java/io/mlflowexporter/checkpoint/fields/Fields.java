package io.mlflowexporter.checkpoint.fields;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The fields of a small object, each with a default for files that lack it. A value of another type is an error. */
public final class Fields {
    private final Map<String, Object> values;

    /** None: all have their defaults. */
    public Fields() {
        this(Map.of());
    }

    Fields(Map<String, Object> values) {
        this.values = values;
    }

    public long number(String name, long byDefault) throws IOException {
        return get(name, Long.class, byDefault);
    }

    /** A number that fits an int and is not negative; 0 by default. */
    public int count(String name) throws IOException {
        return FieldReader.count(name, number(name, 0));
    }

    public double real(String name, double byDefault) throws IOException {
        return get(name, Double.class, byDefault);
    }

    public boolean flag(String name, boolean byDefault) throws IOException {
        return get(name, Boolean.class, byDefault);
    }

    /** Empty by default. */
    public String text(String name) throws IOException {
        return text(name, "");
    }

    public String text(String name, String byDefault) throws IOException {
        return get(name, String.class, byDefault);
    }

    /** One of an enum's constants, which is written as its name. */
    public <E extends Enum<E>> E one(String name, E byDefault) throws IOException {
        return FieldReader.one(name, text(name, byDefault.name()), byDefault.getDeclaringClass());
    }

    /** None by default. */
    @SuppressWarnings("unchecked")
    public List<String> texts(String name) throws IOException {
        return get(name, List.class, List.of());
    }

    /** None by default. */
    public Map<String, String> pairs(String name) throws IOException {
        return pairs(texts(name));
    }

    static Map<String, String> pairs(List<String> keysAndValues) throws IOException {
        if (keysAndValues.size() % 2 != 0) {
            throw new IOException("a key without a value");
        }
        Map<String, String> pairs = new LinkedHashMap<>();
        for (int i = 0; i < keysAndValues.size(); i += 2) {
            pairs.put(keysAndValues.get(i), keysAndValues.get(i + 1));
        }
        return pairs;
    }

    private <T> T get(String name, Class<T> type, T byDefault) throws IOException {
        Object value = values.getOrDefault(name, byDefault);
        if (!type.isInstance(value)) {
            throw new IOException("field " + name + ": not a " + type.getSimpleName());
        }
        return type.cast(value);
    }
}
