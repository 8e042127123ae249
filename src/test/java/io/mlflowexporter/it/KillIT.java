package io.mlflowexporter.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.mlflowexporter.checkpoint.CheckpointBytes;
import io.mlflowexporter.demo.SimulatedMlflow;
import io.mlflowexporter.demo.api.Faults;
import io.mlflowexporter.demo.life.SimulationOptions;
import io.mlflowexporter.refresh.GoldenWorld;
import io.mlflowexporter.testing.Command;
import io.mlflowexporter.testing.Exposed;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The jar is killed at random moments and started again while MLflow is down. Short unless asked for: {@code mvn verify
 * -Dkills=200 -Dit.test=KillIT}.
 */
final class KillIT {
    private static final int KILLS = Integer.getInteger("kills", 5);
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final String COUNTER = "mlflow_(?!exporter_).*_(total|count|bucket|sum)";

    @TempDir
    private Path directory;

    /** Moves with the real time, in leaps besides. */
    private volatile Duration ahead = Duration.ofDays(-30);

    private Instant world() {
        return Instant.now().plus(ahead);
    }

    private ExporterJar start(String name, SimulatedMlflow mlflow, String config) {
        return ExporterJar.start(
                name, "serve", "--mlflow.tracking-uri", mlflow.uri().toString(), "--config", config);
    }

    private static Map<String, Double> scrape(ExporterJar jar, Predicate<String> names) throws IOException {
        return Exposed.parse(HttpGet.get(jar.metrics("/metrics")).text()).stream()
                .filter(sample -> names.test(sample.name()))
                .collect(Collectors.toMap(
                        sample -> sample.name() + sample.labels(), sample -> Double.valueOf(sample.value())));
    }

    private static Map<String, Double> counters(ExporterJar jar) throws IOException {
        return scrape(jar, name -> name.matches(COUNTER));
    }

    private static void assertNoneIsLower(String when, Map<String, Double> now, Map<String, Double> before) {
        before.forEach((series, value) -> assertThat(now.getOrDefault(series, -1.0))
                .as("%s: %s", when, series)
                .isGreaterThanOrEqualTo(value));
    }

    /** Series to what the two say of it; sums made in another order may be rounded otherwise. */
    private static Map<String, List<Double>> differences(Map<String, Double> one, Map<String, Double> other) {
        Map<String, List<Double>> differences = new TreeMap<>();
        Set<String> all = new TreeSet<>(one.keySet());
        all.addAll(other.keySet());
        for (String series : all) {
            double a = one.getOrDefault(series, Double.NaN);
            double b = other.getOrDefault(series, Double.NaN);
            if (!(Math.abs(a - b) <= 1e-9 * Math.abs(b))) {
                differences.put(series, List.of(a, b));
            }
        }
        return differences;
    }

    private static void awaitRefreshes(ExporterJar jar, int more) throws IOException {
        String complete = "mlflow_exporter_refreshes_total{outcome=complete}";
        double before = scrape(jar, "mlflow_exporter_refreshes_total"::equals).getOrDefault(complete, 0.0);
        Await.until(
                "a complete refresh",
                LIMIT,
                () -> scrape(jar, "mlflow_exporter_refreshes_total"::equals).getOrDefault(complete, 0.0),
                refreshes -> refreshes >= before + more);
    }

    @Test
    void noCounterEverGoesBack() throws Exception {
        Command.require("kill");
        long seed = Long.getLong("kills.seed", System.nanoTime());
        Random random = new Random(seed);
        String book = Files.writeString(directory.resolve("book.yaml"), """
                currency: EUR
                resources: [{name: machine, prices: [{per_hour: 1}]}]
                default_uses: [{resource: machine}]
                """)
                .getFileName()
                .toString();
        String config = Files.writeString(directory.resolve("config.yaml"), """
                # So that each kill comes while runs are being reread.
                mlflow: {page_size: 50}
                refresh: {interval: 1s, resync_share: 0.1}
                cost: {file: %s}
                checkpoint: {file: checkpoint, interval: 1s}
                """.formatted(book))
                .toString();
        String fresh = Files.writeString(
                        directory.resolve("fresh.yaml"),
                        "refresh: {interval: 1s, resync_share: 1}\ncost: {file: " + book + "}\n")
                .toString();
        try (SimulatedMlflow mlflow =
                SimulatedMlflow.start(SimulationOptions.defaults().withClock(this::world))) {
            Map<String, Double> last = Map.of();
            for (int kill = 0; kill < KILLS; kill++) {
                String when = "seed " + seed + ", kill " + kill;
                mlflow.faults().always(Faults.Answer.error(503, "TEMPORARILY_UNAVAILABLE"));
                try (ExporterJar jar = start("kill", mlflow, config)) {
                    Map<String, Double> atOnce = counters(jar);
                    assertNoneIsLower(when + ", at once", atOnce, last);
                    if (kill > 0) {
                        assertThat(HttpGet.get(jar.web("/readyz")).status())
                                .as(when)
                                .isEqualTo(200);
                        assertThat(atOnce).as(when).isNotEmpty();
                    }
                    mlflow.faults().clear();
                    awaitRefreshes(jar, 1);
                    Map<String, Double> seen = counters(jar);
                    assertNoneIsLower(when + ", caught up", seen, atOnce);
                    last = seen;
                    long end = System.nanoTime() + random.nextInt(2_500) * 1_000_000L;
                    while (System.nanoTime() < end) {
                        ahead = ahead.plusMinutes(random.nextInt(20));
                        last = counters(jar);
                        LockSupport.parkNanos(random.nextInt(100_000_000));
                    }
                    assertThat(Command.run(LIMIT, "", List.of("kill", "-9", Long.toString(jar.pid())))
                                    .exit())
                            .isZero();
                }
            }
            try (ExporterJar jar = start("killed", mlflow, config);
                    ExporterJar other = start("fresh", mlflow, fresh)) {
                awaitRefreshes(jar, 2);
                awaitRefreshes(other, 2);
                Predicate<String> state = name -> name.matches("mlflow_(experiments|runs|estimator_runs|model_.*"
                        + "|registered_.*|experiment_.*|recent_run_info|runs_.*_total|run_duration_seconds_.*)");
                Await.until(
                        "what was killed so often says what a fresh one says, with seed " + seed,
                        LIMIT,
                        () -> differences(scrape(jar, state), scrape(other, state)),
                        Map::isEmpty);
                assertNoneIsLower("seed " + seed + ", at the end", counters(jar), last);
                assertThat(PosixFilePermissions.toString(
                                Files.getPosixFilePermissions(directory.resolve("checkpoint"))))
                        .isEqualTo("rw-------");
                Logs.assertOneLineRecords(jar.log());
            }
        }
    }

