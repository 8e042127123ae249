package io.mlflowexporter.audit;

import io.mlflowexporter.audit.expected.ExpectedHistogram;
import io.mlflowexporter.audit.expected.ExpectedSeries;
import io.mlflowexporter.audit.expected.SeriesName;
import io.mlflowexporter.audit.server.MlflowContent.Experiment;
import io.mlflowexporter.audit.server.MlflowContent.Model;
import io.mlflowexporter.audit.server.MlflowContent.Run;
import io.mlflowexporter.audit.server.MlflowContent.Version;
import io.mlflowexporter.config.Config;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;

/** What is counted of experiments, runs and models. */
final class AuditCounts {
    static final String STARTED = "mlflow_runs_started_total";
    static final String ENDED = "mlflow_runs_ended_total";
    static final String STALE = "mlflow_runs_stale";
    static final String OLDEST = "mlflow_oldest_active_run_age_seconds";
    static final String DURATION = "mlflow_run_duration_seconds";
    static final String VERSIONS_CREATED = "mlflow_model_versions_created_total";

    static final Set<String> GAUGES = Set.of(
            "mlflow_experiments",
            "mlflow_experiment_created_timestamp_seconds",
            "mlflow_runs",
            STALE,
            OLDEST,
            "mlflow_estimator_runs",
            "mlflow_registered_models",
            "mlflow_registered_model_created_timestamp_seconds",
            "mlflow_model_versions",
            "mlflow_model_versions_by_stage",
            "mlflow_model_version_created_timestamp_seconds",
            "mlflow_model_alias_info");
    static final Set<String> COUNTERS = Set.of(STARTED, ENDED, DURATION, VERSIONS_CREATED);

    private final Config config;
    private final long nowMillis;
    private final ExpectedSeries sums;

    AuditCounts(Config config, long nowMillis, ExpectedSeries sums) {
        this.config = config;
        this.nowMillis = nowMillis;
        this.sums = sums;
    }

    void experiments(List<Experiment> experiments) {
        sums.add(SeriesName.of("mlflow_experiments", "lifecycle_stage", "active"), 0);
        sums.add(SeriesName.of("mlflow_experiments", "lifecycle_stage", "deleted"), 0);
        for (Experiment experiment : experiments) {
            String stage = experiment.active() ? "active" : "deleted";
            sums.add(SeriesName.of("mlflow_experiments", "lifecycle_stage", stage), 1);
            if (experiment.createdMillis() != 0) {
                sums.time(
                        SeriesName.of(
                                "mlflow_experiment_created_timestamp_seconds",
                                "experiment",
                                experiment.name(),
                                "experiment_id",
                                experiment.id(),
                                "lifecycle_stage",
                                stage),
                        experiment.createdMillis());
            }
        }
    }

    void run(Run run) {
        String experiment = run.experiment().name();
        String status = run.word();
        sums.add(SeriesName.of(STARTED, "experiment", experiment, "phase", run.phase()), 1);
        ended(run, experiment);
        if (run.active()) {
            state(run, experiment, status);
        }
    }

    private void ended(Run run, String experiment) {
        // Of a run that was resumed only the exporter saw how it first ended.
        boolean resumed = run.observed().resumed();
        Optional<String> status = resumed
                ? run.observed().countedStatus()
                : Optional.of(run.word()).filter(word -> run.ended());
        if (status.isEmpty()) {
            return;
        }
        sums.add(SeriesName.of(ENDED, "experiment", experiment, "phase", run.phase(), "status", status.get()), 1);
        RunTime time = RunTime.of(run, Math.max(nowMillis, run.endMillis()), config);
        OptionalLong millis = resumed
                ? run.observed().countedMillis()
                : run.startMillis() != 0 && run.endMillis() != 0 && time.credible()
                        ? OptionalLong.of(time.millis())
                        : OptionalLong.empty();
        millis.ifPresent(ran -> ExpectedHistogram.observe(
                sums,
                SeriesName.of(DURATION, "experiment", experiment, "phase", run.phase(), "status", status.get()),
                BigDecimal.valueOf(ran, 3)));
    }

