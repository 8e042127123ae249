package io.mlflowexporter.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.mlflowexporter.demo.SimulatedMlflow;
import io.mlflowexporter.demo.life.SimulationOptions;
import io.mlflowexporter.testing.Command;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The unit, as systemd reads it; and its command, run by hand since no systemd runs where tests do. */
final class SystemdIT {
    private static final Duration LIMIT = Duration.ofMinutes(1);
    private static final Path UNIT = Path.of("deploy", "systemd", "mlflow-exporter.service");
    private static final Pattern WEB = Pattern.compile("The status page is served on port (\\d+)");
    /** In tenths; 0 is a service that can do nothing at all, 9.6 one without any limits. */
    private static final String EXPOSURE = "15";

    @TempDir
    private Path directory;

    private static Command.Result analyze(String... arguments) {
        List<String> command =
                new ArrayList<>(List.of(Command.require("systemd-analyze").toString(), "--no-pager"));
        command.addAll(List.of(arguments));
        return Command.run(LIMIT, "", command);
    }

    @Test
    void systemdUnderstandsItAndItsDropIn() throws IOException {
        // The program it starts must be there for systemd to be content.
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        String unit = Files.readString(UNIT).replace("/usr/bin/java", java);
        Path copy = Files.writeString(directory.resolve("mlflow-exporter.service"), unit);
        Path dropIns = Files.createDirectories(directory.resolve("mlflow-exporter.service.d"));
        Path credentials = Path.of(UNIT + ".d", "credentials.conf");
        Files.copy(credentials, dropIns.resolve("credentials.conf"));

        Command.Result result = analyze("verify", "--man=no", copy.toString());

        assertThat(result.output()).doesNotContain("mlflow-exporter");
        assertThat(result.exit()).isZero();
    }

    @Test
    void itExposesLittle() {
        Command.Result result = analyze("security", "--offline=true", "--threshold=" + EXPOSURE, UNIT.toString());

        assertThat(result.output()).contains("Overall exposure level for mlflow-exporter.service");
        assertThat(result.exit()).as(result.output()).isZero();
    }

    @Test
    void itsCommandServesAndKeepsACheckpoint() throws IOException {
        Path state = Files.createDirectories(directory.resolve("mlflow-exporter"));
        Path environment = Files.writeString(directory.resolve("environment"), "JVM_OPTIONS=-Xmx48m\n");
        try (SimulatedMlflow mlflow = SimulatedMlflow.start(SimulationOptions.defaults())) {
            Path config = Files.writeString(directory.resolve("config.yaml"), """
                    mlflow:
                      tracking_uri: %s
                    web:
                      metrics_listen: 127.0.0.1:0
                      web_listen: 127.0.0.1:0
                    """.formatted(mlflow.uri()));
            List<String> command = new ArrayList<>(List.of("env"));
            settings("Environment").forEach(one -> command.add(one.replace("%S", directory.toString())));
            command.addAll(Files.readAllLines(environment));
            String start = settings("ExecStart")
                    .get(0)
                    .replace(
                            "/usr/bin/java",
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString())
                    .replace(
                            "/opt/mlflow-exporter/mlflow-exporter.jar",
                            System.getProperty("exporter.jar", "target/mlflow-exporter.jar"))
                    .replace("/etc/mlflow-exporter/config.yaml", config.toString());
            // As systemd does: words, and variables that are words of their own.
            command.addAll(List.of("sh", "-c", "exec " + start));
            try (Running exporter = Running.start("systemd", command)) {
                URI page = URI.create("http://127.0.0.1:" + exporter.printed(WEB, ExporterJar.READY_WITHIN));
                Await.until(
                        "ready",
                        ExporterJar.READY_WITHIN,
                        () -> HttpGet.get(page.resolve("/readyz")),
                        answer -> answer.status() == 200);
                assertThat(Integer.toString(exporter.terminate()))
                        .isIn("0", settings("SuccessExitStatus").get(0));
                Logs.assertCalm(exporter.output());
            }
        }
        assertThat(state.resolve("checkpoint")).isNotEmptyFile();
    }

    private static List<String> settings(String name) throws IOException {
        return Files.readString(UNIT)
                .replace("\\\n", "")
                .lines()
                .filter(line -> line.startsWith(name + "="))
                .map(line -> line.substring(name.length() + 1))
                .toList();
    }
}
