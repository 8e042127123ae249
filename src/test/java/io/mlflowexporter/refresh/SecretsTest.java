package io.mlflowexporter.refresh;

import static io.mlflowexporter.testing.ScriptedServer.status;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.read.ListAppender;
import io.mlflowexporter.config.ConfigLoader;
import io.mlflowexporter.config.ConfigYaml;
import io.mlflowexporter.config.LoadedConfig;
import io.mlflowexporter.testing.ScriptedServer;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** Whatever goes wrong, and with the most talkative log, a secret is in no line, status or metric. */
final class SecretsTest {
    private static final String SECRET = "s3cr3t-p4ss";
    private static final String ENCODED =
            Base64.getEncoder().encodeToString(("ana:" + SECRET).getBytes(StandardCharsets.UTF_8));

    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private final Logger ours = (Logger) LoggerFactory.getLogger("io.mlflowexporter");
    private final Level before = ours.getLevel();

    @TempDir
    private Path directory;

    @BeforeEach
    void listen() {
        ours.setLevel(Level.TRACE);
        log.start();
        ours.addAppender(log);
    }

    @AfterEach
    void stopListening() {
        ours.detachAppender(log);
        ours.setLevel(before);
    }

    private void check(String address, Map<String, String> settings) throws Exception {
        Map<String, String> given = new HashMap<>(settings);
        given.put("mlflow.tracking_uri", address);
        check(ConfigLoader.load(Optional.empty(), Map.of(), given), new RefreshBench(address, settings));
    }

    private void check(LoadedConfig loaded, RefreshBench opened) throws Exception {
        try (RefreshBench bench = opened) {
            ((Logger) LoggerFactory.getLogger(Refresher.class)).setLevel(Level.TRACE);
            bench.refresh();

            StringBuilder all = new StringBuilder();
            for (ILoggingEvent event : log.list) {
                all.append(event.getFormattedMessage());
                if (event.getThrowableProxy() != null) {
                    all.append(ThrowableProxyUtil.asString(event.getThrowableProxy()));
                }
            }
            all.append(loaded).append(ConfigYaml.write(loaded));
            all.append(bench.refresher.status()).append(bench.scrape());
            assertThat(all.toString())
                    .containsPattern("cannot (read|get|send)")
                    .doesNotContain(SECRET)
                    .doesNotContain(URLEncoder.encode(SECRET, StandardCharsets.UTF_8))
                    .doesNotContain(ENCODED);
        }
    }

    @Test
    void itIsSentAndNeverShown() throws Exception {
        check("http://ana:" + SECRET + "@127.0.0.1:1", Map.of());
        Path token = Files.writeString(directory.resolve("token"), SECRET + "\nand a line more");
        Path password = Files.writeString(directory.resolve("password"), SECRET);
        try (ScriptedServer server = ScriptedServer.start()) {
            String plain = server.uri().toString();
            String inAddress = "http://ana:" + SECRET + "@127.0.0.1:" + server.port();
            for (int code : List.of(302, 401, 404, 500)) {
                server.otherwise(request -> status(code, "{\"message\": \"no\"}"));
                check(inAddress, Map.of());
                check(plain, Map.of("mlflow.auth.token", SECRET));
                check(plain, Map.of("mlflow.auth.token_file", token.toString()));
                check(plain, Map.of("mlflow.auth.username", "ana", "mlflow.auth.password_file", password.toString()));
            }
            assertThat(server.requests())
                    .anyMatch(request ->
                            request.headers().getOrDefault("authorization", "").endsWith(ENCODED));
        }
    }

    @Test
    void norAreTheSecretsOfTheOtherWaysIn() throws Exception {
        Path manyLines = Files.writeString(directory.resolve("header"), SECRET + "\nand a line more");
        Path secret = Files.writeString(directory.resolve("secret"), SECRET);
        try (ScriptedServer server = ScriptedServer.start()) {
            String refusal = "{\"error\": \"invalid_client\"}";
            String token = "{\"access_token\": \"" + SECRET + "\"}";
            String at = server.uri().toString();
            String oauth2 = "    oauth2: {client_id: ana, token_url: '" + at + "/token', endpoint_params: {p: " + SECRET
                    + "}, client_secret";
            for (String auth : List.of(
                    oauth2 + ": " + SECRET + "}",
                    oauth2 + "_file: " + secret + "}",
                    "    http_headers: {X-Key: {secrets: [" + SECRET + "], files: [" + secret + "]}}",
                    "    http_headers: {X-Key: {files: [" + manyLines + "]}}")) {
                for (String answer : List.of(refusal, token)) {
                    server.otherwise(request -> request.target().equals("/token")
                            ? status(answer.equals(token) ? 200 : 401, answer)
                            : status(401, "{}"));
                    checkFile("  tracking_uri: " + at + "\n  auth:\n" + auth + "\n");
                }
            }
            server.otherwise(request -> status(407, "who?"));
            checkFile("  tracking_uri: http://mlflow.example\n  proxy_url: http://ana:" + SECRET + "@127.0.0.1:"
                    + server.port() + "\n");
            assertThat(server.requests())
                    .anyMatch(request -> request.headers()
                            .getOrDefault("proxy-authorization", "")
                            .endsWith(ENCODED))
                    .anyMatch(request ->
                            request.headers().getOrDefault("authorization", "").equals("Bearer " + SECRET))
                    .anyMatch(request ->
                            request.headers().getOrDefault("x-key", "").equals(SECRET));
        }
    }

    private void checkFile(String mlflow) throws Exception {
        Path file = Files.writeString(directory.resolve("exporter.yaml"), "mlflow:\n  retries: 0\n" + mlflow);
        LoadedConfig loaded = ConfigLoader.load(Optional.of(file), Map.of(), Map.of());
        check(loaded, new RefreshBench(loaded));
    }
}
