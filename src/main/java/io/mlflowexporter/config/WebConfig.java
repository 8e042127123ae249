package io.mlflowexporter.config;

/** The listeners. */
public record WebConfig(
        @Setting(value = "HOST:PORT for /metrics, for Prometheus; `off` for none.", byDefault = "0.0.0.0:9818")
        Listen metricsListen,

        @Setting(
                value = "HOST:PORT for the status page, health checks and the JSON API; `off` for none.",
                byDefault = "127.0.0.1:9819")
        Listen webListen,

        @Setting(
                value = "Whether `POST /-/reload` on the web listener rereads the cost book, as SIGHUP does.",
                byDefault = "false")
        boolean reload) {}
