package io.mlflowexporter.estimate;

import static org.assertj.core.api.Assertions.assertThat;

import io.mlflowexporter.metric.Times;
import io.mlflowexporter.mlflow.Experiment;
import io.mlflowexporter.mlflow.LifecycleStage;
import io.mlflowexporter.mlflow.RegisteredModel;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A wrong name is told what there is instead. */
final class NameSuggestionsTest {
    private static List<Experiment> experiments(String... workspacesAndNames) {
        return IntStream.range(0, workspacesAndNames.length / 2)
                .mapToObj(i -> new Experiment(
                        workspacesAndNames[2 * i],
                        "id" + i,
                        workspacesAndNames[2 * i + 1],
                        LifecycleStage.ACTIVE,
                        Times.ABSENT,
                        Times.ABSENT,
                        Map.of()))
                .toList();
    }

    private static List<RegisteredModel> models(String... names) {
        return Arrays.stream(names)
                .map(name -> new RegisteredModel("", name, Times.ABSENT, Times.ABSENT, Map.of()))
                .toList();
    }

    @Test
    void whatIsThereIsNotMissing() {
        assertThat(NameSuggestions.missingExperiment("", "churn", experiments("red", "churn")))
                .isEmpty();
        assertThat(NameSuggestions.missingExperiment("red", "churn", experiments("red", "churn")))
                .isEmpty();
        assertThat(NameSuggestions.missingModel("", "m", models("m"))).isEmpty();
        assertThat(NameSuggestions.missingWorkspace("red", List.of("red"))).isEmpty();
    }

    @Test
    void whatIsNotAskedForIsNotMissing() {
        assertThat(NameSuggestions.missingExperiment("", "", experiments())).isEmpty();
        assertThat(NameSuggestions.missingModel("", "", models())).isEmpty();
        assertThat(NameSuggestions.missingWorkspace("", List.of(""))).isEmpty();
    }

    @Test
    void theNearestNameIsToldFirst() {
        assertThat(NameSuggestions.missingExperiment("", "bike", experiments("", "alpha", "", "bikes")))
                .contains("experiment: there is no \"bike\"; there are, among others: \"bikes\", \"alpha\"");
        assertThat(NameSuggestions.missingModel("", "fraud", models("churn", "Fraud")))
                .contains("model: there is no \"fraud\"; there are, among others: \"Fraud\", \"churn\"");
        assertThat(NameSuggestions.missingWorkspace("rad", List.of("blue", "red")))
                .contains("workspace: there is no \"rad\"; there are, among others: \"red\", \"blue\"");
    }

    @Test
    void whatAnotherWorkspaceHasIsToldToBeThere() {
        List<Experiment> both = experiments("red", "churn", "blue", "bikes", "blue", "churned");

        assertThat(NameSuggestions.missingExperiment("blue", "churn", both))
                .contains("experiment: there is no \"churn\" in workspace \"blue\"; there is one in: \"red\"");
        assertThat(NameSuggestions.missingExperiment("blue", "bike", both))
                .contains("experiment: there is no \"bike\" in workspace \"blue\"; there are, among others: \"bikes\","
                        + " \"churned\"");
    }

    @Test
    void whereThereIsNothingThatIsTold() {
        assertThat(NameSuggestions.missingModel("", "m", models()))
                .contains("model: there is no \"m\"; there is none at all");
        assertThat(NameSuggestions.missingWorkspace("red", List.of("")))
                .contains("workspace: there is no \"red\", as MLflow has no workspaces");
    }
}
