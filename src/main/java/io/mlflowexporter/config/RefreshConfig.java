package io.mlflowexporter.config;

import java.time.Duration;
import java.util.Optional;

/** The refresh cycle. */
public record RefreshConfig(
        @Setting(
                value = "Time from the start of one refresh to the start of the next.",
                byDefault = "60s",
                min = "1s",
                max = "1d")
        Duration interval,

        @Setting(
                value =
                        "Time between two readings of registered models and their versions; unset: with each refresh. For"
                                + " servers that take long for it, as with tens of thousands of versions. The snapshot's"
                                + " timestamp, that of its oldest part, is then as old.",
                min = "1s",
                max = "1d")
        Optional<Duration> registryInterval,

        @Setting(value = "Time limit for one whole refresh.", byDefault = "10m", min = "1s", max = "1d")
        Duration timeout,

        @Setting(
                value = "A snapshot older than this is withdrawn: its families vanish and mlflow_up stays 0.",
                byDefault = "15m",
                min = "1s",
                max = "30d")
        Duration maxStaleness,

        @Setting(
                value = "An active run without a sign of life for longer than this is stale: its duration"
                        + " freezes at the last sign.",
                byDefault = "24h",
                min = "1m",
                max = "365d")
        Duration staleAfter,

        @Setting(
                value = "So far back from the last refresh runs that started or ended are asked for again: how far"
                        + " clocks of machines that write to MLflow may differ, and how late a run may come in.",
                byDefault = "5m",
                min = "0s",
                max = "1d")
        Duration overlap,

        @Setting(
                value = "Runs of history read again per refresh, oldest first and around: what changes without a"
                        + " trace (tags, deletions, restores, imports with old times) is found within"
                        + " `runs / sweep_runs` refreshes. Runs that died without an end are read at that pace too"
                        + " where there are more, but every 16th refresh at least.",
                byDefault = "40",
                min = "1",
                max = "50000")
        int sweepRuns) {}
