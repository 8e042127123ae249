package io.mlflowexporter.dashboards;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The files in {@code grafana-dashboards} are what the code here makes. */
final class DashboardFilesTest {
    static Stream<Board> boards() {
        return Dashboards.all().stream();
    }

    @ParameterizedTest
    @MethodSource("boards")
    void theFileIsFresh(Board board) throws IOException {
        Path file = Dashboards.DIRECTORY.resolve(board.file() + ".json");
        String fresh = Dashboards.text(board);
        if (Boolean.getBoolean("regenerate")) {
            Files.createDirectories(Dashboards.DIRECTORY);
            Files.writeString(file, fresh);
        }
        assertThat(file)
                .as("stale; run: mvn -q test -Dtest=DashboardFilesTest -Dregenerate=true")
                .usingCharset(StandardCharsets.UTF_8)
                .hasContent(fresh);
    }

    @Test
    void noOtherDashboardLiesThere() throws IOException {
        try (Stream<Path> files = Files.list(Dashboards.DIRECTORY)) {
            assertThat(files.map(path -> path.getFileName().toString()).filter(name -> name.endsWith(".json")))
                    .containsExactlyInAnyOrderElementsOf(
                            boards().map(board -> board.file() + ".json").toList());
        }
    }
}
