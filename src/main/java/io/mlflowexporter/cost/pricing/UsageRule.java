package io.mlflowexporter.cost.pricing;

import io.mlflowexporter.settings.CheckedElement;
import io.mlflowexporter.settings.Place;
import io.mlflowexporter.settings.Setting;
import io.mlflowexporter.settings.value.Glob;
import io.mlflowexporter.settings.value.Quoted;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

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

        Place place)
        implements CheckedElement {
    private static final Pattern SHARED_BY = Pattern.compile("(tag|param):.+");

    @Override
    public void check(Complaints complaints) {
        boolean any = Stream.of(experiment, workspace, phase, user, source, runName, tags.keySet(), params.keySet())
                .allMatch(Collection::isEmpty);
        if (any) {
            complaints.error(
                    "",
                    "has no condition and would match every run; write what all other runs used into default_uses, or"
                            + " give one of experiment, workspace, phase, user, source, run_name, tags and params");
        }
        if (uses.isEmpty()) {
            complaints.error("uses", "is missing: the rule names no resource; write [] if such runs cost nothing");
        }
        sharedBy.filter(shared -> !SHARED_BY.matcher(shared).matches())
                .ifPresent(shared -> complaints.error(
                        "shared_by", Quoted.shown(shared) + " is not allowed; allowed: tag:NAME or param:NAME"));
    }
}
