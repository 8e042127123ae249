package io.mlflowexporter.testing;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A real {@code mlflow server} with a store of its own on a free port of loopback. Its log stays in {@code
 * target/mlflow-servers}; everything else is gone when it is closed, at the latest when the JVM ends.
 */
public final class MlflowServer implements AutoCloseable {
    /** A store for {@link #start(PythonEnvironment, String, Map, String...)}. */
    public static final String SQLITE = "sqlite:///FOLDER/mlflow.db";

    /** MLflow 1's own store of files; it has no model registry. */
    public static final String FILES = "FOLDER/files";

    private static final Duration START_LIMIT = Duration.ofMinutes(5);
    private static final HttpClient HTTP =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();

    private final Path folder;
    private final Process process;
    private final URI uri;

    private MlflowServer(PythonEnvironment python, String store, Map<String, String> environment, List<String> options)
            throws IOException {
        // Not a module of the interpreter: MLflow 1 cannot be run as one.
        Path program = python.program("mlflow");
        folder = Files.createTempDirectory("mlflow-server");
        int port = ServerProcess.freePort();
        uri = URI.create("http://127.0.0.1:" + port);
        Path log = ServerProcess.log(python + "-" + port);
        List<String> command = new ArrayList<>(List.of(
                program.toString(),
                "server",
                "--backend-store-uri",
                store.replace("FOLDER", folder.toString()),
                "--artifacts-destination",
                folder.resolve("artifacts").toString(),
                "--host",
                "127.0.0.1",
                "--port",
                Integer.toString(port),
                "--workers",
                "1"));
        command.addAll(options);
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("MLFLOW_"));
        builder.environment().putAll(PythonEnvironment.settings());
        builder.environment().putAll(environment);
        // MLflow 1 looks for gunicorn there.
        builder.environment().merge("PATH", program.getParent() + File.pathSeparator, (old, own) -> own + old);
        process = builder.start();
        Runtime.getRuntime().addShutdownHook(new Thread(this::close));
        HttpRequest ask = HttpRequest.newBuilder(uri.resolve("/health"))
                .timeout(Duration.ofSeconds(5))
                .build();
        ServerProcess.await(
                process,
                START_LIMIT,
                log,
                this,
                () -> HTTP.send(ask, HttpResponse.BodyHandlers.discarding()).statusCode() == 200);
    }

    /**
     * Starts a server on SQLite and waits until it is healthy.
     *
     * @param options further options of {@code mlflow server}, such as {@code --enable-workspaces}
     */
    public static MlflowServer start(PythonEnvironment python, String... options) {
        return start(python, SQLITE, Map.of(), options);
    }

    /**
     * As {@link #start(PythonEnvironment, String...)}.
     *
     * @param store its {@code --backend-store-uri}, {@code FOLDER} standing for the server's own folder
     * @param environment further variables
     */
    public static MlflowServer start(
            PythonEnvironment python, String store, Map<String, String> environment, String... options) {
        try {
            return new MlflowServer(python, store, environment, List.of(options));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Where it listens: {@code http://127.0.0.1:port}. */
    public URI uri() {
        return uri;
    }

    /** Ends the server with all its workers. */
    @Override
    public synchronized void close() {
        List<ProcessHandle> tree = new ArrayList<>(process.descendants().toList());
        tree.add(process.toHandle());
        tree.forEach(ProcessHandle::destroyForcibly);
        tree.forEach(handle -> handle.onExit().join());
        try {
            ServerProcess.delete(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
