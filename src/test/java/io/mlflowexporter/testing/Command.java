package io.mlflowexporter.testing;

import static org.junit.jupiter.api.Assumptions.abort;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Programs beside the JDK that a test uses: absent on a laptop they skip the test, in continuous integration they must be there. */
public final class Command {
    private Command() {}

    /**
     * What a program printed, standard error included.
     *
     * @param exit its exit code
     */
    public record Result(int exit, String output) {}

    /** The program on the PATH; skips the calling test where it is missing, fails it where {@code CI=true}. */
    public static Path require(String program) {
        return find(program).orElseThrow(() -> missing(program + " is not on the PATH"));
    }

    /** The program on the PATH. */
    public static Optional<Path> find(String program) {
        return Arrays.stream(System.getenv("PATH").split(File.pathSeparator, -1))
                .map(directory -> Path.of(directory, program))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** Skips the calling test, or fails it where {@code CI=true}; never returns. */
    public static AssertionError missing(String reason) {
        if ("true".equals(System.getenv("CI"))) {
            throw new AssertionError(reason);
        }
        abort(reason);
        throw new AssertionError("not reached");
    }

    /** Runs a program to its end; kills it and fails past the limit. */
    public static Result run(Duration limit, String input, List<String> command) {
        try {
            Path output = Files.createTempFile("command", ".txt");
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            try (OutputStream in = process.getOutputStream()) {
                in.write(input.getBytes(StandardCharsets.UTF_8));
            }
            if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
                throw new AssertionError(command + " did not end within " + limit + ":\n" + Files.readString(output));
            }
            String said = Files.readString(output);
            Files.delete(output);
            return new Result(process.exitValue(), said);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }
}
