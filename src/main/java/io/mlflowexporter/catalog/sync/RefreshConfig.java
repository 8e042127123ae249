package io.mlflowexporter.catalog.sync;

import io.mlflowexporter.settings.RetiredSetting;
import io.mlflowexporter.settings.Setting;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Optional;

/** The refresh cycle. */
@RetiredSetting(
        key = "sweep_runs",
        reason = "the pace of rereading now follows the server's speed; refresh.resync_share limits it")
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
                value =
                        "Share of the time of one worker of the MLflow server that rereading known runs may take. It finds"
                                + " what changes without a trace in MLflow: edited tags, imports with old times, and deletions"
                                + " where many runs are deleted. 0.03 rereads 10,000 runs in 10 minutes and 100,000 in 2 hours"
                                + " where MLflow returns 1,000 runs in 1.8 seconds; on a slower server it takes longer. Shards divide"
                                + " the share.",
                byDefault = "0.03",
                min = "0.001",
                max = "1")
        BigDecimal resyncShare) {}
