package io.mlflowexporter.config;

import java.util.List;
import java.util.OptionalInt;

/** Filters on what is read. */
public record ReadConfig(
        @Setting("Experiments, by name.") Names experiments,
        @Setting("Registered models, by name.") Names models,

        @Setting(
                value =
                        "At most so many runs are counted and shown; the oldest are left out and mlflow_snapshot_complete"
                                + " is 0. Unset: all.",
                min = "1")
        OptionalInt maxRuns) {

    /** Names to take and to leave; where both match, the name is left. */
    public record Names(
            @Setting(value = "Patterns with `*` and `?` of names to read.", byDefault = "*")
            List<Glob> include,

            @Setting("Patterns with `*` and `?` of names to leave out.")
            List<Glob> exclude) {
        /** Whether the name is to be read. */
        public boolean accepts(String name) {
            return include.stream().anyMatch(glob -> glob.matches(name))
                    && exclude.stream().noneMatch(glob -> glob.matches(name));
        }
    }
}
