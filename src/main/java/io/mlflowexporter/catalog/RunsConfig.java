package io.mlflowexporter.catalog;

import io.mlflowexporter.settings.Setting;
import io.mlflowexporter.settings.value.Glob;
import java.util.List;
import java.util.Map;
import java.util.Optional;

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

    /** All conditions given must hold; a rule without any is an error. */
    public record PhaseRule(
            @Setting("The phase, a short lower-case word: it becomes a label value.")
            String phase,

            @Setting("Run names, patterns with `*` and `?`, letter case ignored.")
            List<Glob> runName,

            @Setting("Experiment names, patterns with `*` and `?`, letter case ignored.")
            List<Glob> experiment,

            @Setting("Tag names and the patterns their values must match, letter case ignored.")
            Map<String, Glob> tags) {}
}
