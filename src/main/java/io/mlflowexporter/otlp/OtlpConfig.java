package io.mlflowexporter.otlp;

import io.mlflowexporter.settings.Setting;
import io.mlflowexporter.settings.value.WebAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Pushing the families, beside serving them. */
public record OtlpConfig(
        @Setting(
                "Address of a receiver of OTLP over HTTP, such as `http://127.0.0.1:4318`; `/v1/metrics` is added where"
                        + " it has no path. Unset: nothing is pushed.")
        Optional<WebAddress> endpoint,

        @Setting(value = "Headers sent along, each as `NAME=VALUE`, such as `Authorization=Bearer …`.", secret = true)
        List<String> headers,

        @Setting("File with more of them, one a line; reread at each push.")
        Optional<Path> headersFile,

        @Setting("PEM file with the certificates to trust instead of the JDK's own; reread when it changes.")
        Optional<Path> caFile,

        @Setting(value = "Time from one push to the next.", byDefault = "60s", min = "1s", max = "1h")
        Duration interval,

        @Setting(value = "Time limit for one request.", byDefault = "10s", min = "100ms", max = "5m")
        Duration timeout,

        @Setting(
                value = "How histograms are pushed: `explicit` with the classic buckets, which every backend takes, or"
                        + " `exponential` with the native ones, where a family has them.",
                byDefault = "explicit")
        Histograms histograms,

        @Setting(
                "Attributes of the resource, beside service.name, service.version and service.instance.id, or instead of"
                        + " them.")
        Map<String, String> resourceAttributes) {

    /** OTLP's two kinds. */
    public enum Histograms {
        EXPLICIT,
        EXPONENTIAL
    }
}
