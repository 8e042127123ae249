package io.mlflowexporter.config;

import io.mlflowexporter.catalog.sync.ReadConfig;
import io.mlflowexporter.catalog.sync.RefreshConfig;
import io.mlflowexporter.checkpoint.CheckpointConfig;
import io.mlflowexporter.mlflow.connection.CredentialChecks;
import io.mlflowexporter.mlflow.connection.MlflowConfig;
import io.mlflowexporter.mlflow.connection.ProxyChecks;
import io.mlflowexporter.mlflow.connection.ShardConfig;
import io.mlflowexporter.otlp.OtlpChecks;
import io.mlflowexporter.settings.Binder;
import io.mlflowexporter.settings.FileChecks;
import io.mlflowexporter.settings.Origin;
import io.mlflowexporter.settings.Problems;
import io.mlflowexporter.settings.ScalarValues;
import io.mlflowexporter.settings.value.Durations;
import io.mlflowexporter.settings.value.ListenAddress;
import io.mlflowexporter.settings.value.Quoted;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** What must hold between settings, wherever each of them came from. */
final class ConfigChecks {
    private static final String INTERVAL = "refresh.interval";
    private static final String REGISTRY_INTERVAL = "refresh.registry_interval";
    private static final String TIMEOUT = "refresh.timeout";
    private static final String MAX_STALENESS = "refresh.max_staleness";
    private static final String READ_TIMEOUT = "mlflow.read_timeout";
    private static final String RETRIES = "mlflow.retries";
    private static final String METRICS_LISTEN = "web.metrics_listen";
    private static final String KPI_FILE = "kpi.file";
    private static final String COST_FILE = "cost.file";
    private static final String CHECKPOINT_FILE = "checkpoint.file";
    private static final String CHECKPOINT_INTERVAL = "checkpoint.interval";
    private static final String CONFIG_FILE = "web.config_file";
    private static final String METRICS_CONFIG_FILE = "web.metrics_config_file";
    private static final String WEB_CONFIG_FILE = "web.web_config_file";
    private static final String GROUP_BY = "traces.group_by";
    private static final String HASH_GROUPS = "traces.hash_groups";
    private static final Pattern GROUP = Pattern.compile("(tag|metadata):.+");
    private static final String SHARD_INDEX = "shard.index";
    private static final String SHARD_TOTAL = "shard.total";
    private static final String WEB_LISTEN = "web.web_listen";
    private static final Duration SHORT_INTERVAL = Duration.ofSeconds(10);
    private static final Pattern ADDRESS = Pattern.compile("[0-9.]+|.*:.*");
    private static final Set<String> ANY_ADDRESS = Set.of("0.0.0.0", "::", "[::]");

    private final Config config;
    private final Map<String, Origin> origins;
    private final Set<String> broken;
    private final Problems problems;

    private ConfigChecks(Config config, Binder binder, Problems problems) {
        this.config = config;
        this.origins = binder.origins();
        this.broken = binder.broken();
        this.problems = problems;
    }

    /** Adds what is wrong; settings already found wrong by themselves are left out of it. */
    static void check(Config config, Binder binder, Problems problems) {
        ConfigChecks checks = new ConfigChecks(config, binder, problems);
        checks.times();
        checks.listeners();
        checks.tls();
        checks.filters();
        checks.checkpoint();
        checks.shard();
        checks.traces();
        FileChecks.required(KPI_FILE, config.kpi().file(), checks.stand(KPI_FILE), problems);
        checks.securityOf(CONFIG_FILE, config.web().configFile());
        checks.securityOf(METRICS_CONFIG_FILE, config.web().metricsConfigFile());
        checks.securityOf(WEB_CONFIG_FILE, config.web().webConfigFile());
        FileChecks.required(COST_FILE, config.cost().file(), checks.stand(COST_FILE), problems);
        OtlpChecks.check(config.otlp(), checks::stand, problems);
        CredentialChecks.check(config.mlflow(), checks::stand, problems);
        ProxyChecks.check(config.mlflow(), checks::stand, problems);
    }

    private void traces() {
        for (String group : config.traces().groupBy()) {
            if (!GROUP.matcher(group).matches()) {
                error(GROUP_BY, Quoted.shown(group) + " is not allowed; allowed: tag:NAME or metadata:NAME");
            }
        }
        if (config.traces().hashGroups() && config.traces().groupBy().isEmpty() && sound(GROUP_BY)) {
            warn(HASH_GROUPS, "is not used, as traces.group_by names nothing");
        }
    }

