package io.mlflowexporter.refresh;

import static io.mlflowexporter.testing.ScriptedServer.status;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.read.ListAppender;
import io.mlflowexporter.config.ConfigLoader;
import io.mlflowexporter.testing.ScriptedServer;
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
        try (Bench bench = new Bench(address, settings)) {
            ((Logger) LoggerFactory.getLogger(Refresher.class)).setLevel(Level.TRACE);
            bench.refresh();

            StringBuilder all = new StringBuilder();
            for (ILoggingEvent event : log.list) {
                all.append(event.getFormattedMessage());
                if (event.getThrowableProxy() != null) {
                    all.append(ThrowableProxyUtil.asString(event.getThrowableProxy()));
                }
            }
            Map<String, String> given = new HashMap<>(settings);
            given.put("mlflow.tracking_uri", address);
            all.append(ConfigLoader.load(Optional.empty(), Map.of(), given));
            all.append(bench.refresher.status()).append(bench.scrape());
            assertThat(all.toString())
                    .contains("cannot read")
                    .doesNotContain(SECRET)
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
}
