package io.mlflowexporter.audit.expected;

import io.mlflowexporter.catalog.RunsConfig.PhaseRule;
import io.mlflowexporter.settings.value.Glob;
import java.util.List;
import java.util.Map;

/** Phases by rules, in order, the first that matches wins. */
public final class AuditPhases {
    private final List<PhaseRule> rules;

    public AuditPhases(List<PhaseRule> rules) {
        this.rules = List.copyOf(rules);
    }

    public String of(String run, String experiment, Map<String, String> tags) {
        return rules.stream()
                .filter(rule ->
                        any(rule.runName(), run) && any(rule.experiment(), experiment) && all(rule.tags(), tags))
                .map(PhaseRule::phase)
                .findFirst()
                .orElse("other");
    }

    public static boolean any(List<Glob> patterns, String text) {
        return patterns.isEmpty() || patterns.stream().anyMatch(pattern -> pattern.matches(text));
    }

    public static boolean all(Map<String, Glob> patterns, Map<String, String> values) {
        return patterns.entrySet().stream().allMatch(pattern -> {
            String value = values.get(pattern.getKey());
            return value != null && pattern.getValue().matches(value);
        });
    }
}
