package io.mlflowexporter.estimate;

import io.mlflowexporter.mlflow.Experiment;
import io.mlflowexporter.mlflow.RegisteredModel;
import io.mlflowexporter.settings.Suggestions;
import io.mlflowexporter.settings.value.Quoted;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Says of a name that nothing has what there is instead. */
public final class NameSuggestions {
    private static final int NEARBY = 10;

    private record Named(String workspace, String name) {}

    private NameSuggestions() {}

    /**
     * What is wrong with a workspace.
     *
     * @param asked empty: none is asked for, which is not wrong
     * @param known those there are; an empty name where MLflow has no workspaces
     */
    public static Optional<String> missingWorkspace(String asked, Collection<String> known) {
        if (asked.isEmpty() || known.contains(asked)) {
            return Optional.empty();
        }
        List<String> names = known.stream().filter(name -> !name.isEmpty()).toList();
        return Optional.of(
                names.isEmpty()
                        ? "workspace: there is no " + Quoted.shown(asked) + ", as MLflow has no workspaces"
                        : "workspace: there is no " + Quoted.shown(asked) + instead(asked, names));
    }

    /**
     * What is wrong with an experiment's name.
     *
     * @param workspace empty for any
     * @param asked empty: none is asked for, which is not wrong
     */
    public static Optional<String> missingExperiment(
            String workspace, String asked, Collection<Experiment> experiments) {
        return missing(
                "experiment",
                workspace,
                asked,
                experiments.stream()
                        .map(experiment -> new Named(experiment.workspace(), experiment.name()))
                        .toList());
    }

    /**
     * What is wrong with a model's name.
     *
     * @param workspace empty for any
     * @param asked empty: none is asked for, which is not wrong
     */
    static Optional<String> missingModel(String workspace, String asked, Collection<RegisteredModel> models) {
        return missing(
                "model",
                workspace,
                asked,
                models.stream()
                        .map(model -> new Named(model.workspace(), model.name()))
                        .toList());
    }

    private static Optional<String> missing(String what, String workspace, String asked, List<Named> all) {
        List<String> near = all.stream()
                .filter(one -> workspace.isEmpty() || one.workspace().equals(workspace))
                .map(Named::name)
                .toList();
        if (asked.isEmpty() || near.contains(asked)) {
            return Optional.empty();
        }
        String none = what + ": there is no " + Quoted.shown(asked)
                + (workspace.isEmpty() ? "" : " in workspace " + Quoted.shown(workspace));
        List<String> elsewhere = all.stream()
                .filter(one -> one.name().equals(asked))
                .map(Named::workspace)
                .distinct()
                .sorted()
                .toList();
        return Optional.of(
                elsewhere.isEmpty() ? none + instead(asked, near) : none + "; there is one in: " + list(elsewhere));
    }

    /** Names that could be meant: the nearest, if any is near, and the first by alphabet. */
    private static String instead(String asked, List<String> names) {
        List<String> nearby = new ArrayList<>();
        Suggestions.nearest(asked, names).ifPresent(nearby::add);
        names.stream()
                .distinct()
                .sorted()
                .filter(name -> !nearby.contains(name))
                .limit(NEARBY)
                .forEach(nearby::add);
        return nearby.isEmpty() ? "; there is none at all" : "; there are, among others: " + list(nearby);
    }

    private static String list(List<String> names) {
        return names.stream().map(Quoted::shown).collect(Collectors.joining(", "));
    }
}
