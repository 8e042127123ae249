package io.mlflowexporter.config;

import io.mlflowexporter.settings.Setting;

/** The log. */
public record LogConfig(
        @Setting(value = "One line a record for people, or one JSON object a record.", byDefault = "text")
        Format format,

        @Setting(value = "Least severe level written.", byDefault = "info")
        Level level) {
    /** How a record is written. */
    public enum Format {
        TEXT,
        JSON
    }

    /** Severities. */
    public enum Level {
        DEBUG,
        INFO,
        WARN,
        ERROR
    }
}
