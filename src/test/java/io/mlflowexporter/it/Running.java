package io.mlflowexporter.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A program started by a test; what it prints goes to {@code target/it}, where it can be read afterwards. */
final class Running implements AutoCloseable {
    private static final Duration STOPS_WITHIN = Duration.ofSeconds(20);

    private final Process process;
    private final Path log;

    private Running(Process process, Path log) {
        this.process = process;
        this.log = log;
    }

    static Running start(String name, List<String> command) {
        return start(name, command, Map.of());
    }

    /** With variables beside those of the test's own process. */
    static Running start(String name, List<String> command, Map<String, String> environment) {
        try {
            Path log = directory().resolve(name + ".log");
            ProcessBuilder builder =
                    new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
            // The developer's own settings are for their exporter, not for the test's.
            builder.environment().keySet().removeIf(variable -> variable.startsWith("MLFLOW"));
            builder.environment().putAll(environment);
            return new Running(builder.start(), log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Where tests leave what can be looked at. */
    static Path directory() throws IOException {
        return Files.createDirectories(Path.of("target", "it"));
    }

    boolean isAlive() {
        return process.isAlive();
    }

    long pid() {
        return process.pid();
    }

    /** All it has printed so far. */
    String output() {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The first group of a pattern, as soon as the output holds it. */
    String printed(Pattern pattern, Duration limit) {
        Matcher found = Await.until(
                pattern + " in " + log,
                limit,
                () -> {
                    // Asked before reading, so that the last words of a program that ended are read.
                    boolean alive = process.isAlive();
                    Matcher matcher = pattern.matcher(output());
                    if (!matcher.find() && !alive) {
                        throw new AssertionError("it ended with " + process.exitValue() + ":\n" + output());
                    }
                    return matcher.reset();
                },
                Matcher::find);
        return found.group(1);
    }

    /** Waits for it to end by itself. */
    int exit(Duration limit) {
        try {
            if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new AssertionError("still running after " + limit + ":\n" + output());
            }
            return process.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /** SIGTERM; the exit code. */
    int terminate() {
        process.destroy();
        return exit(STOPS_WITHIN);
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(STOPS_WITHIN.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
