package io.mlflowexporter.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.mlflowexporter.testing.Command;
import io.mlflowexporter.testing.RuleTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The Compose project, by the Compose Specification's own reader and by the programs whose files it mounts. */
final class ComposeIT {
    private static final Duration LIMIT = Duration.ofMinutes(1);
    private static final Path PROJECT = Path.of("deploy", "compose");

    @TempDir
    private Path directory;

    private static JsonNode project(String... files) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                "env", "-C", PROJECT.toString(), Command.require("compose-spec").toString(), "--format", "json"));
        command.addAll(List.of(files));
        Command.Result result = Command.run(LIMIT, "", command);
        assertThat(result.exit()).as(result.output()).isZero();
        return HttpGet.JSON.readTree(result.output());
    }

    @ParameterizedTest
    @ValueSource(strings = {"compose.yaml", "compose.yaml compose.demo.yaml"})
    void itIsValidAndMountsWhatIsThere(String files) throws IOException {
        JsonNode services = project(files.split(" ")).path("services");

        assertThat(services).hasSize(5);
        for (JsonNode service : services) {
            for (JsonNode volume : service.path("volumes")) {
                if (volume.path("type").asText().equals("bind")) {
                    assertThat(Path.of(volume.path("source").asText())).exists();
                    assertThat(volume.path("read_only").asBoolean()).isTrue();
                }
            }
            // Nothing of it is for other machines.
            for (JsonNode port : service.path("ports")) {
                assertThat(port.path("host_ip").asText()).isEqualTo("127.0.0.1");
            }
        }
        JsonNode exporter = services.path("exporter");
        assertThat(exporter.path("read_only").asBoolean()).isTrue();
        assertThat(exporter.path("cap_drop").toString()).isEqualTo("[\"ALL\"]");
        assertThat(Path.of(exporter.path("build").path("context").asText()).resolve("Dockerfile"))
                .exists();
    }

    @Test
    void theExporterTakesItsFile() {
        Command.Result result = Command.run(
                LIMIT,
                "",
                ExporterJar.commandLine(List.of(
                        "check-config",
                        "--config",
                        PROJECT.resolve("exporter.yaml").toString())));

        assertThat(result.output()).contains("exporter.yaml: OK\n", "cost-book.yaml: OK; ");
        assertThat(result.exit()).isZero();
    }

    @Test
    void prometheusTakesItsFileAndTheRules() throws IOException {
        String text = Files.readString(PROJECT.resolve("prometheus.yaml"));
        Path rules = Path.of("deploy", "prometheus").toAbsolutePath();
        Path copy = Files.writeString(
                directory.resolve("prometheus.yaml"), text.replace("/etc/prometheus/rules", rules.toString()));

        Command.Result result = RuleTest.promtool("check", "config", copy.toString());

        assertThat(result.output()).contains("rules found");
        assertThat(result.exit()).as(result.output()).isZero();
    }

    @Test
    void alertmanagerTakesItsFile() {
        Command.Result result = Command.run(
                LIMIT,
                "",
                List.of(
                        Command.require("amtool").toString(),
                        "check-config",
                        PROJECT.resolve("alertmanager.yaml").toString()));

        assertThat(result.exit()).as(result.output()).isZero();
    }
}
