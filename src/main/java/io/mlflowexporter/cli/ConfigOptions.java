package io.mlflowexporter.cli;

import io.mlflowexporter.config.ConfigLoader;
import io.mlflowexporter.config.Flags;
import io.mlflowexporter.config.LoadedConfig;
import io.mlflowexporter.settings.SettingsException;
import io.mlflowexporter.web.access.WebConfig;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * The options that say where the configuration comes from, mixed into every command that needs one. Their values stay
 * text here: the configuration's own rules read them, so that a flag, a variable and the file are refused in the same
 * words.
 */
final class ConfigOptions {
    @Option(names = "--config", paramLabel = "FILE", description = "Configuration file, YAML.")
    private @Nullable Path file;

    @Option(
            names = Flags.METRICS_LISTEN,
            paramLabel = "HOST:PORT",
            description = "Where /metrics is served, or off. Default: 0.0.0.0:9818.")
    private @Nullable String metricsListen;

    @Option(
            names = Flags.WEB_LISTEN,
            paramLabel = "HOST:PORT",
            description = "Where the status page and the health checks are served, or off. Default: 127.0.0.1:9819.")
    private @Nullable String webListen;

    @Option(
            names = Flags.WEB_CONFIG_FILE,
            paramLabel = "FILE",
            description = "TLS and users of both listeners, in exporter-toolkit's format. Default: plain HTTP.")
    private @Nullable String webConfigFile;

    @Option(
            names = Flags.TRACKING_URI,
            paramLabel = "URI",
            description = "MLflow's tracking server. Default: http://127.0.0.1:5000.")
    private @Nullable String trackingUri;

    @Option(
            names = Flags.REGISTRY_URI,
            paramLabel = "URI",
            description = "MLflow's registry server, where it is a separate one.")
    private @Nullable String registryUri;

    @Option(
            names = Flags.INTERVAL,
            paramLabel = "DURATION",
            description = "Time from one refresh to the next, such as 30s or 5m. Default: 60s.")
    private @Nullable String interval;

    @Option(
            names = Flags.SHARD,
            paramLabel = "I",
            description = "Number of this exporter, from 0, where several share one MLflow. Default: 0.")
    private @Nullable String shard;

    @Option(
            names = Flags.TOTAL_SHARDS,
            paramLabel = "N",
            description = "How many exporters share one MLflow. Default: 1.")
    private @Nullable String totalShards;

    @Option(names = Flags.LOG_FORMAT, paramLabel = "text|json", description = "How the log is written. Default: text.")
    private @Nullable String logFormat;

    @Option(
            names = Flags.LOG_LEVEL,
            paramLabel = "LEVEL",
            description = "Least severe level logged: debug, info, warn or error. Default: info.")
    private @Nullable String logLevel;

    /** The configuration file, if one is named. */
    Optional<Path> file() {
        return Optional.ofNullable(file);
    }

    /** Loads the configuration these options, the environment and the file make. */
    LoadedConfig load(Map<String, String> environment) throws SettingsException {
        return load(environment, Map.of());
    }

    /**
     * As {@link #load(Map)}.
     *
     * @param preset setting to text, for what a command decides by itself; weaker than flags, stronger than variables
     */
    LoadedConfig load(Map<String, String> environment, Map<String, String> preset) throws SettingsException {
        Map<String, String> texts = new HashMap<>(preset);
        texts.putAll(flags());
        return ConfigLoader.load(file(), environment, texts);
    }

    /** As {@link ConfigLoader#listeners}. */
    WebConfig listeners(Map<String, String> environment) throws SettingsException {
        return ConfigLoader.listeners(file(), environment, flags());
    }

    private Map<String, String> flags() {
        Map<String, @Nullable String> byFlag = new HashMap<>();
        byFlag.put(Flags.METRICS_LISTEN, metricsListen);
        byFlag.put(Flags.WEB_LISTEN, webListen);
        byFlag.put(Flags.WEB_CONFIG_FILE, webConfigFile);
        byFlag.put(Flags.TRACKING_URI, trackingUri);
        byFlag.put(Flags.REGISTRY_URI, registryUri);
        byFlag.put(Flags.INTERVAL, interval);
        byFlag.put(Flags.SHARD, shard);
        byFlag.put(Flags.TOTAL_SHARDS, totalShards);
        byFlag.put(Flags.LOG_FORMAT, logFormat);
        byFlag.put(Flags.LOG_LEVEL, logLevel);
        Map<String, String> given = new HashMap<>();
        Flags.BY_SETTING.forEach((setting, flag) -> {
            String text = byFlag.get(flag);
            if (text != null) {
                given.put(setting, text);
            }
        });
        return given;
    }
}
