package io.mlflowexporter.exposition;

import io.mlflowexporter.settings.Setting;

/** What is published. */
public record ExpositionConfig(
        @Setting(
                value = "Series per family at most; the largest contributors stay, the rest is summed into"
                        + " `_other`. A histogram's series counts as one.",
                byDefault = "10000",
                min = "10",
                max = "10000000")
        int seriesPerFamily,

        @Setting(
                value = "How many of the newest runs the mlflow_recent_run_* families show; 0 switches them off.",
                byDefault = "100",
                min = "0",
                max = "10000")
        int recentRuns,

        @Setting(
                value = "How many of a model's newest versions have a series of their own.",
                byDefault = "20",
                min = "0",
                max = "10000")
        int versionsPerModel,

        @Setting(
                value = "Longest label value in characters; a longer one is cut and ends in `…` and a hash.",
                byDefault = "200",
                min = "16",
                max = "10000")
        int maxLabelLength) {}
