package io.mlflowexporter.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What {@code servers.yaml} says is what is installed, and what the documentation lists. */
final class RealServerTest {
    @ParameterizedTest
    @MethodSource("io.mlflowexporter.conformance.RealServer#all")
    void theReleaseIsInstalledAndListed(RealServer server) throws IOException {
        assertThat(Files.readString(Path.of("src", "test", "python", "requirements-" + server.python() + ".txt")))
                .containsPattern("(?m)^mlflow(-skinny)?==" + server.release() + "$");
        assertThat(Files.readString(Path.of("docs", "servers.md")))
                .contains("\n| " + server.name() + " | " + server.release() + " | real");
    }
}
