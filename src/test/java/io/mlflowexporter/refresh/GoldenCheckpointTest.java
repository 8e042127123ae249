package io.mlflowexporter.refresh;

import static org.assertj.core.api.Assertions.assertThat;

import io.mlflowexporter.checkpoint.CheckpointBytes;
import io.mlflowexporter.refresh.ExporterStatus.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Checkpoints that earlier versions wrote are continued. {@code golden-NN.checkpoint} is one that a version left of the
 * {@link GoldenWorld}, {@code golden-NN.counters} what a scrape said of counters then, {@code golden-NN.layout} the fields in
 * it (01 is of format 2, which had none). They are never changed and never removed. A counter that is renamed is listed in
 * {@code renamed.txt}: old name, new name.
 *
 * <p>A change of the fields needs one more: {@code mvn -q test -Dtest=GoldenCheckpointTest -Dregenerate=true} makes it. Where
 * another branch made one of the same number, take that one and make yours anew.
 */
final class GoldenCheckpointTest {
    @TempDir
    private Path directory;

    static List<String> golden() throws IOException {
        try (Stream<Path> files = Files.list(GoldenWorld.resource(""))) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".checkpoint"))
                    .map(name -> name.replace(".checkpoint", ""))
                    .sorted()
                    .toList();
        }
    }

    @ParameterizedTest
    @MethodSource("golden")
    void itIsContinuedAndNoCounterIsLower(String name) throws Exception {
        Map<String, Double> then = GoldenWorld.counted(Files.readString(GoldenWorld.resource(name + ".counters")));
        Map<String, Double> before = GoldenWorld.counters(name);
        assertThat(before).hasSizeGreaterThan(400);
        Path file = directory.resolve("checkpoint");
        try (GoldenWorld world = GoldenWorld.emptied()) {
            byte[] golden = Files.readAllBytes(GoldenWorld.resource(name + ".checkpoint"));
            Files.write(file, CheckpointBytes.atPort(golden, world.uri().getPort()));
            for (int restart = 0; restart < 2; restart++) {
                try (RefreshBench bench = new RefreshBench(
                        world.uri(),
                        GoldenWorld.settings(file),
                        same -> same,
                        RefreshBench.START.plus(Duration.ofHours(1 + restart)))) {
                    if (restart == 0) {
                        GoldenWorld.assertNoneIsLower("served at once", bench.servedFirst(), then);
                    }
                    GoldenWorld.assertNoneIsLower("continued", bench.scrape(), before);
                    assertThat(bench.refresh()).isEqualTo(Outcome.COMPLETE);
                    GoldenWorld.assertNoneIsLower("read anew", bench.scrape(), before);
                }
            }
        }
        try (Stream<Path> beside = Files.list(directory)) {
            assertThat(beside.map(path -> path.getFileName().toString()))
                    .as("none is moved aside")
                    .containsExactlyInAnyOrder("checkpoint", "checkpoint.lock");
        }
    }

    @Test
    void aChangeOfTheFieldsComesWithAGoldenCheckpoint() throws Exception {
        Path file = directory.resolve("checkpoint");
        String scrape;
        try (GoldenWorld world = new GoldenWorld()) {
            scrape = world.watched(file);
        }
        SortedSet<String> written = CheckpointBytes.layout(Files.readAllBytes(file));
        List<String> all = golden();
        String newest = all.get(all.size() - 1);
        if (Boolean.getBoolean("regenerate") && !written.equals(layout(newest))) {
            newest = "golden-%02d".formatted(Integer.parseInt(newest.substring("golden-".length())) + 1);
            Files.copy(file, GoldenWorld.resource(newest + ".checkpoint"));
            Files.write(GoldenWorld.resource(newest + ".layout"), written);
            Files.write(
                    GoldenWorld.resource(newest + ".counters"),
                    scrape.lines()
                            .filter(line -> line.replaceFirst("[{ ].*", "").matches(GoldenWorld.COUNTER))
                            .toList());
        }
        assertThat(written)
                .as(
                        "fields of the checkpoint; where they are meant to differ from those of %s, see CONTRIBUTING.md,"
                                + " \"Keep something in the checkpoint\"",
                        newest)
                .isEqualTo(layout(newest));
    }

    private static SortedSet<String> layout(String name) throws IOException {
        Path file = GoldenWorld.resource(name + ".layout");
        return Files.exists(file) ? new TreeSet<>(Files.readAllLines(file)) : new TreeSet<>();
    }

    @Test
    void noFieldEverGetsAnotherType() throws IOException {
        Map<String, String> types = new HashMap<>();
        for (String name : golden().subList(1, golden().size())) {
            SortedSet<String> layout =
                    CheckpointBytes.layout(Files.readAllBytes(GoldenWorld.resource(name + ".checkpoint")));
            assertThat(layout).as(name + ".layout").isEqualTo(layout(name));
            for (String field : layout) {
                String[] parts = field.split(": ", 2);
                assertThat(types.merge(parts[0], parts[1], (before, now) -> before))
                        .as("%s in %s", parts[0], name)
                        .isEqualTo(parts[1]);
            }
        }
    }
}
