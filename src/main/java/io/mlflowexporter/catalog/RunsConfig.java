package io.mlflowexporter.catalog;

import io.mlflowexporter.settings.CheckedElement;
import io.mlflowexporter.settings.Setting;
import io.mlflowexporter.settings.SettingChecks;
import io.mlflowexporter.settings.value.Glob;
import io.mlflowexporter.settings.value.Quoted;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** How a run becomes labels. */
public record RunsConfig(
        @Setting("Phase rules in order, the first that matches wins. Setting them replaces the built-in ones"
                + " unless `phases_append_defaults` is true.")
        List<PhaseRule> phases,

        @Setting(value = "Try the built-in phase rules after the configured ones.", byDefault = "true")
        boolean phasesAppendDefaults,

        @Setting("Tag that names the estimator's class where neither `estimator_class` nor `estimator_name` is set.")
        Optional<String> estimatorTag,

        @Setting("Param that names the estimator's class where no tag does.")
        Optional<String> estimatorParam) {

    /** Adds what does not hold between them. */
    public void check(SettingChecks checks) {
        if (phases.isEmpty() && !phasesAppendDefaults && checks.sound("runs.phases", "runs.phases_append_defaults")) {
            checks.warn("runs.phases_append_defaults", "is false without runs.phases: every run's phase is `other`");
        }
    }

    /** All conditions given must hold; a rule without any is an error. */
    public record PhaseRule(
            @Setting("The phase, a short lower-case word: it becomes a label value.")
            String phase,

            @Setting("Run names, patterns with `*` and `?`, letter case ignored.")
            List<Glob> runName,

            @Setting("Experiment names, patterns with `*` and `?`, letter case ignored.")
            List<Glob> experiment,

            @Setting("Tag names and the patterns their values must match, letter case ignored.")
            Map<String, Glob> tags)
            implements CheckedElement {
        private static final Pattern PHASE = Pattern.compile("[a-z][a-z0-9_-]{0,31}");

        @Override
        public void check(Complaints complaints) {
            if (phase.equals("_other")) {
                complaints.error("phase", "_other is what the series budget sums up; choose another name");
            } else if (!PHASE.matcher(phase).matches()) {
                complaints.error(
                        "phase",
                        Quoted.shown(phase)
                                + " cannot be a phase; allowed: up to 32 of a-z, 0-9, _ and -, the first a letter");
            }
            if (runName.isEmpty() && experiment.isEmpty() && tags.isEmpty()) {
                complaints.error("", "has no condition and would match every run; give run_name, experiment or tags");
            }
        }
    }
}
