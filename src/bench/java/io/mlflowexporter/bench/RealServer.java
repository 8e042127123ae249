package io.mlflowexporter.bench;

import io.mlflowexporter.testing.PythonEnvironment;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A real {@code mlflow server} over a SQLite file into which many runs were written. */
final class RealServer implements AutoCloseable {
    private static final Map<String, String> SETTINGS = Map.of(
            "MLFLOW_DISABLE_TELEMETRY", "true",
            "DO_NOT_TRACK", "true",
            "GIT_PYTHON_REFRESH", "quiet",
            "MLFLOW_SERVER_ENABLE_JOB_EXECUTION", "false",
            "PYTHONDONTWRITEBYTECODE", "1");

    private final Path folder;
    private final Program server;
    private final URI uri;

    private RealServer(Path folder, Program server, URI uri) {
        this.folder = folder;
        this.server = server;
        this.uri = uri;
    }

    /** Python with MLflow in it; fails with a reason where there is none. */
    static Path python() throws IOException {
        try {
            return PythonEnvironment.MLFLOW3.python();
        } catch (RuntimeException | AssertionError e) {
            throw new IOException(String.valueOf(e.getMessage()), e);
        }
    }

    static RealServer start(Path scripts, int runs) throws IOException, InterruptedException {
        return start(scripts, runs, 1);
    }

    /** With so many workers. */
    static RealServer start(Path scripts, int runs, int workers) throws IOException, InterruptedException {
        Path python = python();
        Path folder = Files.createTempDirectory("bench-mlflow");
        Path database = folder.resolve("mlflow.db");
        Program load =
                python(python, scripts.resolve("bulk_load.py").toString(), database.toString(), Integer.toString(runs));
        String said = load.finish(Duration.ofMinutes(15));
        Report.say("real server: "
                + said.substring(said.lastIndexOf('\n', said.length() - 2) + 1).trim());
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        Program server = python(
                python,
                "-m",
                "mlflow",
                "server",
                "--backend-store-uri",
                "sqlite:///" + database,
                "--artifacts-destination",
                folder.resolve("artifacts").toString(),
                "--host",
                "127.0.0.1",
                "--port",
                Integer.toString(port),
                "--workers",
                Integer.toString(workers));
        server.await(Pattern.compile("Application startup complete"), Duration.ofMinutes(2));
        return new RealServer(folder, server, URI.create("http://127.0.0.1:" + port));
    }

    /** Reads all with the Python client and pandas. */
    double[] notebook(Path scripts) throws IOException, InterruptedException {
        Program notebook = python(python(), scripts.resolve("notebook.py").toString(), uri.toString());
        String said = notebook.finish(Duration.ofMinutes(30));
        String line = said.lines()
                .filter(l -> l.startsWith("NOTEBOOK "))
                .findFirst()
                .orElseThrow(() -> new IOException("the notebook said nothing"));
        return Stream.of(line.split(" "))
                .skip(1)
                .mapToDouble(Double::parseDouble)
                .toArray();
    }

    private static Program python(Path python, String... arguments) throws IOException {
        List<String> command = Stream.concat(Stream.of(python.toString()), Stream.of(arguments))
                .toList();
        return Program.start("python", command, SETTINGS);
    }

    URI uri() {
        return uri;
    }

    @Override
    public void close() throws IOException {
        server.close();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path path : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