    private void times() {
        RefreshConfig refresh = config.refresh();
        MlflowConfig mlflow = config.mlflow();
        if (sound(INTERVAL, MAX_STALENESS) && refresh.maxStaleness().compareTo(refresh.interval()) <= 0) {
            error(
                    strongest(MAX_STALENESS, INTERVAL),
                    given(MAX_STALENESS, refresh.maxStaleness()) + " is not longer than "
                            + given(INTERVAL, refresh.interval())
                            + ": each snapshot would be withdrawn before the next one");
        }
        registryInterval();
        if (sound(TIMEOUT, MAX_STALENESS) && refresh.timeout().compareTo(refresh.maxStaleness()) > 0) {
            warn(
                    strongest(TIMEOUT, MAX_STALENESS),
                    given(TIMEOUT, refresh.timeout()) + " is longer than "
                            + given(MAX_STALENESS, refresh.maxStaleness()) + ": a slow refresh would leave a gap");
        }
        if (sound(INTERVAL) && refresh.interval().compareTo(SHORT_INTERVAL) < 0) {
            warn(
                    INTERVAL,
                    Durations.print(refresh.interval()) + " is short, and MLflow is read that often; 60s suits most");
        }
        if (sound(TIMEOUT, READ_TIMEOUT, RETRIES)) {
            Duration worst = mlflow.readTimeout().multipliedBy(1L + mlflow.retries());
            if (worst.compareTo(refresh.timeout()) > 0) {
                warn(
                        strongest(READ_TIMEOUT, RETRIES, TIMEOUT),
                        "one request may take " + Durations.print(worst) + " by "
                                + given(READ_TIMEOUT, mlflow.readTimeout())
                                + " and " + given(RETRIES, mlflow.retries()) + ", longer than "
                                + given(TIMEOUT, refresh.timeout()) + " gives a whole refresh");
            }
        }
    }

    private void registryInterval() {
        RefreshConfig refresh = config.refresh();
        if (refresh.registryInterval().isEmpty() || !sound(REGISTRY_INTERVAL)) {
            return;
        }
        Duration interval = refresh.registryInterval().get();
        if (config.read().registry() == ReadConfig.Registry.OFF) {
            warn(REGISTRY_INTERVAL, "is not used, as read.registry is off");
        }
        if (sound(MAX_STALENESS) && refresh.maxStaleness().compareTo(interval) <= 0) {
            error(
                    strongest(REGISTRY_INTERVAL, MAX_STALENESS),
                    given(MAX_STALENESS, refresh.maxStaleness()) + " is not longer than "
                            + given(REGISTRY_INTERVAL, interval)
                            + ": what is known of models would be withdrawn before it is read again");
        }
        if (sound(INTERVAL) && interval.compareTo(refresh.interval()) < 0) {
            warn(
                    strongest(REGISTRY_INTERVAL, INTERVAL),
                    given(REGISTRY_INTERVAL, interval) + " is shorter than " + given(INTERVAL, refresh.interval())
                            + ": models are read with each refresh and not more often");
        }
    }

    private void listeners() {
        ListenAddress metrics = config.web().metricsListen();
        ListenAddress web = config.web().webListen();
        if (!sound(METRICS_LISTEN, WEB_LISTEN)) {
            return;
        }
        if (config.web().reload() && !web.enabled()) {
            warn("web.reload", "is on, but " + WEB_LISTEN + " is off: there is nowhere to ask for a reload");
        }
        if (!metrics.enabled() && !web.enabled()) {
            error(METRICS_LISTEN, "is off, and so is " + WEB_LISTEN + ": nothing would be served");
        }
        if (metrics.enabled() && metrics.port() != 0 && metrics.port() == web.port() && overlap(metrics, web)) {
            error(
                    strongest(METRICS_LISTEN, WEB_LISTEN),
                    given(METRICS_LISTEN, metrics) + " takes the same port as " + given(WEB_LISTEN, web));
        }
    }

