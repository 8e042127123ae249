package io.mlflowexporter.config;

import io.mlflowexporter.catalog.RunsConfig;
import io.mlflowexporter.catalog.TimeRules;
import io.mlflowexporter.catalog.sync.ReadConfig;
import io.mlflowexporter.catalog.sync.RefreshConfig;
import io.mlflowexporter.catalog.sync.SyncSettings;
import io.mlflowexporter.checkpoint.CheckpointConfig;
import io.mlflowexporter.cost.pricing.CostConfig;
import io.mlflowexporter.exposition.ExpositionConfig;
import io.mlflowexporter.kpi.KpiConfig;
import io.mlflowexporter.kpi.StepsConfig;
import io.mlflowexporter.llm.TracesConfig;
import io.mlflowexporter.mlflow.connection.MlflowConfig;
import io.mlflowexporter.mlflow.connection.ShardConfig;
import io.mlflowexporter.otlp.OtlpConfig;
import io.mlflowexporter.registry.DeploymentConfig;
import io.mlflowexporter.settings.Setting;
import io.mlflowexporter.web.access.WebConfig;

/** The whole configuration, bound and checked; every part is immutable. */
public record Config(
        @Setting("The MLflow server to read.") MlflowConfig mlflow,
        @Setting("When and how long to read.") RefreshConfig refresh,

        @Setting("What to read: experiments, models and runs.")
        ReadConfig read,

        @Setting("How runs are sorted into lifecycle phases, and where the estimator's class is found.")
        RunsConfig runs,

        @Setting("What runs cost.") CostConfig cost,
        @Setting("What counts as a deployment of a model.") DeploymentConfig delivery,
        @Setting("What is to be achieved.") KpiConfig kpi,

        @Setting("Which metrics tell how long the steps of a run took.")
        StepsConfig steps,

        @Setting("LLM traces: what is read of them.") TracesConfig traces,

        @Setting("What survives a restart.") CheckpointConfig checkpoint,

        @Setting("Several exporters for one MLflow, each with a part of the experiments.")
        ShardConfig shard,

        @Setting("What is published, and how many series at most.")
        ExpositionConfig exposition,

        @Setting("The two listeners.") WebConfig web,

        @Setting("Pushing the same families over OTLP, beside serving them.")
        OtlpConfig otlp,

        @Setting("The log on standard error.") LogConfig log) {

    /** How long runs ran. */
    public TimeRules times() {
        return TimeRules.of(refresh, cost.longestRun());
    }

    /** How the catalog is kept up to date. */
    public SyncSettings sync() {
        return new SyncSettings(read, runs, refresh, times(), mlflow, shard);
    }
}
