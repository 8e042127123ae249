package io.mlflowexporter.catalog;

import io.mlflowexporter.catalog.RunsConfig.PhaseRule;
import io.mlflowexporter.settings.value.Glob;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Sorts runs into phases of the lifecycle: rules in order, the first that matches wins. */
public final class PhaseRules {
    /** The phase of a run that no rule matches. */
    public static final String OTHER = "other";

    private static final List<String> PHASE_TAGS =
            List.of("mlflow.project.entryPoint", "phase", "lifecycle_phase", "job");

    private record Words(String phase, List<String> patterns) {
        Words(String phase, String... patterns) {
            this(phase, List.of(patterns));
        }
    }

    /**
     * Words that stand by themselves where a longer word means something else: {@code serve-batch} is inference,
     * {@code server-log} is not. A run called {@code test} is most often a trial of something, so no pattern takes it.
     */
    private static final List<Words> PATTERNS = List.of(
            // Before tuning: the training of a model that has been trained before.
            new Words("training", "fine?tun*", "finetun*", "*-fine?tun*", "*_fine?tun*"),
            new Words("tuning", "tune*", "*tuning*", "*hyperparam*", "*hyper?param*", "*optuna*"),
            new Words("tuning", "*hyperopt*", "hpo*", "*sweep*", "*grid?search*", "*random?search*"),
            new Words("explanation", "explain*", "explan*", "*explainab*", "*explanation*"),
            new Words(
                    "explanation", "shap", "shap-*", "shap_*", "*-shap", "*_shap", "*shapley*", "*feature?importance*"),
            new Words("data", "data", "data-*", "data_*", "dataprep*", "dataset*", "*-data", "*_data", "*preprocess*"),
            new Words("data", "prepare*", "*feature?eng*", "*featuriz*", "*feature?store*", "etl*", "*ingest*"),
            new Words("training", "train*", "*-train", "*_train", "*training*", "retrain*"),
            new Words("training", "fit", "fit-*", "fit_*"),
            new Words("evaluation", "eval*", "*-eval", "*_eval", "*evaluation*", "validat*"),
            new Words("evaluation", "*-validation*", "*_validation*", "backtest*", "benchmark*"),
            new Words("inference", "infer*", "*inference*", "predict", "predict-*", "predict_*", "prediction*"),
            new Words("inference", "serve", "serve-*", "serve_*", "serving*", "*-serving", "*_serving"),
            new Words("inference", "score", "score-*", "score_*", "scoring*", "*-scoring", "*_scoring"),
            new Words("promotion", "promot*", "deploy*", "release*", "register", "register-*", "register_*"),
            new Words("promotion", "registration*"));

    private final List<PhaseRule> rules;
    /** Those that can match a run without any of {@link #tags}: few of the built-in ones, and most runs. */
    private final List<PhaseRule> withoutTags;

    private final Set<String> tags = new HashSet<>();

    public PhaseRules(RunsConfig config) {
        List<PhaseRule> all = new ArrayList<>(config.phases());
        if (config.phases().isEmpty() || config.phasesAppendDefaults()) {
            all.addAll(defaults());
        }
        rules = List.copyOf(all);
        withoutTags = rules.stream().filter(rule -> rule.tags().isEmpty()).toList();
        rules.forEach(rule -> tags.addAll(rule.tags().keySet()));
    }

    /** The built-in rules: what tags say is tried before what run names say. */
    public static List<PhaseRule> defaults() {
        List<PhaseRule> defaults = new ArrayList<>();
        for (Words words : PATTERNS) {
            for (String tag : PHASE_TAGS) {
                for (String pattern : words.patterns()) {
                    defaults.add(new PhaseRule(words.phase(), List.of(), List.of(), Map.of(tag, Glob.of(pattern))));
                }
            }
        }
        for (Words words : PATTERNS) {
            List<Glob> names = words.patterns().stream().map(Glob::of).toList();
            defaults.add(new PhaseRule(words.phase(), names, List.of(), Map.of()));
        }
        return defaults;
    }

    /** The tags the rules look at. */
    public Set<String> tags() {
        return Set.copyOf(tags);
    }

    /** The phase of a run. */
    public String phase(String runName, String experiment, Map<String, String> runTags) {
        Glob.Name run = new Glob.Name(runName);
        Glob.Name home = new Glob.Name(experiment);
        for (PhaseRule rule : Collections.disjoint(runTags.keySet(), tags) ? withoutTags : rules) {
            if (matches(rule, run, home, runTags)) {
                return rule.phase();
            }
        }
        return OTHER;
    }

    private static boolean matches(PhaseRule rule, Glob.Name run, Glob.Name experiment, Map<String, String> runTags) {
        for (Map.Entry<String, Glob> tag : rule.tags().entrySet()) {
            String value = runTags.get(tag.getKey());
            if (value == null || !tag.getValue().matches(value)) {
                return false;
            }
        }
        return (rule.runName().isEmpty() || anyMatches(rule.runName(), run))
                && (rule.experiment().isEmpty() || anyMatches(rule.experiment(), experiment));
    }

    private static boolean anyMatches(List<Glob> globs, Glob.Name name) {
        for (Glob glob : globs) {
            if (glob.matches(name)) {
                return true;
            }
        }
        return false;
    }
}
