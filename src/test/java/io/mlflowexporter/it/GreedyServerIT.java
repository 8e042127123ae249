package io.mlflowexporter.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The jar in the smallest heap that is recommended, before servers on which somebody makes more and larger things than
 * there is room for. All at once, as each takes its time by waiting for refreshes.
 */
final class GreedyServerIT {
    private static final int REFRESHES = Integer.getInteger("greedy.refreshes", 10);
    private static final Duration LIMIT = Duration.ofMinutes(5);
    private static final int ENDLESS = 1_000_000_000;

    /**
     * A kind of greed.
     *
     * @param said a part of the line in the log that says what is left out; empty where nothing is
     * @param wholeSoon whether the next refreshes are whole again: an experiment that is set aside waits for longer
     */
    private record Greed(String name, GreedyServer server, String said, boolean wholeSoon) {
        Greed(String name, GreedyServer server, String said) {
            this(name, server, said, true);
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private static final Map<Greed, ExporterJar> JARS = new LinkedHashMap<>();

    static Stream<Greed> greeds() {
        return JARS.keySet().stream();
    }

    @BeforeAll
    static void start() throws Exception {
        AtomicInteger turn = new AtomicInteger();
        List<Greed> greeds = new ArrayList<>();
        greeds.add(new Greed(
                "runs that change at each answer",
                new GreedyServer().gives("runs/search", request -> {
                    String text = turn.incrementAndGet() + "x".repeat(5_000);
                    return GreedyServer.runs(
                            request,
                            300,
                            i -> GreedyServer.run(i, "RUNNING", i + "name" + text, i + "me" + text, i + text));
                }),
                ""));
        greeds.add(new Greed(
                "models with aliases",
                new GreedyServer()
                        .gives(
                                "registered-models/search",
                                request -> GreedyServer.page(
                                        request,
                                        "registered_models",
                                        2_000,
                                        i -> GreedyServer.model("model" + i, GreedyServer.aliases(5, "alias")))),
                "more models than memory has room for"));
        greeds.add(new Greed("models that come and go", comingAndGoing(), ""));
        greeds.add(new Greed("large objects", largeObjects(), ""));
        greeds.add(new Greed(
                "experiments without end",
                new GreedyServer()
                        .gives(
                                "experiments/search",
                                request -> GreedyServer.page(
                                        request,
                                        "experiments",
                                        ENDLESS,
                                        i -> GreedyServer.experiment(i, "endless" + i, ""))),
                "more experiments than memory has room for"));
        greeds.add(new Greed(
                "models without end",
                new GreedyServer()
                        .gives(
                                "registered-models/search",
                                request -> GreedyServer.page(
                                        request,
                                        "registered_models",
                                        ENDLESS,
                                        i -> GreedyServer.model("endless" + i, ""))),
                "more models than memory has room for"));
        greeds.add(new Greed(
                "versions without end",
                new GreedyServer()
                        .gives(
                                "model-versions/search",
                                request -> GreedyServer.page(
                                        request, "model_versions", ENDLESS, i -> GreedyServer.version("m0", i, ""))),
                "more model versions than memory has room for"));
        greeds.add(new Greed(
                "runs without end",
                new GreedyServer().gives("runs/search", request -> GreedyServer.endlessRuns(request)),
                "the runs of experiment 0 are set aside: it has more runs than memory has room for",
                false));
        for (Greed greed : greeds) {
            String file = greed.name().replace(' ', '-');
            Path checkpoint = Running.directory().resolve(file + ".checkpoint");
            Files.deleteIfExists(checkpoint);
            JARS.put(greed, jar(greed, checkpoint));
        }
    }

    private static ExporterJar jar(Greed greed, Path checkpoint) throws IOException {
        Path config = Files.writeString(
                Path.of(checkpoint + ".yaml"),
                "refresh: {interval: 1s}\ncheckpoint: {file: " + checkpoint.toAbsolutePath() + "}\n");
        return ExporterJar.inHeap(
                "greedy-" + greed.name().replace(' ', '-'),
                "48m",
                "--mlflow.tracking-uri",
                greed.server().uri().toString(),
                "--config",
                config.toString());
    }

    /** Each refresh finds a hundred other models and aliases, and one model has other aliases. */
    private static GreedyServer comingAndGoing() {
        GreedyServer server = new GreedyServer();
        return server.gives(
                        "registered-models/search",
                        request -> GreedyServer.page(
                                request,
                                "registered_models",
                                101,
                                i -> GreedyServer.model(
                                        i == 100 ? "stays" : "model" + server.refreshes() + "-" + i,
                                        GreedyServer.aliases(i == 100 ? 100 : 2, "alias" + server.refreshes() + "-"))))
                .gives(
                        "model-versions/search",
                        request -> GreedyServer.page(
                                request,
                                "model_versions",
                                100,
                                i -> GreedyServer.version("model" + server.refreshes() + "-" + i, 1, "")));
    }

    private static GreedyServer largeObjects() {
        String tags = GreedyServer.tags(50, 5_000);
        String many = GreedyServer.tags(1_400, 5_000);
        return new GreedyServer()
                .gives(
                        "experiments/search",
                        request -> GreedyServer.page(
                                request,
                                "experiments",
                                102,
                                i -> GreedyServer.experiment(
                                        i,
                                        i == 100 ? "x".repeat(5_000_000) : "e" + i,
                                        i == 101 ? many : i == 100 ? "" : tags)))
                .gives(
                        "registered-models/search",
                        request -> GreedyServer.page(
                                request,
                                "registered_models",
                                3,
                                i -> GreedyServer.model("m" + i, ", \"tags\": [" + (i == 1 ? many : "") + "]")))
                .gives(
                        "model-versions/search",
                        request -> GreedyServer.page(
                                request,
                                "model_versions",
                                3,
                                i -> GreedyServer.version("m" + i, 1, ", \"tags\": [" + (i == 1 ? many : "") + "]")));
    }

    @AfterAll
    static void stop() {
        JARS.forEach((greed, jar) -> {
            jar.close();
            greed.server().close();
        });
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("greeds")
    void staysAliveAndIsWholeAgainWithoutARestart(Greed greed) throws Exception {
        ExporterJar jar = JARS.get(greed);
        GreedyServer server = greed.server();
        Await.until(
                REFRESHES + " refreshes",
                LIMIT,
                () -> {
                    assertThat(jar.isAlive()).as(jar.log()).isTrue();
                    return server.refreshes();
                },
                refreshes -> refreshes > REFRESHES);

        String complete = greed.said().isEmpty() ? "1.0" : "0.0";
        assertThat(metrics(jar)).contains("\nmlflow_snapshot_complete " + complete + "\n", "\nmlflow_up 1.0\n");
        assertThat(jar.log()).contains(greed.said()).doesNotContain("internal error");

        server.isGood();
        if (greed.wholeSoon()) {
            Await.until(
                    "whole again",
                    LIMIT,
                    () -> metrics(jar),
                    text -> text.contains("\nmlflow_snapshot_complete 1.0\n"));
        }
    }

    private static String metrics(ExporterJar jar) throws Exception {
        HttpGet.Answer answer = HttpGet.get(jar.metrics("/metrics"));
        assertThat(answer.status()).isEqualTo(200);
        return answer.text();
    }
}