    private void state(Run run, String experiment, String status) {
        sums.add(SeriesName.of("mlflow_runs", "experiment", experiment, "phase", run.phase(), "status", status), 1);
        boolean runs = status.equals("running") || status.equals("scheduled");
        boolean silent = RunTime.stale(run, nowMillis, config);
        sums.add(SeriesName.of(STALE, "experiment", experiment, "phase", run.phase()), silent ? 1 : 0);
        if (runs && RunTime.began(run)) {
            sums.max(
                    SeriesName.of(OLDEST, "experiment", experiment, "phase", run.phase()),
                    BigDecimal.valueOf(
                            Math.max(
                                    0,
                                    nowMillis
                                            - Math.max(
                                                    run.startMillis(),
                                                    run.observed().seenToRun())),
                            3));
        }
        String estimator = estimator(run);
        if (!estimator.isEmpty()) {
            sums.add(SeriesName.of("mlflow_estimator_runs", "experiment", experiment, "estimator_class", estimator), 1);
        }
    }

    private String estimator(Run run) {
        for (String tag : List.of(
                "estimator_class",
                "estimator_name",
                config.runs().estimatorTag().orElse(""))) {
            if (!run.tags().getOrDefault(tag, "").isEmpty()) {
                return run.tags().getOrDefault(tag, "");
            }
        }
        return config.runs()
                .estimatorParam()
                .map(param -> run.params().getOrDefault(param, ""))
                .orElse("");
    }

    void registry(List<Model> models, List<Version> versions) {
        sums.add(SeriesName.of("mlflow_registered_models"), models.size());
        for (Model model : models) {
            sums.add(SeriesName.of("mlflow_model_versions", "model", model.name()), 0);
            sums.add(SeriesName.of(VERSIONS_CREATED, "model", model.name()), 0);
            if (model.createdMillis() != 0) {
                sums.time(
                        SeriesName.of("mlflow_registered_model_created_timestamp_seconds", "model", model.name()),
                        model.createdMillis());
            }
            model.aliases()
                    .forEach((alias, version) -> sums.max(
                            SeriesName.of(
                                    "mlflow_model_alias_info",
                                    "model",
                                    model.name(),
                                    "alias",
                                    alias,
                                    "version",
                                    version),
                            BigDecimal.ONE));
        }
        Map<String, List<Version>> byModel = versions.stream().collect(Collectors.groupingBy(Version::model));
        boolean stagesUsed = versions.stream().anyMatch(AuditCounts::staged);
        byModel.forEach((model, all) -> {
            if (stagesUsed) {
                stages(model, all);
            }
            sums.add(SeriesName.of("mlflow_model_versions", "model", model), all.size());
            sums.add(SeriesName.of(VERSIONS_CREATED, "model", model), all.size());
            all.stream()
                    .filter(version -> version.createdMillis() != 0)
                    .sorted(Version.NEWEST_FIRST)
                    .limit(config.exposition().versionsPerModel())
                    .forEach(version -> sums.time(
                            SeriesName.of(
                                    "mlflow_model_version_created_timestamp_seconds",
                                    "model",
                                    model,
                                    "version",
                                    version.version()),
                            version.createdMillis()));
        });
    }

    private void stages(String model, List<Version> all) {
        if (all.stream().anyMatch(AuditCounts::staged)) {
            List.of("None", "Staging", "Production", "Archived").forEach(stage -> sums.add(byStage(model, stage), 0));
        }
        all.forEach(version -> sums.add(byStage(model, staged(version) ? version.stage() : "None"), 1));
    }

    private static SeriesName byStage(String model, String stage) {
        return SeriesName.of("mlflow_model_versions_by_stage", "model", model, "stage", stage);
    }

    private static boolean staged(Version version) {
        return !version.stage().isEmpty() && !version.stage().equals("None");
    }
}
