package io.mlflowexporter.llm;

import io.mlflowexporter.llm.sums.TraceTotals;
import io.mlflowexporter.llm.sums.TraceTotals.Owner;
import io.mlflowexporter.metric.Family;
import io.mlflowexporter.metric.FamilyDeclaration;
import io.mlflowexporter.metric.FamilyDeclaration.Fold;
import io.mlflowexporter.metric.FamilyDeclaration.Stability;
import io.mlflowexporter.metric.Samples;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What traces cost, by whom and by what, and how good they were found to be: over windows and as counters. */
final class LlmMoneyFamilies {
    static final FamilyDeclaration SPEND = new FamilyDeclaration(
            "mlflow_llm_spend_total",
            FamilyDeclaration.Type.COUNTER,
            "Cost of ended LLM traces by MLflow or, where it gives none, by the pricing file, as of the snapshot.",
            List.of("experiment", "currency", "source"),
            Stability.STABLE,
            Fold.sum("experiment"));
    static final FamilyDeclaration UNPRICED = new FamilyDeclaration(
            "mlflow_llm_unpriced_tokens_total",
            FamilyDeclaration.Type.COUNTER,
            "Input and output tokens of ended LLM traces that neither MLflow nor the pricing file gives a cost for, as"
                    + " of the snapshot.",
            List.of("experiment"),
            Stability.STABLE,
            Fold.sum("experiment"));
    static final FamilyDeclaration JUDGES = new FamilyDeclaration(
            "mlflow_llm_judge_spend_total",
            FamilyDeclaration.Type.COUNTER,
            "Cost of LLM judges that feedback on LLM traces reports, as of the snapshot.",
            List.of("experiment", "currency"),
            Stability.STABLE,
            Fold.sum("experiment"));
    static final FamilyDeclaration COST = window(
            "mlflow_llm_cost",
            "Cost of LLM traces that started in the window, as of the snapshot.",
            "experiment",
            "currency");
    static final FamilyDeclaration MODEL_COST = window(
            "mlflow_llm_model_cost",
            "Cost of calls of an LLM in the window by MLflow's own sums, where the server has them, as of the snapshot.",
            "experiment",
            "llm_model",
            "provider",
            "currency");
    static final FamilyDeclaration MODEL_CALLS = window(
            "mlflow_llm_model_calls",
            "Calls of an LLM in the window by MLflow's own sums, where the server has them, as of the snapshot.",
            "experiment",
            "llm_model",
            "provider");
    static final FamilyDeclaration GROUP = new FamilyDeclaration(
            "mlflow_llm_group_cost",
            FamilyDeclaration.Type.GAUGE,
            "Cost of LLM traces that started in the window, by the value of each tag or metadata of traces.group_by, as of"
                    + " the snapshot.",
            List.of("window", "group", "value", "currency"),
            Stability.EXPERIMENTAL,
            Fold.sum("value"));
    static final FamilyDeclaration PROJECT = grouped("project");
    static final FamilyDeclaration TEAM = grouped("team");
    static final FamilyDeclaration SCORE = new FamilyDeclaration(
            "mlflow_assessment_score",
            FamilyDeclaration.Type.GAUGE,
            "Mean of feedback on LLM traces that started in the window, where it is a number, or yes or no, which count 1 and"
                    + " 0, as of the snapshot.",
            List.of("window", "experiment", "assessment", "source"),
            Stability.STABLE,
            Fold.drop("experiment"));

    private LlmMoneyFamilies() {}

    private static FamilyDeclaration window(String name, String help, String... labels) {
        String[] all = new String[labels.length + 1];
        all[0] = "window";
        System.arraycopy(labels, 0, all, 1, labels.length);
        return new FamilyDeclaration(
                name, FamilyDeclaration.Type.GAUGE, help, List.of(all), Stability.STABLE, Fold.sum("experiment"));
    }

    private static FamilyDeclaration grouped(String group) {
        return new FamilyDeclaration(
                "mlflow_" + group + "_llm_cost",
                FamilyDeclaration.Type.GAUGE,
                "Cost of LLM traces that started in the window, by the " + group
                        + " that the trace's or else its experiment's tag names, as of the snapshot.",
                List.of("window", group, "currency"),
                Stability.STABLE,
                Fold.sum(group));
    }

    static List<FamilyDeclaration> declarations() {
        return List.of(SPEND, COST, MODEL_COST, MODEL_CALLS, GROUP, PROJECT, TEAM, UNPRICED, SCORE, JUDGES);
    }

    private record ScoreKey(Owner owner, int window, List<String> labels) {}

    static List<Family> of(TraceTotals sums, List<LlmWindow> windows) {
        Samples spend = new Samples();
        Samples unpriced = new Samples();
        Samples judges = new Samples();
        sums.counters((owner, measure, value) -> {
            List<String> labels = measure.labels();
            switch (measure.kind()) {
                case SPEND -> spend.add(owner.workspace(), value, owner.name(), labels.get(1), labels.get(0));
                case UNPRICED -> unpriced.add(owner.workspace(), value, owner.name());
                case JUDGES -> judges.add(owner.workspace(), value, owner.name(), labels.get(0));
                default -> {
                    // Another class shows it.
                }
            }
        });
        Samples cost = new Samples();
        Samples modelCost = new Samples();
        Samples modelCalls = new Samples();
        Samples groups = new Samples();
        Samples projects = new Samples();
        Samples teams = new Samples();
        Map<ScoreKey, Double> counts = new HashMap<>();
        Map<ScoreKey, Double> scores = new HashMap<>();
        int[] from = windows.stream().mapToInt(LlmWindow::fromHour).toArray();
        sums.windows(from, (owner, index, measure, value) -> {
            String workspace = owner.workspace();
            String window = windows.get(index).label();
            String experiment = owner.name();
            List<String> labels = measure.labels();
            switch (measure.kind()) {
                case SPEND -> cost.add(workspace, value, window, experiment, labels.get(1));
                case MODEL_COST ->
                    modelCost.add(workspace, value, window, experiment, labels.get(0), labels.get(1), labels.get(2));
                case MODEL_CALLS -> modelCalls.add(workspace, value, window, experiment, labels.get(0), labels.get(1));
                case GROUP -> groups.add(workspace, value, window, labels.get(0), labels.get(1), labels.get(2));
                case PROJECT -> projects.add(workspace, value, window, labels.get(0), labels.get(1));
                case TEAM -> teams.add(workspace, value, window, labels.get(0), labels.get(1));
                case SCORES -> counts.put(new ScoreKey(owner, index, labels), value);
                case SCORE_SUM -> scores.put(new ScoreKey(owner, index, labels), value);
                default -> {
                    // Counted, and not over windows.
                }
            }
        });
        Samples means = new Samples();
        counts.forEach((key, count) -> {
            if (count > 0) {
                means.max(
                        key.owner().workspace(),
                        scores.getOrDefault(key, 0.0) / count,
                        windows.get(key.window()).label(),
                        key.owner().name(),
                        key.labels().get(0),
                        key.labels().get(1));
            }
        });
        return List.of(
                spend.family(SPEND),
                cost.family(COST),
                modelCost.family(MODEL_COST),
                modelCalls.family(MODEL_CALLS),
                groups.family(GROUP),
                projects.family(PROJECT),
                teams.family(TEAM),
                unpriced.family(UNPRICED),
                means.family(SCORE),
                judges.family(JUDGES));
    }
}
