package io.mlflowexporter.cost.pricing;

import io.mlflowexporter.settings.CheckedElement.Complaints;
import io.mlflowexporter.settings.value.Quoted;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What several kinds of elements of the cost book have to hold. */
final class PricingElements {
    private static final Pattern NAME = Pattern.compile("[\\p{L}\\p{N}][\\p{L}\\p{N} ._:+@()-]{0,63}");

    private PricingElements() {}

    /** One of several amounts is given, by their keys. */
    static void exactlyOne(Complaints complaints, Map<String, Optional<?>> choices) {
        String all = choices.keySet().stream().sorted().collect(Collectors.joining(", "));
        String given = choices.entrySet().stream()
                .filter(choice -> choice.getValue().isPresent())
                .map(Map.Entry::getKey)
                .sorted()
                .collect(Collectors.joining(" and "));
        if (given.isEmpty()) {
            complaints.error("", "has no amount; give exactly one of: " + all);
        } else if (given.contains(" and ")) {
            complaints.error("", "has " + given + "; give exactly one of: " + all);
        }
    }

    /** Names become label values, parts of a resource are joined to it with a slash. */
    static void name(Complaints complaints, String key, String name, String what) {
        if (name.equals("_other")) {
            complaints.error(key, "_other is what the series budget sums up; choose another name");
        } else if (!NAME.matcher(name).matches()) {
            complaints.error(
                    key,
                    Quoted.shown(name) + " cannot be " + what + "; allowed: up to 64 letters, digits, blanks and"
                            + " . _ : + @ ( ) -, the first a letter or a digit");
        }
    }
}
