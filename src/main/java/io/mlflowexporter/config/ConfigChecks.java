package io.mlflowexporter.config;

import io.mlflowexporter.catalog.sync.RefreshChecks;
import io.mlflowexporter.checkpoint.CheckpointConfig;
import io.mlflowexporter.mlflow.connection.ConnectionChecks;
import io.mlflowexporter.mlflow.connection.MlflowConfig;
import io.mlflowexporter.otlp.OtlpChecks;
import io.mlflowexporter.settings.FileChecks;
import io.mlflowexporter.settings.SettingChecks;
import io.mlflowexporter.settings.value.Durations;
import io.mlflowexporter.web.access.ListenerChecks;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** Has every subject check its settings, and checks what must hold between those of several. */
final class ConfigChecks {
    private static final String INTERVAL = "refresh.interval";
    private static final String TIMEOUT = "refresh.timeout";
    private static final String READ_TIMEOUT = "mlflow.read_timeout";
    private static final String RETRIES = "mlflow.retries";
    private static final String CHECKPOINT_FILE = "checkpoint.file";
    private static final String CHECKPOINT_INTERVAL = "checkpoint.interval";

    private ConfigChecks() {}

    /** Adds what is wrong. */
    static void check(Config config, SettingChecks checks) {
        ConnectionChecks.check(config.mlflow(), config.shard(), checks);
        RefreshChecks.check(config.refresh(), config.read(), checks);
        config.runs().check(checks);
        config.traces().check(checks);
        ListenerChecks.check(config.web(), checks);
        OtlpChecks.check(config.otlp(), checks::stand, checks.problems());
        file("kpi.file", config.kpi().file(), checks);
        file("cost.file", config.cost().file(), checks);
        requests(config, checks);
        checkpoint(config, checks);
    }

    private static void file(String path, Optional<Path> file, SettingChecks checks) {
        FileChecks.required(path, file, checks.stand(path), checks.problems());
    }

    private static void requests(Config config, SettingChecks checks) {
        MlflowConfig mlflow = config.mlflow();
        if (checks.sound(TIMEOUT, READ_TIMEOUT, RETRIES)) {
            Duration worst = mlflow.readTimeout().multipliedBy(1L + mlflow.retries());
            if (worst.compareTo(config.refresh().timeout()) > 0) {
                checks.warn(
                        checks.strongest(READ_TIMEOUT, RETRIES, TIMEOUT),
                        "one request may take " + Durations.print(worst) + " by "
                                + checks.given(READ_TIMEOUT, mlflow.readTimeout())
                                + " and " + checks.given(RETRIES, mlflow.retries()) + ", longer than "
                                + checks.given(TIMEOUT, config.refresh().timeout()) + " gives a whole refresh");
            }
        }
    }

    private static void checkpoint(Config config, SettingChecks checks) {
        CheckpointConfig checkpoint = config.checkpoint();
        if (!checks.sound(CHECKPOINT_FILE) || checkpoint.file().isEmpty()) {
            return;
        }
        FileChecks.writable(CHECKPOINT_FILE, checkpoint.file().get(), checks.stand(CHECKPOINT_FILE), checks.problems());
        Duration refresh = config.refresh().interval();
        if (checks.sound(CHECKPOINT_INTERVAL, INTERVAL) && checkpoint.interval().compareTo(refresh) > 0) {
            checks.warn(
                    checks.strongest(CHECKPOINT_INTERVAL, INTERVAL),
                    checks.given(CHECKPOINT_INTERVAL, checkpoint.interval()) + " is longer than "
                            + checks.given(INTERVAL, refresh) + ": counters of an exporter that is killed may go back");
        }
    }
}
