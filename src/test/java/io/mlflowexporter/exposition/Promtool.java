package io.mlflowexporter.exposition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/** Prometheus's own lint, where it is installed; continuous integration must have it. */
public final class Promtool {
    private Promtool() {}

    /** Fails unless {@code promtool check metrics} takes the text (format 0.0.4) and has nothing to say. */
    public static void check(String text) {
        Optional<Path> promtool = find();
        if (promtool.isEmpty()) {
            if ("true".equals(System.getenv("CI"))) {
                throw new AssertionError("promtool is not on the PATH");
            }
            abort("promtool is not on the PATH: its opinion is left out");
        }
        try {
            Path output = Files.createTempFile("promtool", ".txt");
            Process process = new ProcessBuilder(promtool.orElseThrow().toString(), "check", "metrics")
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            try (OutputStream in = process.getOutputStream()) {
                in.write(text.getBytes(StandardCharsets.UTF_8));
            }
            int exit = process.waitFor();
            String said = Files.readString(output);
            Files.delete(output);
            assertThat(said).as("promtool check metrics").isEmpty();
            assertThat(exit).as("exit code of promtool check metrics").isZero();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    private static Optional<Path> find() {
        return Arrays.stream(System.getenv("PATH").split(File.pathSeparator, -1))
                .map(directory -> Path.of(directory, "promtool"))
                .filter(Files::isExecutable)
                .findFirst();
    }
}
