package io.mlflowexporter.catalog;

import io.mlflowexporter.catalog.RunsConfig.PhaseRule;
import io.mlflowexporter.settings.value.Glob;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Writes {@code docs/phases.md} out of the built-in rules. */
final class PhaseReference {
    private static final String INTRODUCTION = """
            # Phases

            <!-- Generated from PhaseRules; do not edit. Regenerate with
                 mvn -q test -Dtest=PhaseReferenceTest -Dregenerate=true -->

            The label `phase` says which step of the lifecycle a run belongs to. Rules map runs to phases, in order, and
            the first that matches wins. A run that none matches is `%s`: names that people or MLflow make up, such as
            `bold-mule-123`, never become label values, so the number of phases stays small.

            Rules of your own are the setting `runs.phases` (see [configuration.md](configuration.md)). They are tried
            first; with `runs.phases_append_defaults: false` they are the only ones:

            ```yaml
            runs:
              phases:
                - phase: backfill            # becomes the label value
                  run_name: ["train-old-*"]  # any of these, and
                  experiment: ["bikes*"]     # any of these, and
                  tags:
                    mlflow.source.type: job  # all of these
            ```

            ## The built-in rules

            Patterns stand for whole names; `*` is any text, `?` one character, letter case is ignored. First these tags
            of the run are compared with the patterns below, each phase's with every tag: %s. Only then is the run's name.

            | order | phase | patterns |
            |---|---|---|
            """;

    private static final String REMARKS = """

            - A word that only begins like a step's name does not count: `server-log`, `fitness-tracker`, `reshape` and
              `database-migration` are `other`.
            - A run called `test` is most often somebody trying something out, so it is `other`, not `evaluation`.
            - `fine-tuning` is training; tuning is the search for hyper-parameters.
            - The experiment's name is not looked at: runs of many steps share one. A rule of your own can.
            - Nothing is inherited: the children of a tuning sweep that MLflow named at random are `other`, though their
              parent is `tuning`. Give them a name or a tag `phase`, or a rule on `experiment`, if they are to be told apart.
            - Counters and histograms keep the phase a run had when it was first seen, so that a rename never makes a
              counter fall; gauges show the phase it has now.
            """;

    private PhaseReference() {}

    static String markdown() {
        List<PhaseRule> rules = PhaseRules.defaults();
        String tags = rules.stream()
                .flatMap(rule -> rule.tags().keySet().stream())
                .distinct()
                .map(tag -> "`" + tag + "`")
                .collect(Collectors.joining(", "));
        StringBuilder out = new StringBuilder(INTRODUCTION.formatted(PhaseRules.OTHER, tags));
        List<PhaseRule> byName =
                rules.stream().filter(rule -> !rule.runName().isEmpty()).toList();
        int order = 0;
        for (int at = 0; at < byName.size(); ) {
            String phase = byName.get(at).phase();
            List<Glob> patterns = new ArrayList<>();
            for (; at < byName.size() && byName.get(at).phase().equals(phase); at++) {
                patterns.addAll(byName.get(at).runName());
            }
            out.append("| ")
                    .append(++order)
                    .append(" | `")
                    .append(phase)
                    .append("` | ")
                    .append(patterns.stream().map(glob -> "`" + glob + "`").collect(Collectors.joining(", ")))
                    .append(" |\n");
        }
        return out.append(REMARKS).toString();
    }
}