    /** The oldest checkpoint there is, of an exporter whose runs are gone by now. */
    @Test
    void anUpgradeThatIsKilledTakesNothingBack() throws Exception {
        Command.require("kill");
        long seed = Long.getLong("kills.seed", System.nanoTime());
        Random random = new Random(seed);
        String config = Files.writeString(directory.resolve("config.yaml"), """
                refresh: {interval: 1s}
                cost: {file: %s}
                kpi: {file: %s}
                exposition: {series_per_family: 12}
                checkpoint: {file: checkpoint, interval: 1s}
                """.formatted(
                                GoldenWorld.resource("pricing.yaml").toAbsolutePath(),
                                GoldenWorld.resource("kpis.yaml").toAbsolutePath()))
                .toString();
        try (GoldenWorld world = GoldenWorld.emptied()) {
            byte[] golden = Files.readAllBytes(GoldenWorld.resource("golden-01.checkpoint"));
            byte[] oldest = CheckpointBytes.atPort(golden, world.uri().getPort());
            Map<String, Double> before = GoldenWorld.counters("golden-01");
            for (int kill = 0; kill < (KILLS + 1) / 2; kill++) {
                Files.write(directory.resolve("checkpoint"), oldest);
                for (int start = 0; start < 2; start++) {
                    Process killed = new ProcessBuilder(serve(world.uri(), config))
                            .directory(directory.toFile())
                            .redirectErrorStream(true)
                            .redirectOutput(directory.resolve("killed.log").toFile())
                            .start();
                    // Somewhere between the start of the JVM and the first checkpoints of its own.
                    killed.waitFor(300 + random.nextInt(2_500), TimeUnit.MILLISECONDS);
                    assertThat(Command.run(LIMIT, "", List.of("kill", "-9", Long.toString(killed.pid())))
                                    .exit())
                            .isZero();
                    assertThat(killed.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS))
                            .isTrue();
                }
                try (ExporterJar jar = ExporterJar.start(
                        "upgraded",
                        "serve",
                        "--mlflow.tracking-uri",
                        world.uri().toString(),
                        "--config",
                        config)) {
                    awaitRefreshes(jar, 1);
                    String scrape = HttpGet.get(jar.metrics("/metrics")).text();
                    GoldenWorld.assertNoneIsLower("seed " + seed + ", kill " + kill, scrape, before);
                }
                try (Stream<Path> beside = Files.list(directory)) {
                    assertThat(beside.map(path -> path.getFileName().toString()))
                            .as("nothing is moved aside")
                            .noneMatch(name -> name.matches("checkpoint\\.[a-z]+-.*"));
                }
            }
        }
    }

    private static List<String> serve(URI mlflow, String config) {
        return ExporterJar.commandLine(List.of(
                "serve",
                "--metrics-listen",
                "127.0.0.1:0",
                "--web-listen",
                "off",
                "--mlflow.tracking-uri",
                mlflow.toString(),
                "--config",
                config));
    }

    @Test
    void twoExportersDoNotShareOneCheckpoint() throws Exception {
        String config = Files.writeString(directory.resolve("config.yaml"), "checkpoint: {file: checkpoint}\n")
                .toString();
        try (SimulatedMlflow mlflow = SimulatedMlflow.start(SimulationOptions.defaults());
                ExporterJar first = start("first", mlflow, config)) {
            Command.Result second = Command.run(LIMIT, "", serve(mlflow.uri(), config));
            assertThat(second.exit()).isEqualTo(1);
            assertThat(second.output()).contains("is in use by another exporter; give each its own checkpoint.file");

            // A stop writes what is new, and lets the next one in.
            Await.until("ready", LIMIT, () -> HttpGet.get(first.web("/readyz")).status(), code -> code == 200);
            assertThat(first.terminate()).isIn(0, 143);
            try (ExporterJar next = start("next", mlflow, config)) {
                assertThat(HttpGet.get(next.metrics("/metrics")).text())
                        .contains("\nmlflow_snapshot_timestamp_seconds ");
            }
        }
    }
}
