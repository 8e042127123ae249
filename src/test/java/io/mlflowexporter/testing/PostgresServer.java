package io.mlflowexporter.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A PostgreSQL server of Debian's package with an empty database, on a free port of loopback, without a password. Its log stays
 * in {@code target/mlflow-servers}; everything else is gone when it is closed, at the latest when the
 * JVM ends.
 */
public final class PostgresServer implements AutoCloseable {
    private static final Path DEBIAN = Path.of("/usr/lib/postgresql");
    private static final Duration LIMIT = Duration.ofMinutes(3);

    private final Path folder;
    private final Process process;
    private final int port;

    private PostgresServer() throws IOException {
        Path initdb = program("initdb");
        folder = Files.createTempDirectory("postgres");
        if (root()) {
            Command.run(LIMIT, "", List.of("chown", "postgres", folder.toString()));
        }
        Path data = folder.resolve("data");
        Command.Result made = Command.run(
                LIMIT,
                "",
                asUser(
                        initdb,
                        "--pgdata=" + data,
                        "--username=mlflow",
                        "--auth=trust",
                        "--encoding=UTF8",
                        "--no-sync"));
        if (made.exit() != 0) {
            throw new AssertionError("initdb failed:\n" + made.output());
        }
        port = ServerProcess.freePort();
        Path log = ServerProcess.log("postgres-" + port);
        process = new ProcessBuilder(asUser(
                        program("postgres"),
                        "-D",
                        data.toString(),
                        "-p",
                        Integer.toString(port),
                        "-c",
                        "listen_addresses=127.0.0.1",
                        "-c",
                        "unix_socket_directories=",
                        "-c",
                        "fsync=off"))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        Runtime.getRuntime().addShutdownHook(new Thread(this::close));
        ServerProcess.await(process, LIMIT, log, this, () -> {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                return socket.isConnected();
            }
        });
    }

    /** Starts one; skips the calling test, or fails it where {@code CI=true}, if PostgreSQL is not installed. */
    public static PostgresServer start() {
        try {
            return new PostgresServer();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** As MLflow's {@code --backend-store-uri}. */
    public String uri() {
        return "postgresql+psycopg2://mlflow@127.0.0.1:" + port + "/postgres";
    }

    /** Debian keeps the programs of a server out of the PATH. */
    private static Path program(String name) throws IOException {
        Optional<Path> onPath = Command.find(name);
        if (onPath.isPresent() || !Files.exists(DEBIAN)) {
            return onPath.orElseThrow(() -> Command.missing("no PostgreSQL server (Debian: postgresql)"));
        }
        try (Stream<Path> versions = Files.list(DEBIAN)) {
            return versions.map(version -> version.resolve("bin").resolve(name))
                    .filter(Files::isExecutable)
                    .max(Comparator.naturalOrder())
                    .orElseThrow(() -> Command.missing("no PostgreSQL server (Debian: postgresql)"));
        }
    }

    /** PostgreSQL refuses to run as root; the package brings a user for it. */
    private static List<String> asUser(Path program, String... arguments) {
        List<String> command = new ArrayList<>();
        if (root()) {
            command.addAll(List.of("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--"));
        }
        command.add(program.toString());
        command.addAll(List.of(arguments));
        return command;
    }

    private static boolean root() {
        return System.getProperty("user.name").equals("root");
    }

    @Override
    public synchronized void close() {
        if (!Files.exists(folder)) {
            return;
        }
        try {
            // SIGTERM would wait for clients to leave, which MLflow's pool does not.
            Command.run(
                    LIMIT, "", asUser(program("pg_ctl"), "-D", folder.resolve("data") + "", "-m", "immediate", "stop"));
            process.destroyForcibly().waitFor();
            ServerProcess.delete(folder);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
