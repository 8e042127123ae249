package io.mlflowexporter.exposition;

import io.mlflowexporter.metric.FamilyDeclaration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/** Which names a family goes by in the formats. */
final class FamilyNames {
    private static final List<String> TYPE_SUFFIXES = List.of("_total", "_info");
    private static final List<String> SAMPLE_SUFFIXES =
            List.of("_total", "_info", "_bucket", "_count", "_sum", "_created");

    private FamilyNames() {}

    /** The name in OpenMetrics and in client_java's registry. */
    static String base(String name) {
        for (String suffix : TYPE_SUFFIXES) {
            if (name.endsWith(suffix)) {
                return name.substring(0, name.length() - suffix.length());
            }
        }
        return name;
    }

    /**
     * Selects families by base name as the parameter {@code name[]} asks: by the family's name or by one of its
     * samples'. Unlike client_java's filter, {@code x_y} does not select the family {@code x}.
     *
     * @param names what is asked for; empty for everything
     */
    static Predicate<String> selection(Set<String> names) {
        if (names.isEmpty()) {
            return base -> true;
        }
        Set<String> bases = new HashSet<>(names);
        for (String name : names) {
            for (String suffix : SAMPLE_SUFFIXES) {
                if (name.endsWith(suffix)) {
                    bases.add(name.substring(0, name.length() - suffix.length()));
                }
            }
        }
        return bases::contains;
    }

    /**
     * Refuses families that would write the same name in any format. In OpenMetrics and OTLP a counter {@code x_total}
     * is the family {@code x}, so it cannot stand beside a gauge {@code x}.
     *
     * @throws IllegalArgumentException naming the two
     */
    static void check(List<FamilyDeclaration> declarations) {
        Map<String, String> owners = new HashMap<>();
        for (FamilyDeclaration declaration : declarations) {
            for (String name : written(declaration)) {
                String owner = owners.putIfAbsent(name, declaration.name());
                if (owner != null) {
                    throw new IllegalArgumentException(
                            owner.equals(declaration.name())
                                    ? "the family " + owner + " is there twice"
                                    : "the families " + owner + " and " + declaration.name() + " both write " + name);
                }
            }
        }
    }

    private static Set<String> written(FamilyDeclaration declaration) {
        Set<String> names = new LinkedHashSet<>();
        names.add(declaration.name());
        names.add(base(declaration.name()));
        if (declaration.type() == FamilyDeclaration.Type.HISTOGRAM) {
            for (String suffix : List.of("_bucket", "_count", "_sum")) {
                names.add(declaration.name() + suffix);
            }
        }
        return names;
    }
}
