package io.mlflowexporter.config;

import java.util.Map;

/** The settings that have a flag of their own. Secrets have none: every process of a machine can read flags. */
public final class Flags {
    public static final String METRICS_LISTEN = "--metrics-listen";
    public static final String WEB_LISTEN = "--web-listen";
    public static final String TRACKING_URI = "--mlflow.tracking-uri";
    public static final String REGISTRY_URI = "--mlflow.registry-uri";
    public static final String INTERVAL = "--interval";
    public static final String SHARD = "--shard";
    public static final String TOTAL_SHARDS = "--total-shards";
    public static final String LOG_FORMAT = "--log-format";
    public static final String WEB_CONFIG_FILE = "--web.config.file";
    public static final String LOG_LEVEL = "--log-level";

    /** Setting to flag. */
    public static final Map<String, String> BY_SETTING = Map.of(
            "web.metrics_listen", METRICS_LISTEN,
            "web.web_listen", WEB_LISTEN,
            "mlflow.tracking_uri", TRACKING_URI,
            "mlflow.registry_uri", REGISTRY_URI,
            "refresh.interval", INTERVAL,
            "shard.index", SHARD,
            "shard.total", TOTAL_SHARDS,
            "web.config_file", WEB_CONFIG_FILE,
            "log.format", LOG_FORMAT,
            "log.level", LOG_LEVEL);

    private Flags() {}
}
