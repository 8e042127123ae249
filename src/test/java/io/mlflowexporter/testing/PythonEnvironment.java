package io.mlflowexporter.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Python with one release of MLflow and what it needs, or with other tools, in a virtual environment made from a pinned list under {@code
 * src/test/python} and kept from build to build.
 *
 * <p>It stands in {@code target/venv}, or in the folder that the environment variable {@code MLFLOW_VENVS} or the system
 * property {@code mlflow.venvs} names, which outlives {@code mvn clean}. To make one takes about a minute and 900 MB,
 * so that is only done where {@code CI=true} or {@code -Dreal.mlflow=true}; elsewhere the test is skipped.
 */
public final class PythonEnvironment {
    /** The newest MLflow 3. */
    public static final PythonEnvironment MLFLOW3 = new PythonEnvironment("mlflow3");

    /** The newest MLflow 2. */
    public static final PythonEnvironment MLFLOW2 = new PythonEnvironment("mlflow2");

    /** The newest MLflow 3 with less around it, and with what its basic-auth app and PostgreSQL need. */
    public static final PythonEnvironment MLFLOW3_SERVER = new PythonEnvironment("mlflow3-server");

    /** An MLflow 3 of before workspaces and {@code server-info}. */
    public static final PythonEnvironment MLFLOW3_EARLY = new PythonEnvironment("mlflow3-early");

    /** The last MLflow 1. */
    public static final PythonEnvironment MLFLOW1 = new PythonEnvironment("mlflow1");

    /** What checks the Dockerfile and the Helm chart; without MLflow. */
    public static final PythonEnvironment DEPLOY = new PythonEnvironment("deploy");

    private static final Path SCRIPTS = Path.of("src", "test", "python");
    private static final String MARKER = "made-from.sha256";
    private static final Duration INSTALL_LIMIT = Duration.ofMinutes(10);

    private static final List<PythonEnvironment> ALL =
            List.of(MLFLOW3, MLFLOW2, MLFLOW3_SERVER, MLFLOW3_EARLY, MLFLOW1, DEPLOY);

    private final String label;
    private Optional<Path> ready = Optional.empty();

    private PythonEnvironment(String label) {
        this.label = label;
    }

    /** The one that is made from {@code requirements-LABEL.txt}. */
    public static PythonEnvironment of(String label) {
        return ALL.stream().filter(one -> one.label.equals(label)).findFirst().orElseThrow();
    }

    /** The environment's Python; skips the calling test, or fails it where {@code CI=true}, if it cannot be had. */
    public synchronized Path python() {
        if (ready.isEmpty()) {
            ready = Optional.of(provide());
        }
        return ready.get();
    }

    /** A program that comes with a package of it. */
    public Path program(String name) {
        return python().resolveSibling(name);
    }

    /** A script of {@code src/test/python}. */
    public static Path script(String name) {
        return SCRIPTS.resolve(name).toAbsolutePath();
    }

    /** Runs a script of {@code src/test/python} to its end and gives back what it printed; fails where it fails. */
    public String run(Duration limit, String script, Map<String, String> environment, String... arguments) {
        List<String> command = new ArrayList<>(List.of("env"));
        settings().forEach((name, value) -> command.add(name + "=" + value));
        environment.forEach((name, value) -> command.add(name + "=" + value));
        command.add(python().toString());
        command.add(script(script).toString());
        command.addAll(Arrays.asList(arguments));
        Command.Result result = Command.run(limit, "", command);
        if (result.exit() != 0) {
            throw new AssertionError(script + " ended with " + result.exit() + ":\n" + result.output());
        }
        return result.output();
    }

    /** What every Python with MLflow in it is told: report nothing to anyone, look for no git, start no job runners. */
    static Map<String, String> settings() {
        return Map.of(
                "MLFLOW_DISABLE_TELEMETRY", "true",
                "DO_NOT_TRACK", "true",
                "GIT_PYTHON_REFRESH", "quiet",
                "MLFLOW_SERVER_ENABLE_JOB_EXECUTION", "false",
                "PYTHONUNBUFFERED", "1",
                "PYTHONDONTWRITEBYTECODE", "1");
    }

    /** Its label, such as {@code mlflow3}. */
    @Override
    public String toString() {
        return label;
    }

    private Path provide() {
        Path venv = folder().resolve(label).toAbsolutePath();
        Path requirements = SCRIPTS.resolve("requirements-" + label + ".txt");
        try {
            Files.createDirectories(venv.getParent());
            // Two builds may share the folder.
            try (FileChannel lock = FileChannel.open(
                            venv.resolveSibling(label + ".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    var held = lock.lock()) {
                String wanted = digest(requirements);
                Path marker = venv.resolve(MARKER);
                boolean fresh = held.isValid() && Files.exists(marker) && wanted.equals(Files.readString(marker));
                if (!fresh) {
                    make(venv, requirements);
                    Files.writeString(marker, wanted);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return venv.resolve("bin").resolve("python");
    }

    private static Path folder() {
        String named = System.getProperty("mlflow.venvs", System.getenv().getOrDefault("MLFLOW_VENVS", ""));
        return named.isEmpty() ? Path.of("target", "venv") : Path.of(named);
    }

    private static void make(Path venv, Path requirements) throws IOException {
        if (!"true".equals(System.getenv("CI")) && !Boolean.getBoolean("real.mlflow")) {
            throw Command.missing("no " + venv + " made from " + requirements
                    + "; run once with -Dreal.mlflow=true to install that there (MLflow: a minute, 900 MB)");
        }
        Path python = Command.require("python3");
        if (Files.exists(venv)) {
            try (Stream<Path> old = Files.walk(venv)) {
                for (Path path : old.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(path);
                }
            }
        }
        step(List.of(python.toString(), "-m", "venv", venv.toString()));
        step(List.of(
                venv.resolve("bin").resolve("python").toString(),
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
                "--requirement",
                requirements.toString()));
    }

    private static void step(List<String> command) {
        Command.Result result = Command.run(INSTALL_LIMIT, "", command);
        if (result.exit() != 0) {
            throw Command.missing(String.join(" ", command) + " failed:\n" + result.output());
        }
    }

    private static String digest(Path file) throws IOException {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            return HexFormat.of().formatHex(sha.digest(Files.readAllBytes(file)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java runtime has SHA-256", e);
        }
    }
}
