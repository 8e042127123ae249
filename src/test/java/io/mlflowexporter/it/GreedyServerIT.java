package io.mlflowexporter.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The jar in the smallest heap that is recommended, before servers on which somebody makes more and larger things than
 * there is room for. Several processes at once, as each takes its time by waiting for refreshes, and several kinds of greed
 * in each, one after the other.
 */
final class GreedyServerIT {
    private static final int REFRESHES = Integer.getInteger("greedy.refreshes", 10);
    private static final int RESTARTS = 3;
    private static final Duration LIMIT = Duration.ofMinutes(5);
    private static final int ENDLESS = 1_000_000_000;

    /**
     * A kind of greed.
     *
     * @param begins lets a server be so
     * @param said a part of the line in the log that says what is left out; empty where nothing is
     * @param wholeSoon whether the next refreshes are whole again: an experiment that is set aside waits for longer
     * @param restarts how often the process is restarted meanwhile
     * @param shown completed once it is shown
     */
    private record Greed(
            String name,
            Consumer<GreedyServer> begins,
            String said,
            boolean wholeSoon,
            int restarts,
            CompletableFuture<Void> shown) {
        Greed(String name, Consumer<GreedyServer> begins, String said) {
            this(name, begins, said, true, 0, new CompletableFuture<>());
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private static final Greed CHANGING = new Greed("runs that change at each answer", changingRuns(), "");
    private static final Greed EVERYTHING = new Greed(
            "everything at once, and restarts",
            changingRuns()
                    .andThen(GreedyServerIT::endlessExperiments)
                    .andThen(server -> endlessModels(server, GreedyServer.aliases(2, "alias")))
                    .andThen(GreedyServerIT::endlessVersions),
            "more experiments than memory has room for",
            false,
            RESTARTS,
            new CompletableFuture<>());
    private static final Greed ALIASES =
            new Greed("models with aliases", GreedyServerIT::aliases, "more models than memory has room for");
    private static final Greed MODELS = new Greed(
            "models without end", server -> endlessModels(server, ""), "more models than memory has room for");
    private static final Greed COMING_AND_GOING =
            new Greed("models that come and go", GreedyServerIT::comingAndGoing, "");
    private static final Greed VERSIONS = new Greed(
            "versions without end", GreedyServerIT::endlessVersions, "more model versions than memory has room for");
    private static final Greed LARGE = new Greed("large objects", GreedyServerIT::largeObjects, "");
    private static final Greed EXPERIMENTS = new Greed(
            "experiments without end", GreedyServerIT::endlessExperiments, "more experiments than memory has room for");
    private static final Greed RUNS = new Greed(
            "runs without end",
            server -> server.gives("runs/search", GreedyServer::endlessRuns),
            "the runs of experiment 0 are set aside: it has more runs than memory has room for",
            false,
            0,
            new CompletableFuture<>());

    /** What a process goes through. */
    private static final List<List<Greed>> PROCESSES = List.of(
            List.of(CHANGING, EVERYTHING),
            List.of(ALIASES, MODELS),
            List.of(COMING_AND_GOING, VERSIONS),
            List.of(LARGE, EXPERIMENTS),
            List.of(RUNS));

    private static final ExecutorService THREADS = Executors.newCachedThreadPool();

    static Stream<Greed> greeds() {
        return PROCESSES.stream().flatMap(List::stream);
    }

    @BeforeAll
    static void start() {
        PROCESSES.forEach(greeds -> THREADS.execute(() -> {
            try {
                goThrough(greeds);
            } catch (Exception | AssertionError e) {
                greeds.forEach(greed -> greed.shown().completeExceptionally(e));
            }
        }));
    }

    @AfterAll
    static void stop() {
        THREADS.shutdownNow();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("greeds")
    void staysAliveAndIsWholeAgain(Greed greed) throws Exception {
        greed.shown().get(LIMIT.toSeconds() * 3, TimeUnit.SECONDS);
    }

    private static void goThrough(List<Greed> greeds) throws Exception {
        String name = greeds.get(0).name().replace(' ', '-');
        Path checkpoint = Running.directory().resolve(name + ".checkpoint");
        Files.deleteIfExists(checkpoint);
        try (GreedyServer server = new GreedyServer()) {
            ExporterJar jar = jar(name, server, checkpoint);
            try {
                for (Greed greed : greeds) {
                    int from = jar.log().length();
                    greed.begins().accept(server);
                    int refreshes = REFRESHES / (1 + greed.restarts());
                    refreshes(jar, server, refreshes);
                    assertServes(jar, greed, from);
                    for (int restart = 1; restart <= greed.restarts(); restart++) {
                        jar.close();
                        jar = jar(name + "-" + restart, server, checkpoint);
                        refreshes(jar, server, refreshes);
                        assertServes(jar, greed, 0);
                        assertThat(jar.log()).contains("Going on from checkpoint");
                    }
                    server.isGood();
                    if (greed.wholeSoon()) {
                        isWholeAgain(jar);
                    }
                    greed.shown().complete(null);
                }
            } finally {
                jar.close();
            }
        }
    }

    private static ExporterJar jar(String name, GreedyServer server, Path checkpoint) throws IOException {
        Path config = Files.writeString(
                Path.of(checkpoint + ".yaml"),
                "refresh: {interval: 1s}\ncheckpoint: {file: " + checkpoint.toAbsolutePath() + "}\n");
        return ExporterJar.inHeap(
                "greedy-" + name,
                "48m",
                "--mlflow.tracking-uri",
                server.uri().toString(),
                "--config",
                config.toString());
    }

    /** Waits until so many have begun and ended. */
    private static void refreshes(ExporterJar jar, GreedyServer server, int most) {
        int first = server.refreshes();
        Await.until(
                most + " refreshes",
                LIMIT,
                () -> {
                    assertThat(jar.isAlive()).as(jar.log()).isTrue();
                    return server.refreshes();
                },
                refreshes -> refreshes > first + most);
    }

    private static void assertServes(ExporterJar jar, Greed greed, int from) throws Exception {
        String complete = greed.said().isEmpty() ? "1.0" : "0.0";
        assertThat(metrics(jar)).contains("\nmlflow_snapshot_complete " + complete + "\n", "\nmlflow_up 1.0\n");
        assertThat(jar.log().substring(from)).contains(greed.said()).doesNotContain("internal error");
    }

    private static void isWholeAgain(ExporterJar jar) {
        Await.until(
                "whole again", LIMIT, () -> metrics(jar), text -> text.contains("\nmlflow_snapshot_complete 1.0\n"));
    }

    private static Consumer<GreedyServer> changingRuns() {
        AtomicInteger turn = new AtomicInteger();
        return server -> server.gives("runs/search", request -> {
            String text = turn.incrementAndGet() + "x".repeat(5_000);
            return GreedyServer.runs(
                    request, 300, i -> GreedyServer.run(i, "RUNNING", i + "name" + text, i + "me" + text, i + text));
        });
    }

    private static void aliases(GreedyServer server) {
        server.gives(
                "registered-models/search",
                request -> GreedyServer.page(
                        request,
                        "registered_models",
                        2_000,
                        i -> GreedyServer.model("model" + i, GreedyServer.aliases(5, "alias"))));
    }

    private static void endlessExperiments(GreedyServer server) {
        server.gives(
                "experiments/search",
                request -> GreedyServer.page(
                        request, "experiments", ENDLESS, i -> GreedyServer.experiment(i, "endless" + i, "")));
    }

    private static void endlessModels(GreedyServer server, String more) {
        server.gives(
                "registered-models/search",
                request -> GreedyServer.page(
                        request, "registered_models", ENDLESS, i -> GreedyServer.model("endless" + i, more)));
    }

    private static void endlessVersions(GreedyServer server) {
        server.gives(
                "model-versions/search",
                request ->
                        GreedyServer.page(request, "model_versions", ENDLESS, i -> GreedyServer.version("m0", i, "")));
    }

    /** Each refresh finds a hundred other models and aliases, and one model has other aliases. */
    private static void comingAndGoing(GreedyServer server) {
        server.gives(
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

    private static void largeObjects(GreedyServer server) {
        String tags = GreedyServer.tags(50, 5_000);
        String many = GreedyServer.tags(1_400, 5_000);
        server.gives(
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

    private static String metrics(ExporterJar jar) throws Exception {
        HttpGet.Answer answer = HttpGet.get(jar.metrics("/metrics"));
        assertThat(answer.status()).isEqualTo(200);
        return answer.text();
    }
}
