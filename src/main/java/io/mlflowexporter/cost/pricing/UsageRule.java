package io.mlflowexporter.cost.pricing;

import io.mlflowexporter.settings.Place;
import io.mlflowexporter.settings.Setting;
import io.mlflowexporter.settings.value.Glob;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Which runs used what; all conditions given must hold. Patterns ignore letter case. */
public record UsageRule(
        @Setting("Its name, for people.") Optional<String> name,

        @Setting("Experiment names, patterns with `*` and `?`.")
        List<Glob> experiment,

        @Setting("Workspaces, patterns.") List<Glob> workspace,
        @Setting("Phases, patterns.") List<Glob> phase,
        @Setting("Users, patterns.") List<Glob> user,

        @Setting("What was run (the tag mlflow.source.name), patterns.")
        List<Glob> source,

        @Setting("Run names, patterns.") List<Glob> runName,

        @Setting("Tag names and the patterns their values must match.")
        Map<String, Glob> tags,

        @Setting("Param names and the patterns their values must match.")
        Map<String, Glob> params,

        @Setting("What such a run used, all at once. Must be given; an empty list: nothing that costs.")
        Optional<List<Use>> uses,

        @Setting(
                value = "Whether the children of such a run had machines of their own: then they cost too. Else only"
                        + " the parent's clock counts.",
                byDefault = "false")
        boolean distributedChildren,

        @Setting(
                "What the runs that use one machine together have in common: a tag or a param, such as the host's name. At"
                        + " each moment the machine's price is split equally among such runs. A run without it has a"
                        + " machine of its own.")
        Optional<String> sharedBy,

        Place place) {}
