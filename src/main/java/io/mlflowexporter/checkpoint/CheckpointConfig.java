package io.mlflowexporter.checkpoint;

import io.mlflowexporter.settings.Setting;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** What survives a restart. */
public record CheckpointConfig(
        @Setting("File on a disk that stays, from which a restarted exporter goes on: it serves the last snapshot at"
                + " once, its counters continue, and runs purged from MLflow stay counted; see"
                + " [operations.md](operations.md). Unset: all is read anew.")
        Optional<Path> file,

        @Setting(
                value =
                        "Shortest time between two writes of it; a stop writes it as well. Where this is not longer than"
                                + " `refresh.interval`, each refresh writes before it publishes, so that not even a killed"
                                + " exporter's counters go back.",
                byDefault = "30s",
                min = "0s",
                max = "1d")
        Duration interval) {}
