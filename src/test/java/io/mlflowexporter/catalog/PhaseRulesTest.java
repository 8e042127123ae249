package io.mlflowexporter.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import io.mlflowexporter.catalog.RunsConfig.PhaseRule;
import io.mlflowexporter.settings.value.Glob;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which phase a run is in, by its name, its experiment and its tags. */
final class PhaseRulesTest {
    private final PhaseRules defaults = rules(true);

    private static PhaseRules rules(boolean append, PhaseRule... own) {
        return new PhaseRules(new RunsConfig(List.of(own), append, Optional.empty(), Optional.empty()));
    }

    private String byName(String runName) {
        return defaults.phase(runName, "bikes", Map.of());
    }

    @ParameterizedTest
    @CsvSource({
        "Tuning, tuning",
        "Training, training",
        "Promotion, promotion",
        "Inference, inference",
        "Evaluations, evaluation",
        "Explanations, explanation"
    })
    void knowsTheStepsThatMlopsProjectsNameTheirRunsAfter(String runName, String phase) {
        assertThat(byName(runName)).isEqualTo(phase);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "data",
                "data-prep-2026-01",
                "data_cleaning",
                "training-data",
                "dataset-build",
                "Preprocess",
                "raw_preprocessing",
                "prepare-bikes",
                "feature_engineering",
                "ETL nightly",
                "daily-ingest"
            })
    void data(String runName) {
        assertThat(byName(runName)).isEqualTo("data");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "tune_lgbm",
                "Tuning 3",
                "bikes-tuning",
                "HyperparameterTuning",
                "hyper-params",
                "optuna-study-4",
                "hyperopt",
                "hpo_17",
                "sweep-12",
                "grid_search",
                "RandomSearch-random-search"
            })
    void tuning(String runName) {
        assertThat(byName(runName)).isEqualTo("tuning");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "train",
                "train_model",
                "TRAINING-7",
                "Model Training",
                "pretraining",
                "retrain-weekly",
                "fit-forest",
                "bikes-train",
                "fine-tuning",
                "finetune_llama",
                "llama-fine-tuning"
            })
    void training(String runName) {
        assertThat(byName(runName)).isEqualTo("training");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "eval",
                "evaluate champion",
                "model_evaluation",
                "llm-eval",
                "validation",
                "cross-validation",
                "backtest-2025",
                "benchmark_v2"
            })
    void evaluation(String runName) {
        assertThat(byName(runName)).isEqualTo("evaluation");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"explain", "explainability-report", "shap", "shap_values", "model-shap", "feature-importance"})
    void explanation(String runName) {
        assertThat(byName(runName)).isEqualTo("explanation");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "infer",
                "batch-inference",
                "predict",
                "predict_daily",
                "predictions 2026",
                "serve-v3",
                "serving",
                "scoring",
                "batch_scoring",
                "score-customers"
            })
    void inference(String runName) {
        assertThat(byName(runName)).isEqualTo("inference");
    }

    @ParameterizedTest
    @ValueSource(strings = {"promote", "promotion-17", "deploy_prod", "deployment", "release-3", "register-model"})
    void promotion(String runName) {
        assertThat(byName(runName)).isEqualTo("promotion");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                // Made up by MLflow for runs without a name.
                "bold-mule-123",
                "trusting-trout-9",
                "valuable-shad-1000",
                "fearless-shrimp-77",
                // Longer words that begin or end as a step's name does.
                "latest-run",
                "testing-the-cluster",
                "test",
                "contest",
                "statistics",
                "server-log",
                "service-check",
                "fitness-tracker",
                "strain-gauge",
                "reshape",
                "exploration",
                "predictive-maintenance",
                "scoreboard",
                "database-migration",
                "registry-cleanup",
                "",
                "…"
            })
    void whatNamesNoStepIsOther(String runName) {
        assertThat(byName(runName)).isEqualTo(PhaseRules.OTHER);
    }

    @Test
    void everyDefaultPhaseHasATestHere() {
        assertThat(PhaseRules.defaults().stream().map(PhaseRule::phase).collect(Collectors.toSet()))
                .containsExactlyInAnyOrder(
                        "data", "tuning", "training", "evaluation", "explanation", "inference", "promotion");
    }

    @Test
    void tagsAreTriedBeforeNames() {
        assertThat(defaults.phase("Training", "bikes", Map.of("mlflow.project.entryPoint", "evaluate")))
                .isEqualTo("evaluation");
        assertThat(defaults.phase("bold-mule-123", "bikes", Map.of("phase", "Inference")))
                .isEqualTo("inference");
        assertThat(defaults.phase("Training", "bikes", Map.of("mlflow.project.entryPoint", "main")))
                .isEqualTo("training");
    }

    @Test
    void aNestedRunWithARandomNameDoesNotTakeItsParentsPhase() {
        assertThat(defaults.phase("gifted-lynx-4", "bikes-tuning", Map.of("mlflow.parentRunId", "1234")))
                .isEqualTo(PhaseRules.OTHER);
    }

    @Test
    void configuredRulesComeFirst() {
        PhaseRule backfill = new PhaseRule("backfill", List.of(Glob.of("train-old-*")), List.of(), Map.of());

        assertThat(rules(true, backfill).phase("train-old-3", "bikes", Map.of()))
                .isEqualTo("backfill");
        assertThat(rules(true, backfill).phase("train-new", "bikes", Map.of())).isEqualTo("training");
        assertThat(rules(false, backfill).phase("train-new", "bikes", Map.of())).isEqualTo(PhaseRules.OTHER);
    }

    @Test
    void allConditionsOfARuleMustHold() {
        PhaseRule rule = new PhaseRule(
                "nightly",
                List.of(Glob.of("job-*")),
                List.of(Glob.of("bikes*")),
                Map.of("mlflow.source.type", Glob.of("job"), "team", Glob.of("*")));
        PhaseRules rules = rules(false, rule);
        Map<String, String> tags = Map.of("mlflow.source.type", "JOB", "team", "mobility");

        assertThat(rules.phase("job-1", "bikes", tags)).isEqualTo("nightly");
        assertThat(rules.phase("job-1", "churn", tags)).isEqualTo(PhaseRules.OTHER);
        assertThat(rules.phase("run-1", "bikes", tags)).isEqualTo(PhaseRules.OTHER);
        assertThat(rules.phase("job-1", "bikes", Map.of("team", "mobility"))).isEqualTo(PhaseRules.OTHER);
    }

    @Test
    void asksForTheTagsThatItsRulesLookAt() {
        assertThat(rules(false, new PhaseRule("x", List.of(), List.of(), Map.of("team", Glob.of("*"))))
                        .tags())
                .containsExactly("team");
        assertThat(defaults.tags())
                .containsExactlyInAnyOrder("mlflow.project.entryPoint", "phase", "lifecycle_phase", "job");
    }
}
