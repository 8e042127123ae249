package io.mlflowexporter.cli.log;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.LoggerContext;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.mlflowexporter.config.LogConfig;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What stands in the log, byte for byte but for the time. */
final class LogSetupTest {
    private static final Logger OURS = LoggerFactory.getLogger("io.mlflowexporter.refresh.Refresher");
    private final Exception failure = new IllegalStateException(
            "reading runs failed\nfake line", new IOException("Connection refused", new IOException()));

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    private void install(LogConfig.Format format, LogConfig.Level level) {
        LogSetup.install(new LogConfig(format, level), out);
    }

    @AfterEach
    void leaveTheLogAlone() {
        Thread.setDefaultUncaughtExceptionHandler(null);
        ((LoggerContext) LoggerFactory.getILoggerFactory()).reset();
    }

    private List<String> lines() {
        return out.toString(StandardCharsets.UTF_8)
                .lines()
                .map(line -> line.replaceFirst("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z", "TIME"))
                .toList();
    }

    @Test
    void aRecordIsOneLineOfText() {
        install(LogConfig.Format.TEXT, LogConfig.Level.INFO);
        OURS.info("refresh done, {} runs", 7);
        OURS.atWarn().addKeyValue("experiment", "a\nb").addKeyValue("runs", 3).log("slow");
        OURS.debug("not shown");

        assertThat(lines())
                .containsExactly(
                        "TIME INFO  Refresher: refresh done, 7 runs",
                        "TIME WARN  Refresher: slow experiment=a\\nb runs=3");
    }

    @Test
    void hostileTextStaysInItsLine() {
        install(LogConfig.Format.TEXT, LogConfig.Level.INFO);
        OURS.info("name {}", "x\r\n2026 ERROR fake\u001b[31m\u202e\u2028\u0085\\n\t😀é" + (char) 0xd800);

        assertThat(lines())
                .containsExactly(
                        "TIME INFO  Refresher: name x\\r\\n2026 ERROR fake\\u001b[31m\\u202e\\u2028\\u0085\\\\n\\t😀é"
                                + "\\ud800");
    }

    @Test
    void aVeryLongTextIsCut() {
        install(LogConfig.Format.TEXT, LogConfig.Level.INFO);
        OURS.info("x".repeat(10_000));

        assertThat(lines()).containsExactly("TIME INFO  Refresher: " + "x".repeat(8192) + "… (1808 more)");
    }

    @Test
    void anExceptionIsItsMessagesAndNoStackTrace() {
        install(LogConfig.Format.TEXT, LogConfig.Level.INFO);
        OURS.error("refresh failed", failure);

        assertThat(lines())
                .containsExactly(
                        "TIME ERROR Refresher: refresh failed: IllegalStateException: reading runs failed\\nfake"
                                + " line; caused by IOException: Connection refused; caused by IOException");
    }

    @Test
    void stackTracesAreForDebug() {
        install(LogConfig.Format.TEXT, LogConfig.Level.DEBUG);
        OURS.debug("refresh failed", failure);

        assertThat(lines().get(0)).startsWith("TIME DEBUG Refresher: refresh failed: IllegalStateException: ");
        assertThat(lines().subList(1, lines().size()))
                .isNotEmpty()
                .allMatch(line -> line.startsWith("\t"))
                .anyMatch(line -> line.startsWith("\tat "));
    }

    @Test
    void aRecordIsOneJsonObject() throws IOException {
        install(LogConfig.Format.JSON, LogConfig.Level.INFO);
        OURS.atWarn()
                .setCause(failure)
                .addKeyValue("runs", 3)
                .addKeyValue("name", "a\n\"b\"")
                .log("one\ntwo");

        JsonNode record = new ObjectMapper().readTree(lines().get(0));
        assertThat(lines()).hasSize(1);
        assertThat(record.toString())
                .isEqualTo("{\"time\":\"TIME\",\"level\":\"warn\",\"logger\":\"io.mlflowexporter.refresh.Refresher\","
                        + "\"message\":\"one\\ntwo\",\"error\":\"IllegalStateException: reading runs failed\\nfake line;"
                        + " caused by IOException: Connection refused; caused by IOException\","
                        + "\"kv\":{\"runs\":3,\"name\":\"a\\n\\\"b\\\"\"}}");
    }

    @Test
    void librariesAreQuietUntilSomethingIsWrong() {
        install(LogConfig.Format.TEXT, LogConfig.Level.DEBUG);
        LoggerFactory.getLogger("org.eclipse.jetty.server.Server").info("started");
        LoggerFactory.getLogger("org.eclipse.jetty.server.Server").warn("odd");
        // Whoever sends a request with two hosts would fill the log.
        LoggerFactory.getLogger("org.eclipse.jetty.http.HttpParser").warn("two hosts");
        java.util.logging.Logger jul = java.util.logging.Logger.getLogger("com.sun.net.httpserver");
        jul.info("started");
        jul.warning("odd");

        assertThat(lines()).containsExactly("TIME WARN  Server: odd", "TIME WARN  httpserver: odd");
    }

    @Test
    void whatEndsAThreadIsLogged() throws InterruptedException {
        install(LogConfig.Format.TEXT, LogConfig.Level.ERROR);
        Thread thread = new Thread(
                () -> {
                    throw new UncheckedIOException(new IOException("disk gone"));
                },
                "reader");
        thread.start();
        thread.join();

        assertThat(lines())
                .containsExactly(
                        "TIME ERROR LogSetup: thread reader ended by an error the program did not expect; please"
                                + " report it: UncheckedIOException; caused by IOException: disk gone");
    }
}
