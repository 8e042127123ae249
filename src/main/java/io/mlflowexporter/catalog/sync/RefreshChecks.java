package io.mlflowexporter.catalog.sync;

import io.mlflowexporter.settings.SettingChecks;
import io.mlflowexporter.settings.value.Durations;
import java.time.Duration;

/** What must hold between the settings of when and what to read. */
public final class RefreshChecks {
    private static final String INTERVAL = "refresh.interval";
    private static final String REGISTRY_INTERVAL = "refresh.registry_interval";
    private static final String TIMEOUT = "refresh.timeout";
    private static final String MAX_STALENESS = "refresh.max_staleness";
    private static final Duration SHORT_INTERVAL = Duration.ofSeconds(10);

    private RefreshChecks() {}

    /** Adds what is wrong. */
    public static void check(RefreshConfig refresh, ReadConfig read, SettingChecks checks) {
        times(refresh, checks);
        registryInterval(refresh, read, checks);
        filters(read, checks);
    }

    private static void times(RefreshConfig refresh, SettingChecks checks) {
        if (checks.sound(INTERVAL, MAX_STALENESS) && refresh.maxStaleness().compareTo(refresh.interval()) <= 0) {
            checks.error(
                    checks.strongest(MAX_STALENESS, INTERVAL),
                    checks.given(MAX_STALENESS, refresh.maxStaleness()) + " is not longer than "
                            + checks.given(INTERVAL, refresh.interval())
                            + ": each snapshot would be withdrawn before the next one");
        }
        if (checks.sound(TIMEOUT, MAX_STALENESS) && refresh.timeout().compareTo(refresh.maxStaleness()) > 0) {
            checks.warn(
                    checks.strongest(TIMEOUT, MAX_STALENESS),
                    checks.given(TIMEOUT, refresh.timeout()) + " is longer than "
                            + checks.given(MAX_STALENESS, refresh.maxStaleness())
                            + ": a slow refresh would leave a gap");
        }
        if (checks.sound(INTERVAL) && refresh.interval().compareTo(SHORT_INTERVAL) < 0) {
            checks.warn(
                    INTERVAL,
                    Durations.print(refresh.interval()) + " is short, and MLflow is read that often; 60s suits most");
        }
    }

    private static void registryInterval(RefreshConfig refresh, ReadConfig read, SettingChecks checks) {
        if (refresh.registryInterval().isEmpty() || !checks.sound(REGISTRY_INTERVAL)) {
            return;
        }
        Duration interval = refresh.registryInterval().get();
        if (read.registry() == ReadConfig.Registry.OFF) {
            checks.warn(REGISTRY_INTERVAL, "is not used, as read.registry is off");
        }
        if (checks.sound(MAX_STALENESS) && refresh.maxStaleness().compareTo(interval) <= 0) {
            checks.error(
                    checks.strongest(REGISTRY_INTERVAL, MAX_STALENESS),
                    checks.given(MAX_STALENESS, refresh.maxStaleness()) + " is not longer than "
                            + checks.given(REGISTRY_INTERVAL, interval)
                            + ": what is known of models would be withdrawn before it is read again");
        }
        if (checks.sound(INTERVAL) && interval.compareTo(refresh.interval()) < 0) {
            checks.warn(
                    checks.strongest(REGISTRY_INTERVAL, INTERVAL),
                    checks.given(REGISTRY_INTERVAL, interval) + " is shorter than "
                            + checks.given(INTERVAL, refresh.interval())
                            + ": models are read with each refresh and not more often");
        }
    }

    private static void filters(ReadConfig read, SettingChecks checks) {
        if (checks.sound("read.experiments.include")
                && read.experiments().include().isEmpty()) {
            checks.warn("read.experiments.include", "is empty: no experiment is read");
        }
        if (checks.sound("read.models.include") && read.models().include().isEmpty()) {
            checks.warn("read.models.include", "is empty: no registered model is read");
        }
    }
}
