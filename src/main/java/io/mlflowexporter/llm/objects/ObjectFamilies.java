package io.mlflowexporter.llm.objects;

import io.mlflowexporter.metric.Family;
import io.mlflowexporter.metric.FamilyDeclaration;
import io.mlflowexporter.metric.FamilyDeclaration.Fold;
import io.mlflowexporter.metric.FamilyDeclaration.Stability;
import io.mlflowexporter.metric.Samples;
import java.util.List;
import java.util.stream.Stream;

/** The families, with what was counted of each. A family without samples is one that the server has nothing of. */
final class ObjectFamilies {
    static final FamilyDeclaration PROMPTS = gauge(
            "mlflow_prompts",
            "Prompts in the registry as of the snapshot; absent where the server cannot have any.",
            List.of(),
            Fold.NEVER);
    static final FamilyDeclaration PROMPT_VERSIONS = gauge(
            "mlflow_prompt_versions",
            "Versions of the prompt in the registry as of the snapshot.",
            List.of("prompt"),
            Fold.sum("prompt"));
    static final FamilyDeclaration LOGGED_MODELS = gauge(
            "mlflow_logged_models",
            "Logged models of the experiment as of the snapshot.",
            List.of("experiment", "status"),
            Fold.sum("experiment"));
    static final FamilyDeclaration DATASETS = gauge(
            "mlflow_evaluation_datasets",
            "Evaluation datasets as of the snapshot; absent where the server cannot have any.",
            List.of(),
            Fold.NEVER);
    static final FamilyDeclaration SCORERS = gauge(
            "mlflow_scorers",
            "Registered scorers of the experiment as of the snapshot.",
            List.of("experiment"),
            Fold.sum("experiment"));
    static final FamilyDeclaration BUDGET = gauge(
            "mlflow_gateway_budget",
            "Amount of the budget policy of MLflow's gateway for one of its windows, as of the snapshot.",
            List.of("policy", "scope", "target", "currency"),
            Fold.drop("policy"));
    static final FamilyDeclaration SPENT = gauge(
            "mlflow_gateway_budget_spent",
            "Spend that MLflow's gateway counts in the current window of the budget policy, as of the snapshot; may step back"
                    + " where several server processes count.",
            List.of("policy", "scope", "target", "currency"),
            Fold.drop("policy"));

    final Samples prompts = new Samples();
    final Samples promptVersions = new Samples();
    final Samples loggedModels = new Samples();
    final Samples datasets = new Samples();
    final Samples scorers = new Samples();
    final Samples budget = new Samples();
    final Samples spent = new Samples();

    private static FamilyDeclaration gauge(String name, String help, List<String> labels, Fold fold) {
        return new FamilyDeclaration(name, FamilyDeclaration.Type.GAUGE, help, labels, Stability.EXPERIMENTAL, fold);
    }

    static List<FamilyDeclaration> declarations() {
        return List.of(PROMPTS, PROMPT_VERSIONS, LOGGED_MODELS, DATASETS, SCORERS, BUDGET, SPENT);
    }

    private Stream<Family> families() {
        return Stream.of(
                prompts.family(PROMPTS),
                promptVersions.family(PROMPT_VERSIONS),
                loggedModels.family(LOGGED_MODELS),
                datasets.family(DATASETS),
                scorers.family(SCORERS),
                budget.family(BUDGET),
                spent.family(SPENT));
    }

    /** Every family once, with all that was counted of it. */
    static List<Family> all(List<ObjectFamilies> counted) {
        List<Family> given = counted.stream().flatMap(ObjectFamilies::families).toList();
        return declarations().stream()
                .map(declaration -> new Family(
                        declaration,
                        given.stream()
                                .filter(family -> family.declaration().equals(declaration))
                                .flatMap(family -> family.samples().stream())
                                .toList()))
                .toList();
    }
}
