package io.mlflowexporter.catalog;

import io.mlflowexporter.config.Glob;
import io.mlflowexporter.config.RunsConfig;
import io.mlflowexporter.config.RunsConfig.PhaseRule;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Sorts runs into phases of the lifecycle: rules in order, the first that matches wins. */
public final class PhaseRules {
    /** The phase of a run that no rule matches. */
    public static final String OTHER = "other";

    private static final List<String> PHASE_TAGS =
            List.of("mlflow.project.entryPoint", "phase", "lifecycle_phase", "job");

    private static final Map<String, List<String>> PATTERNS = new LinkedHashMap<>();

    static {
        PATTERNS.put("data", List.of("data*", "*-data", "*preprocess*", "*prepare*", "*feature*", "etl*", "*ingest*"));
        PATTERNS.put("tuning", List.of("tun*", "*-tuning", "*hyperparam*", "*optuna*", "hpo*", "*sweep*"));
        PATTERNS.put("training", List.of("train*", "*-training", "fit*", "*-train"));
        PATTERNS.put("evaluation", List.of("eval*", "*-evaluation*", "test*", "valid*"));
        PATTERNS.put("explanation", List.of("expl*", "*shap*"));
        PATTERNS.put("inference", List.of("infer*", "predict*", "*-inference*", "serv*", "score*", "batch-scor*"));
        PATTERNS.put("promotion", List.of("promot*", "deploy*", "regist*", "releas*"));
    }

    private final List<PhaseRule> rules;
    private final Set<String> tags = new HashSet<>();

    public PhaseRules(RunsConfig config) {
        List<PhaseRule> all = new ArrayList<>(config.phases());
        if (config.phases().isEmpty() || config.phasesAppendDefaults()) {
            all.addAll(defaults());
        }
        rules = List.copyOf(all);
        rules.forEach(rule -> tags.addAll(rule.tags().keySet()));
    }

    /** The built-in rules: what tags say is tried before what run names say. */
    public static List<PhaseRule> defaults() {
        List<PhaseRule> defaults = new ArrayList<>();
        PATTERNS.forEach((phase, patterns) -> {
            for (String tag : PHASE_TAGS) {
                for (String pattern : patterns) {
                    defaults.add(new PhaseRule(phase, List.of(), List.of(), Map.of(tag, Glob.of(pattern))));
                }
            }
        });
        PATTERNS.forEach((phase, patterns) -> defaults.add(
                new PhaseRule(phase, patterns.stream().map(Glob::of).toList(), List.of(), Map.of())));
        return defaults;
    }

    /** The tags the rules look at. */
    public Set<String> tags() {
        return Set.copyOf(tags);
    }

    /** The phase of a run. */
    public String phase(String runName, String experiment, Map<String, String> runTags) {
        for (PhaseRule rule : rules) {
            if (matches(rule, runName, experiment, runTags)) {
                return rule.phase();
            }
        }
        return OTHER;
    }

    private static boolean matches(PhaseRule rule, String runName, String experiment, Map<String, String> runTags) {
        for (Map.Entry<String, Glob> tag : rule.tags().entrySet()) {
            String value = runTags.get(tag.getKey());
            if (value == null || !tag.getValue().matches(value)) {
                return false;
            }
        }
        return (rule.runName().isEmpty() || anyMatches(rule.runName(), runName))
                && (rule.experiment().isEmpty() || anyMatches(rule.experiment(), experiment));
    }

    private static boolean anyMatches(List<Glob> globs, String text) {
        return globs.stream().anyMatch(glob -> glob.matches(text));
    }
}
