package io.mlflowexporter.conformance;

import io.mlflowexporter.testing.MlflowServer;
import io.mlflowexporter.testing.PostgresServer;
import io.mlflowexporter.testing.PythonEnvironment;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/**
 * One entry of {@code servers.yaml}.
 *
 * @param accounts accounts of the basic-auth app that the exporter reads as; empty where there is no such app
 */
record RealServer(
        String name,
        PythonEnvironment python,
        String release,
        String store,
        boolean registry,
        boolean aliases,
        List<String> accounts) {
    static final String PASSWORD = "a password of the test";

    private static final Duration LOAD_LIMIT = Duration.ofMinutes(10);
    private static final String ADMIN = "admin";

    /** All entries. */
    static List<RealServer> all() {
        try (InputStream in = RealServer.class.getResourceAsStream("servers.yaml")) {
            List<Map<String, Object>> entries = new Yaml(new SafeConstructor(new LoaderOptions())).load(in);
            return entries.stream().map(RealServer::of).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @SuppressWarnings("unchecked") // The file is the project's own, and of this shape.
    private static RealServer of(Map<String, Object> entry) {
        return new RealServer(
                (String) entry.get("name"),
                PythonEnvironment.of((String) entry.get("python")),
                (String) entry.get("release"),
                (String) entry.get("store"),
                (Boolean) entry.getOrDefault("registry", true),
                (Boolean) entry.getOrDefault("aliases", true),
                (List<String>) entry.getOrDefault("accounts", List.of()));
    }

    @Override
    public String toString() {
        return name;
    }

    /** A server that runs and is loaded. */
    record Loaded(MlflowServer server, Optional<PostgresServer> database) implements AutoCloseable {
        URI uri() {
            return server.uri();
        }

        @Override
        public void close() {
            server.close();
            database.ifPresent(PostgresServer::close);
        }
    }

    /**
     * Starts it and loads it through its own client.
     *
     * @param folder where the basic-auth app keeps its accounts
     */
    Loaded load(Path folder) {
        Optional<PostgresServer> database =
                store.equals("postgresql") ? Optional.of(PostgresServer.start()) : Optional.empty();
        try {
            MlflowServer server = MlflowServer.start(
                    python, database.map(PostgresServer::uri).orElse(storeUri()), auth(folder), options());
            List<String> arguments = new ArrayList<>(List.of(server.uri().toString()));
            if (!registry) {
                arguments.add("--no-registry");
            }
            Map<String, String> environment = new HashMap<>();
            if (!accounts.isEmpty()) {
                arguments.add("--accounts");
                environment.put("MLFLOW_TRACKING_USERNAME", ADMIN);
                environment.put("MLFLOW_TRACKING_PASSWORD", PASSWORD);
            }
            python.run(LOAD_LIMIT, "server_data.py", environment, arguments.toArray(String[]::new));
            return new Loaded(server, database);
        } catch (AssertionError | RuntimeException e) {
            database.ifPresent(PostgresServer::close);
            throw e;
        }
    }

    private String storeUri() {
        return store.equals("files") ? MlflowServer.FILES : MlflowServer.SQLITE;
    }

    private String[] options() {
        if (release.startsWith("1.")) {
            // It does not serve artifacts by itself, and wants to know where clients put them.
            return new String[] {"--default-artifact-root", "./artifacts"};
        }
        return accounts.isEmpty() ? new String[0] : new String[] {"--app-name", "basic-auth"};
    }

    private Map<String, String> auth(Path folder) {
        if (accounts.isEmpty()) {
            return Map.of();
        }
        try {
            Path file = Files.writeString(folder.resolve("auth.ini"), """
                    [mlflow]
                    default_permission = NO_PERMISSIONS
                    database_uri = sqlite:///%s/auth.db
                    admin_username = %s
                    admin_password = %s
                    authorization_function = mlflow.server.auth:authenticate_request_basic_auth
                    auth_cache_ttl_seconds = 600
                    """.formatted(folder, ADMIN, PASSWORD));
            return Map.of("MLFLOW_AUTH_CONFIG_PATH", file.toString(), "MLFLOW_FLASK_SERVER_SECRET_KEY", "of the test");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
