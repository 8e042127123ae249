package io.mlflowexporter.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** What this program is, as the build wrote it down. */
record BuildInfo(String version, String revision) {
    static BuildInfo read() {
        Properties properties = new Properties();
        try (InputStream in = BuildInfo.class.getResourceAsStream("/io/mlflowexporter/build.properties")) {
            if (in != null) {
                properties.load(in);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the program's own build.properties", e);
        }
        return new BuildInfo(
                properties.getProperty("version", "unknown"), properties.getProperty("revision", "unknown"));
    }
}
