package io.mlflowexporter.catalog.sync;

import io.mlflowexporter.catalog.RunsConfig;
import io.mlflowexporter.catalog.TimeRules;
import io.mlflowexporter.mlflow.connection.MlflowConfig;
import io.mlflowexporter.mlflow.connection.ShardConfig;

/** The settings by which the catalog is kept up to date. */
public record SyncSettings(
        ReadConfig read,
        RunsConfig runs,
        RefreshConfig refresh,
        TimeRules times,
        MlflowConfig mlflow,
        ShardConfig shard) {

    /** What this exporter may take of the server's time: shards divide the share as they divide the runs. */
    public double share() {
        return refresh.resyncShare().doubleValue() / shard.total();
    }
}
