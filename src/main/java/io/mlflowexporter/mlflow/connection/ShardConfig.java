package io.mlflowexporter.mlflow.connection;

import io.mlflowexporter.settings.Setting;

/** Which part of the experiments this exporter reads. */
public record ShardConfig(
        @Setting(
                value = "Number of this exporter, from 0; number 0 also tells of the registry and of overheads.",
                byDefault = "0",
                min = "0",
                max = "9999")
        int index,

        @Setting(
                value = "How many exporters share one MLflow; see [operations.md](operations.md).",
                byDefault = "1",
                min = "1",
                max = "10000")
        int total) {
    /** Whether it publishes what all shards see alike, so that the sum over shards counts it once: models and overheads. */
    public boolean publishesShared() {
        return index == 0;
    }
}
