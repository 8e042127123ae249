package io.mlflowexporter.cost.pricing;

import io.mlflowexporter.settings.Setting;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** What runs cost. */
public record CostConfig(
        @Setting("The cost book: prices, which run used what, budgets and overheads, in a file of its own that is"
                + " read again when it changes; see [cost-book.md](cost-book.md). Unset: no costs.")
        Optional<Path> file,

        @Setting(
                value = "A run that ran for longer than this is taken for one with a wrong timestamp: it is not billed,"
                        + " but counted as an anomaly and its time as unpriced.",
                byDefault = "90d",
                min = "1h",
                max = "3650d")
        Duration longestRun,

        @Setting(
                value = "Histories of system metrics asked for per refresh, for the mean use of runs that ended; until"
                        + " then their latest value stands for the mean. A run that logged more of them than this is"
                        + " asked for alone. 0: always the latest value.",
                byDefault = "20",
                min = "0",
                max = "10000")
        int histories) {}
