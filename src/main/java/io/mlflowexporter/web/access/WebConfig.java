package io.mlflowexporter.web.access;

import io.mlflowexporter.settings.Setting;
import io.mlflowexporter.settings.value.ListenAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The listeners. */
public record WebConfig(
        @Setting(value = "HOST:PORT for /metrics, for Prometheus; `off` for none.", byDefault = "0.0.0.0:9818")
        ListenAddress metricsListen,

        @Setting(
                value = "HOST:PORT for the status page, health checks and the JSON API; `off` for none.",
                byDefault = "127.0.0.1:9819")
        ListenAddress webListen,

        @Setting(
                value =
                        "Whether `POST /-/reload` on the web listener reads all files again that are watched, as SIGHUP does.",
                byDefault = "false")
        boolean reload,

        @Setting(
                "Names under which the listeners may be asked, as browsers send them in `Host`: `exporter.example.com` for any"
                        + " port, or with one. Requests for other names are refused, health checks excepted; the metrics listener is also"
                        + " asked by addresses and by names without a dot. See [security.md](security.md). Empty: any name.")
        List<String> hosts,

        @Setting(
                value =
                        "Whether the web listener answers other machines with health checks only; requests from this one, or"
                                + " from within the same pod, get everything.",
                byDefault = "false")
        boolean localOnly,

        @Setting("File with TLS, client certificates, user names and headers for both listeners, in the format of"
                + " Prometheus's exporter-toolkit; reread when it changes; see [security.md](security.md). Unset: plain"
                + " HTTP for everyone.")
        Optional<Path> configFile,

        @Setting("As `web.config_file`, for `web.metrics_listen` alone and instead of it.")
        Optional<Path> metricsConfigFile,

        @Setting("As `web.config_file`, for `web.web_listen` alone and instead of it.")
        Optional<Path> webConfigFile) {

    /** What secures the listener for Prometheus. */
    public Optional<Path> metricsSecurity() {
        return metricsConfigFile.or(this::configFile);
    }

    /** What secures the listener for people. */
    public Optional<Path> webSecurity() {
        return webConfigFile.or(this::configFile);
    }
}
