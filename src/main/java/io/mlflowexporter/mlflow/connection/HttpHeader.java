package io.mlflowexporter.mlflow.connection;

import io.mlflowexporter.settings.Setting;
import java.nio.file.Path;
import java.util.List;

/** A header sent with each request, once for each of its values. The keys are those of Prometheus's {@code http_headers}. */
public record HttpHeader(
        @Setting("Values that are no secrets.") List<String> values,

        @Setting(value = "Values that are never shown.", secret = true)
        List<String> secrets,

        @Setting("Files whose contents are values; reread for each request.")
        List<Path> files) {
    /** Without secrets. */
    @Override
    public String toString() {
        return "HttpHeader[" + (values.size() + secrets.size() + files.size()) + " values]";
    }
}