    private void securityOf(String path, Optional<Path> file) {
        FileChecks.required(path, file, stand(path), problems);
        boolean off = path.equals(METRICS_CONFIG_FILE)
                ? !config.web().metricsListen().enabled()
                : path.equals(WEB_CONFIG_FILE) && !config.web().webListen().enabled();
        if (off && file.isPresent()) {
            warn(path, "is not used: the listener it is for is off");
        }
    }

    /** Two addresses that differ can share a port; of names it is not known without looking them up. */
    private static boolean overlap(ListenAddress a, ListenAddress b) {
        boolean two = ADDRESS.matcher(a.host()).matches()
                && ADDRESS.matcher(b.host()).matches()
                && !a.host().equals(b.host());
        return !two || ANY_ADDRESS.contains(a.host()) || ANY_ADDRESS.contains(b.host());
    }

    private void tls() {
        MlflowConfig.Tls tls = config.mlflow().tls();
        if (tls.keyFile().isPresent() && tls.certFile().isEmpty() && sound("mlflow.tls.cert_file")) {
            error("mlflow.tls.key_file", "is set without mlflow.tls.cert_file, whose key it would be");
        }
        if (tls.insecure()) {
            warn("mlflow.tls.insecure", "is on: anyone in between can read and change what is sent");
            if (tls.caFile().isPresent()) {
                warn("mlflow.tls.ca_file", "is not used while mlflow.tls.insecure is on");
            }
        }
        FileChecks.required("mlflow.tls.ca_file", tls.caFile(), stand("mlflow.tls.ca_file"), problems);
        FileChecks.required("mlflow.tls.cert_file", tls.certFile(), stand("mlflow.tls.cert_file"), problems);
        FileChecks.required("mlflow.tls.key_file", tls.keyFile(), stand("mlflow.tls.key_file"), problems);
    }

    private void filters() {
        if (sound("read.experiments.include")
                && config.read().experiments().include().isEmpty()) {
            warn("read.experiments.include", "is empty: no experiment is read");
        }
        if (sound("read.models.include") && config.read().models().include().isEmpty()) {
            warn("read.models.include", "is empty: no registered model is read");
        }
        if (config.runs().phases().isEmpty()
                && !config.runs().phasesAppendDefaults()
                && sound("runs.phases", "runs.phases_append_defaults")) {
            warn("runs.phases_append_defaults", "is false without runs.phases: every run's phase is `other`");
        }
    }

    private void checkpoint() {
        CheckpointConfig checkpoint = config.checkpoint();
        if (!sound(CHECKPOINT_FILE) || checkpoint.file().isEmpty()) {
            return;
        }
        FileChecks.writable(CHECKPOINT_FILE, checkpoint.file().get(), stand(CHECKPOINT_FILE), problems);
        Duration refresh = config.refresh().interval();
        if (sound(CHECKPOINT_INTERVAL, INTERVAL) && checkpoint.interval().compareTo(refresh) > 0) {
            warn(
                    strongest(CHECKPOINT_INTERVAL, INTERVAL),
                    given(CHECKPOINT_INTERVAL, checkpoint.interval()) + " is longer than " + given(INTERVAL, refresh)
                            + ": counters of an exporter that is killed may go back");
        }
    }

    private void shard() {
        ShardConfig shard = config.shard();
        if (sound(SHARD_INDEX, SHARD_TOTAL) && shard.index() >= shard.total()) {
            error(
                    strongest(SHARD_INDEX, SHARD_TOTAL),
                    given(SHARD_INDEX, shard.index()) + " is not less than " + given(SHARD_TOTAL, shard.total())
                            + ": shards are numbered from 0");
        }
    }

    private boolean sound(String... paths) {
        return Arrays.stream(paths).noneMatch(broken::contains);
    }

    private Origin stand(String path) {
        return origins.getOrDefault(path, Origin.DEFAULT);
    }

    /** Of settings that do not go together the one to blame: rather one that was given than a default. */
    private String strongest(String... paths) {
        return Arrays.stream(paths)
                .reduce((a, b) -> stand(a).kind().compareTo(stand(b).kind()) >= 0 ? a : b)
                .orElseThrow();
    }

    private String given(String path, Object value) {
        return path + " (" + ScalarValues.print(value) + ", " + stand(path) + ")";
    }

    private void error(String path, String message) {
        problems.error(stand(path), path, message);
    }

    private void warn(String path, String message) {
        problems.warning(stand(path), path, message);
    }
}
