package io.mlflowexporter.refresh;

import static org.assertj.core.api.Assertions.assertThat;

import io.mlflowexporter.mlflow.rest.MutatedJson;
import io.mlflowexporter.testing.ScriptedServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole exporter before a server whose answers have anything in them. */
final class AnswerFuzzTest {
    private static final int REFRESHES = Integer.getInteger("fuzz.refreshes", 150);
    private static final long SEED = Long.getLong("fuzz.seed", 1);

    @TempDir
    private Path directory;

    @Test
    void noAnswerMakesAnInternalErrorOrASeriesThatIsThereTwice() throws Exception {
        AtomicLong number = new AtomicLong(SEED * 1_000_003);
        Map<String, String> settings = Map.of(
                "checkpoint.file",
                directory.resolve("checkpoint").toString(),
                "cost.file",
                Files.writeString(directory.resolve("book.yaml"), """
                                currency: EUR
                                project_tag: project
                                team_tag: team
                                trust_run_hints: true
                                resources: [{name: machine, prices: [{per_hour: 1}]}]
                                default_uses: [{resource: machine, count: "param:lr"}]
                                """).toString());
        try (ScriptedServer server = ScriptedServer.start()) {
            server.otherwise(request -> request.endpoint().equals("version")
                    ? ScriptedServer.status(200, "3.1.0")
                    : MutatedJson.ENDPOINTS.contains(request.endpoint())
                            ? ScriptedServer.bytes(200, MutatedJson.of(request.endpoint(), number.incrementAndGet()))
                            : ScriptedServer.status(404, ""));
            RefreshBench bench = new RefreshBench(server.uri(), settings);
            for (int i = 0; i < REFRESHES; i++) {
                bench.refresh(Duration.ofMinutes(1));
                assertThat(bench.said())
                        .as("refresh %s, -Dfuzz.seed=%s", i, SEED)
                        .noneMatch(line -> line.contains("internal error"));
                List<String> series = bench.scrape()
                        .lines()
                        .filter(line -> !line.startsWith("#"))
                        .map(line -> line.substring(0, line.lastIndexOf(' ')))
                        .toList();
                assertThat(series).as("refresh %s, -Dfuzz.seed=%s", i, SEED).doesNotHaveDuplicates();
                if (i % 50 == 49) {
                    bench.close();
                    bench = new RefreshBench(server.uri(), settings, bench.now());
                    assertThat(bench.said()).noneMatch(line -> line.contains("internal error"));
                }
            }
            bench.close();
        }
    }
}
