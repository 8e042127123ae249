package io.mlflowexporter.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.mlflowexporter.testing.Command;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the jar says, and the exit codes scripts rely on, when not all is well. */
final class CommandsIT {
    private static final Duration LIMIT = Duration.ofMinutes(1);

    @TempDir
    private Path directory;

    private static Command.Result run(String... arguments) {
        return Command.run(LIMIT, "", ExporterJar.commandLine(List.of(arguments)));
    }

    @Test
    void checkConfigTellsGoodFromBad() throws IOException {
        Path good = directory.resolve("good.yaml");
        Files.writeString(good, "mlflow:\n  tracking_uri: http://mlflow.example:5000\n");
        Command.Result valid = run("check-config", "--config", good.toString());
        assertThat(valid.output()).endsWith("good.yaml: OK\n");
        assertThat(valid.exit()).isZero();

        Path bad = directory.resolve("bad.yaml");
        Files.writeString(bad, "refresh:\n  interval: -5s\nnonsense: 1\n");
        Command.Result invalid = run("check-config", "--config", bad.toString());
        assertThat(invalid.output()).contains("bad.yaml:2", "bad.yaml:3", "not valid, 2 problems");
        assertThat(invalid.exit()).isEqualTo(2);
    }

    @Test
    void badUsageIsExitCodeTwo() {
        for (List<String> arguments : List.of(
                List.of("serve", "--no-such-option"),
                List.of("fly"),
                List.of("--metrics-listen", "nowhere"),
                List.of("demo", "--speed", "-1"))) {
            Command.Result result = run(arguments.toArray(String[]::new));
            assertThat(result.exit()).as(arguments.toString()).isEqualTo(2);
            assertThat(result.output()).as(arguments.toString()).isNotBlank().doesNotContain("\tat ", "Exception");
        }
    }

    @Test
    void versionAndHelpAreNoErrors() {
        Command.Result version = run("--version");
        assertThat(version.output()).startsWith("mlflow-exporter ").hasLineCount(1);
        assertThat(version.exit()).isZero();
        Command.Result help = run("--help");
        assertThat(help.output()).contains("serve", "demo", "check-config", "backfill", "audit");
        assertThat(help.exit()).isZero();
    }

    @Test
    void aServerThatIsNotThereIsToldNotFatal() throws IOException {
        String nobody = "http://127.0.0.1:" + closedPort();
        try (ExporterJar jar =
                ExporterJar.start("serve-unreachable", "serve", "--mlflow.tracking-uri", nobody, "--interval", "1s")) {
            HttpGet.Answer ready = Await.until(
                    "a reason on /readyz",
                    Duration.ofMinutes(1),
                    () -> HttpGet.get(jar.web("/readyz")),
                    answer -> answer.text().startsWith("nothing read yet: "));
            assertThat(ready.status()).isEqualTo(503);
            assertThat(ready.text()).contains(nobody, "nothing answers there").doesNotContain("Exception");
            assertThat(HttpGet.get(jar.web("/healthz")).status()).isEqualTo(200);
            assertThat(HttpGet.get(jar.web("/")).text()).contains("cannot be read", nobody);

            // A second failed refresh, which must not be logged again.
            String metrics = Await.until(
                    "two failed refreshes",
                    Duration.ofMinutes(1),
                    () -> HttpGet.get(jar.metrics("/metrics")).text(),
                    text -> text.matches(
                            "(?s).*mlflow_exporter_refreshes_total\\{outcome=\"failed\"} ([2-9]|\\d\\d).*"));
            assertThat(metrics).contains("\nmlflow_up 0.0\n").doesNotContain("mlflow_experiments");
            assertThat(jar.terminate()).isIn(0, 143);
            Logs.assertOneLineRecords(jar.log());
            assertThat(jar.log().lines().filter(line -> line.contains(" WARN  Refresher")))
                    .as("one warning for the server, none for the registry it would be and none for being stopped")
                    .hasSize(1);
        }
    }

    @Test
    void aPortInUseIsOneClearLine() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String address = "127.0.0.1:" + taken.getLocalPort();
            assertRefused(address, "metrics_listen", "serve", "--metrics-listen", address, "--web-listen", "off");
            assertRefused(address, "web_listen", "serve", "--web-listen", address, "--metrics-listen", "off");
            assertRefused(address, "--mlflow-listen", "demo", "--mlflow-listen", address);
        }
    }

    @Test
    void aHostThatIsNotKnownIsOneClearLine() {
        String address = "nowhere.invalid:1";
        for (String listener : List.of("metrics", "web")) {
            Command.Result result = run("serve", "--" + listener + "-listen", address);
            assertThat(result.output().lines().filter(line -> !line.contains(" INFO ")))
                    .as(result.output())
                    .singleElement()
                    .asString()
                    .contains(address, "no such host; check " + listener + "_listen");
            assertThat(result.exit()).isEqualTo(1);
        }
    }

    private static void assertRefused(String address, String setting, String... arguments) {
        Command.Result result = run(arguments);
        List<String> notRecords =
                result.output().lines().filter(line -> !line.contains(" INFO ")).toList();
        assertThat(notRecords).as(result.output()).hasSize(1);
        assertThat(notRecords.get(0)).contains(address, "in use", setting);
        assertThat(result.exit()).isEqualTo(1);
    }

    /** A port nobody listens on: bound and closed again. */
    private static int closedPort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
