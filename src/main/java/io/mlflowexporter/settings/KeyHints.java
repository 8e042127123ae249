package io.mlflowexporter.settings;

import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** Guesses what an unknown key of a file was meant to be. */
final class KeyHints {
    private final List<String> paths = new ArrayList<>();

    /** Hints for files that are read into a record of this class. */
    KeyHints(Class<?> root) {
        add("", root);
    }

    private void add(String prefix, Class<?> section) {
        for (RecordComponent component : section.getRecordComponents()) {
            if (component.getType() == Place.class) {
                continue;
            }
            String path = prefix + SettingsSchema.key(component);
            Type type = component.getGenericType();
            boolean list = SettingsSchema.isList(type);
            boolean wrapped = list || SettingsSchema.raw(type) == Optional.class;
            Type inner = wrapped ? SettingsSchema.argument(type, 0) : type;
            if (!SettingsSchema.isSection(inner)) {
                paths.add(path);
            } else {
                if (wrapped) {
                    paths.add(path);
                }
                add(path + (list ? "[]." : "."), SettingsSchema.raw(inner));
            }
        }
    }

    /**
     * The key that was likely meant: the same one deeper in this section, else where it is the only one, else one of
     * this section that is nearly it.
     *
     * @param path of the section the key stands in, with indices
     */
    Optional<String> suggest(String key, String path, Collection<String> allowed) {
        String here = path.replaceAll("\\[[0-9]+]", "[]");
        List<String> same = paths.stream()
                .filter(other -> other.equals(key) || other.endsWith("." + key))
                .toList();
        return same.stream()
                .filter(other -> here.isEmpty() || other.startsWith(here + "."))
                .findFirst()
                .or(() -> same.size() == 1 ? Optional.of(same.get(0)) : Optional.empty())
                .or(() -> Suggestions.nearest(key, allowed));
    }
}
