package io.mlflowexporter.settings;

/**
 * One thing wrong, or doubtful, with the configuration.
 *
 * @param where {@code FILE:LINE}, the name of an environment variable or a flag
 * @param key the setting, such as {@code refresh.interval}; empty where it is about no single one
 * @param message what is wrong and what is allowed; one line, without secrets
 */
public record Problem(String where, String key, String message) {
    /** {@code where: key: message}. */
    @Override
    public String toString() {
        return where + ": " + (key.isEmpty() ? "" : key + ": ") + message;
    }
}
