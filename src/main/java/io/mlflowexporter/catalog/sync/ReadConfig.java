package io.mlflowexporter.catalog.sync;

import io.mlflowexporter.settings.Setting;
import io.mlflowexporter.settings.value.Glob;
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
        OptionalInt maxRuns,

        @Setting(
                value =
                        "Whether registered models and their versions are read. `auto`: unless the server says that it"
                                + " has no model registry, as file stores of MLflow 1.x and some other servers do; a registry"
                                + " that is added later is found at the next refresh. `on`: a missing registry is an error, as it is"
                                + " where `mlflow.registry_uri` is set. `off`: never, and the families about models are absent.",
                byDefault = "auto")
        Registry registry) {

    /** Whether there is a registry to read. */
    public enum Registry {
        AUTO,
        ON,
        OFF
    }

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
