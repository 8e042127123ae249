package io.mlflowexporter.audit;

import io.mlflowexporter.config.Glob;
import io.mlflowexporter.config.RunsConfig.PhaseRule;
import java.util.List;
import java.util.Map;

/** Phases by rules, in order, the first that matches wins. */
final class Phases {
    private final List<PhaseRule> rules;

    Phases(List<PhaseRule> rules) {
        this.rules = List.copyOf(rules);
    }

    String of(String run, String experiment, Map<String, String> tags) {
        return rules.stream()
                .filter(rule ->
                        any(rule.runName(), run) && any(rule.experiment(), experiment) && all(rule.tags(), tags))
                .map(PhaseRule::phase)
                .findFirst()
                .orElse("other");
    }

    static boolean any(List<Glob> patterns, String text) {
        return patterns.isEmpty() || patterns.stream().anyMatch(pattern -> pattern.matches(text));
    }

    static boolean all(Map<String, Glob> patterns, Map<String, String> values) {
        return patterns.keySet().stream()
                .allMatch(key -> values.containsKey(key) && patterns.get(key).matches(values.getOrDefault(key, "")));
    }
}
