package io.mlflowexporter.it;

import static io.mlflowexporter.testing.ScriptedServer.json;
import static io.mlflowexporter.testing.ScriptedServer.status;
import static org.assertj.core.api.Assertions.assertThat;

import io.mlflowexporter.demo.SimulatedMlflow;
import io.mlflowexporter.demo.life.SimulationOptions;
import io.mlflowexporter.testing.Command;
import io.mlflowexporter.testing.ScriptedServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The jar against MLflow behind an nginx that lets nobody in without a token and a header, and whose token endpoint wants the
 * client's id and secret: what is served is what an exporter without nginx serves, also when a token ends while it reads.
 */
final class ReverseProxyIT {
    private static final Duration LIMIT = Duration.ofMinutes(1);
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

    @TempDir
    private Path directory;

    private final AtomicReference<String> valid = new AtomicReference<>("one");

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** Asks the issuer whether each token is valid, as gateways do. */
    private Running nginx(int port, URI mlflow, URI issuer) throws IOException {
        Files.writeString(directory.resolve("clients"), "exporter:{PLAIN}s3cr3t\n");
        Path config = Files.writeString(directory.resolve("nginx.conf"), """
                pid DIR/nginx.pid;
                error_log stderr warn;
                events {}
                http {
                  access_log off;
                  client_body_temp_path DIR/body; proxy_temp_path DIR/proxy; fastcgi_temp_path DIR/fastcgi;
                  uwsgi_temp_path DIR/uwsgi; scgi_temp_path DIR/scgi;
                  server {
                    listen 127.0.0.1:PORT;
                    location = /oauth2/token {
                      auth_basic "clients";
                      auth_basic_user_file DIR/clients;
                      proxy_pass ISSUER/token;
                    }
                    location = /verify {
                      internal;
                      proxy_pass ISSUER/verify;
                      proxy_pass_request_body off;
                      proxy_set_header Content-Length "";
                    }
                    location / {
                      if ($http_x_api_key != "k3y") { return 403; }
                      auth_request /verify;
                      proxy_set_header Authorization "";
                      proxy_pass MLFLOW;
                    }
                  }
                }
                """.replace("DIR", directory.toString())
                .replace("PORT", Integer.toString(port))
                .replace("ISSUER", issuer.toString())
                .replace("MLFLOW", mlflow.toString()));
        return Running.start(
                "nginx",
                List.of(
                        Command.require("nginx").toString(),
                        "-p",
                        directory.toString(),
                        "-c",
                        config.toString(),
                        "-g",
                        "daemon off; master_process off;"));
    }

    private ScriptedServer.Answer issue(ScriptedServer.Request request) {
        if (request.target().equals("/token")) {
            return json("{\"access_token\": \"" + valid.get() + "\", \"token_type\": \"Bearer\"}");
        }
        boolean known = request.headers().getOrDefault("authorization", "").equals("Bearer " + valid.get());
        return status(known ? 204 : 401, "");
    }

    private static List<String> served(ExporterJar jar) throws IOException {
        return HttpGet.get(jar.metrics("/metrics"))
                .text()
                .lines()
                .filter(line -> line.startsWith("mlflow_experiment")
                        || line.startsWith("mlflow_run")
                        || line.startsWith("mlflow_registered_model")
                        || line.startsWith("mlflow_model"))
                .toList();
    }

    private static void awaitUp(ExporterJar jar) {
        Await.until(
                "up",
                LIMIT,
                () -> HttpGet.get(jar.metrics("/metrics")).text(),
                text -> text.lines().anyMatch(line -> line.matches("mlflow_up(\\{[^}]*})? 1(\\.0)?")));
    }

    @Test
    void tokensAndHeadersOpenAProxyThatDemandsThem() throws Exception {
        Command.require("nginx");
        Path key = Files.writeString(directory.resolve("key"), "k3y\n");
        Path secret = Files.writeString(directory.resolve("secret"), "s3cr3t\n");
        int port = freePort();
        Path config = Files.writeString(directory.resolve("exporter.yaml"), """
                mlflow:
                  tracking_uri: http://127.0.0.1:PORT
                  auth:
                    http_headers: {X-Api-Key: {files: ["KEY"]}}
                    oauth2:
                      client_id: exporter
                      client_secret_file: SECRET
                      token_url: http://127.0.0.1:PORT/oauth2/token
                """.replace("PORT", Integer.toString(port))
                .replace("KEY", key.toString())
                .replace("SECRET", secret.toString()));
        SimulationOptions options = SimulationOptions.defaults().withRuns(300).withClock(() -> NOW);
        try (SimulatedMlflow mlflow = SimulatedMlflow.start(options);
                ScriptedServer issuer = ScriptedServer.start().otherwise(this::issue);
                Running nginx = nginx(port, mlflow.uri(), issuer.uri());
                ExporterJar direct = ExporterJar.start(
                        "direct", "serve", "--mlflow.tracking-uri", mlflow.uri().toString());
                ExporterJar behind =
                        ExporterJar.start("behind", "serve", "--config", config.toString(), "--interval", "1s")) {
            awaitUp(direct);
            awaitUp(behind);
            assertThat(served(behind)).isNotEmpty().isEqualTo(served(direct));

            valid.set("two");
            Await.until(
                    "a request with the new token",
                    LIMIT,
                    issuer::requests,
                    requests -> requests.stream()
                            .anyMatch(request -> request.headers()
                                    .getOrDefault("authorization", "")
                                    .equals("Bearer two")));
            awaitUp(behind);
            assertThat(served(behind)).isEqualTo(served(direct));
            assertThat(issuer.requests().stream()
                            .filter(request -> request.target().equals("/token"))
                            .count())
                    .isEqualTo(2);
            assertThat(behind.log()).doesNotContain("s3cr3t", "k3y", "Exception");
            assertThat(nginx.output()).doesNotContain("[emerg]");

            Files.writeString(key, "another");
            Await.until("the refusal", LIMIT, behind::log, log -> log.contains("HTTP 403; check mlflow.auth"));
        }
    }
}
