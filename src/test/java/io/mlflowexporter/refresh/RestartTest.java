package io.mlflowexporter.refresh;

import static org.assertj.core.api.Assertions.assertThat;

import io.mlflowexporter.catalog.CutRegistry;
import io.mlflowexporter.catalog.sync.MlflowWriter;
import io.mlflowexporter.demo.SimulatedMlflow;
import io.mlflowexporter.demo.api.Faults.Answer;
import io.mlflowexporter.demo.life.DemoPricingFile;
import io.mlflowexporter.demo.life.SimulationOptions;
import io.mlflowexporter.llm.objects.OtherObjects;
import io.mlflowexporter.metric.FamilyDeclaration;
import io.mlflowexporter.refresh.ExporterStatus.Outcome;
import io.mlflowexporter.testing.Exposed;
import io.mlflowexporter.testing.FaultProxy;
import io.mlflowexporter.testing.ScriptedServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an exporter says after a restart, from the text a scrape reads. */
final class RestartTest {
    private static final Duration LATER = Duration.ofMinutes(3);

    @TempDir
    private Path directory;

    private volatile Instant world = RefreshBench.START;
    private final Map<String, String> settings = new HashMap<>();

    @BeforeEach
    void settings() throws IOException {
        settings.put("checkpoint.file", file().toString());
        settings.put(
                "cost.file",
                DemoPricingFile.file(LocalDate.ofInstant(RefreshBench.START, ZoneOffset.UTC))
                        .toString());
    }

    private Path file() {
        return directory.resolve("checkpoint");
    }

    private SimulatedMlflow demo() throws IOException {
        return SimulatedMlflow.start(SimulationOptions.defaults().withClock(() -> world));
    }

    private RefreshBench bench(SimulatedMlflow mlflow, Duration afterStart) throws Exception {
        return new RefreshBench(mlflow.uri(), settings, same -> same, RefreshBench.START.plus(afterStart));
    }

    /** Not in the checkpoint: the first refresh counts them. */
    private static final Set<String> COUNTED_ANEW = Stream.concat(
                    OtherObjects.declarations().stream().map(FamilyDeclaration::name),
                    Stream.of("mlflow_traces_in_progress"))
            .collect(Collectors.toUnmodifiableSet());

    private static Map<String, String> aboutMlflow(RefreshBench bench) {
        return aboutMlflow(bench.scrape());
    }

    private static Map<String, String> aboutMlflow(String scrape) {
        return samples(
                scrape,
                name -> !name.startsWith("mlflow_exporter_")
                        && !name.equals("mlflow_up")
                        && !COUNTED_ANEW.contains(name));
    }

    private static Map<String, String> samples(RefreshBench bench, Predicate<String> names) {
        return samples(bench.scrape(), names);
    }

    private static Map<String, String> samples(String scrape, Predicate<String> names) {
        return Exposed.parse(scrape).stream()
                .filter(sample -> names.test(sample.name()))
                .collect(Collectors.toMap(sample -> sample.name() + sample.labels(), Exposed::value));
    }

    private static Map<String, String> counters(RefreshBench bench) {
        return samples(
                bench, name -> !name.startsWith("mlflow_exporter_") && name.matches(".*_(total|count|sum|bucket)"));
    }

    private static void assertNoneIsLower(Map<String, String> after, Map<String, String> before) {
        assertThat(before).isNotEmpty();
        before.forEach((series, value) -> assertThat(Double.parseDouble(after.getOrDefault(series, "-1")))
                .as(series)
                .isGreaterThanOrEqualTo(Double.parseDouble(value)));
    }

    private List<String> beside() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(path -> path.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void theLastSnapshotIsServedAtOnceAndMarkedWithItsAge() throws Exception {
        SimulatedMlflow mlflow = demo();
        Map<String, String> before;
        try (RefreshBench first = bench(mlflow, Duration.ZERO)) {
            assertThat(first.refresh()).isEqualTo(Outcome.COMPLETE);
            before = aboutMlflow(first);
        }
        mlflow.close();

        try (RefreshBench second = bench(mlflow, LATER)) {
            assertThat(aboutMlflow(second.servedFirst())).isEqualTo(before);
            assertThat(aboutMlflow(second)).isEqualTo(before);
            assertThat(second.value("mlflow_snapshot_timestamp_seconds")).isEqualTo(Double.toString((double)
                    RefreshBench.START.plus(Duration.ofMinutes(1)).getEpochSecond()));
            assertThat(second.value("mlflow_snapshot_complete")).isEqualTo("1.0");
            assertThat(second.value("mlflow_up")).isEqualTo("0.0");
            assertThat(second.refresher.status().snapshot()).isPresent();

            // MLflow is still down: what was restored stays until it is too old.
            assertThat(second.refresh()).isEqualTo(Outcome.FAILED);
            assertThat(aboutMlflow(second)).isEqualTo(before);
            second.refresh(Duration.ofMinutes(20));
            assertThat(second.value("mlflow_snapshot_complete")).isEqualTo("absent");
        }
    }

    @Test
    void whatIsTooOldIsNotServedButGoneOnFrom() throws Exception {
        try (SimulatedMlflow mlflow = demo()) {
            Map<String, String> before;
            try (RefreshBench first = bench(mlflow, Duration.ZERO)) {
                first.refresh();
                before = counters(first);
            }
            mlflow.purgeDeleted();

            try (RefreshBench second = bench(mlflow, Duration.ofHours(1))) {
                assertThat(aboutMlflow(second.servedFirst())).isEmpty();
                assertThat(aboutMlflow(second)).isEmpty();
                second.refresh();
                assertNoneIsLower(counters(second), before);
            }
        }
    }

    @Test
    void whatWasFoldedIntoOtherStaysThere() throws Exception {
        settings.put("exposition.series_per_family", "100");
        try (SimulatedMlflow mlflow = demo()) {
            MlflowWriter writer = new MlflowWriter(mlflow.uri());
            String named = writer.experiment("named");
            for (int i = 0; i < 60; i++) {
                writer.run(named, "Training", RefreshBench.START.toEpochMilli());
            }
            Map<String, String> before;
            String folded = "";
            try (RefreshBench first = bench(mlflow, Duration.ZERO)) {
                first.refresh();
                before = counters(first);
                // A hundred larger ones come later, and have no place any more.
                for (int i = 0; i < 100; i++) {
                    String late = writer.experiment("late " + i);
                    for (int n = 0; n < 2; n++) {
                        writer.run(late, "Training", RefreshBench.START.toEpochMilli());
                    }
                    folded = late;
                }
                first.refresh();
                assertNoneIsLower(counters(first), before);
                before = counters(first);
                assertThat(before).containsKey("mlflow_runs_started_total{experiment=_other, phase=training}");
            }
            for (int n = 0; n < 100; n++) {
                writer.run(folded, "Training", RefreshBench.START.toEpochMilli());
            }

            try (RefreshBench second = bench(mlflow, LATER)) {
                second.refresh();

                assertNoneIsLower(counters(second), before);
                assertThat(counters(second).keySet()).noneMatch(series -> series.contains("late 99"));
            }
        }
    }

    @Test
    void beingToldToStopWhileItGoesOnFromItDoesNotLookLikeDamage() throws Exception {
        try (SimulatedMlflow mlflow = demo()) {
            try (RefreshBench first = bench(mlflow, Duration.ZERO)) {
                first.refresh();
            }
            Thread.currentThread().interrupt();
            try (RefreshBench second = bench(mlflow, LATER)) {
                assertThat(Thread.interrupted()).isTrue();

                assertThat(aboutMlflow(second)).isNotEmpty();
                assertThat(beside()).containsExactly("checkpoint", "checkpoint.lock");
            }
        }
    }

    @Test
    void countersGoOnAsIfThereHadBeenNoRestart() throws Exception {
        try (SimulatedMlflow mlflow = demo()) {
            RefreshBench unbroken = new RefreshBench(mlflow.uri(), withoutCheckpoint());
            unbroken.refresh(Duration.ZERO);
            try (RefreshBench first = bench(mlflow, Duration.ZERO)) {
                first.refresh(Duration.ZERO);
            }
            // Runs purged between: only who was there before knows of them.
            mlflow.purgeDeleted();
            world = RefreshBench.START.plus(Duration.ofHours(6));
            unbroken.refresh(Duration.ofHours(6));

            try (RefreshBench second = bench(mlflow, Duration.ofHours(6))) {
                second.refresh(Duration.ZERO);

                assertThat(aboutMlflow(second)).isEqualTo(aboutMlflow(unbroken));
            }
            unbroken.close();
        }
    }

    private Map<String, String> withoutCheckpoint() {
        Map<String, String> without = new HashMap<>(settings);
        without.remove("checkpoint.file");
        return without;
    }

    @Test
    void anotherDatabaseUnderTheSameAddressIsForeign() throws Exception {
        SimulatedMlflow mlflow = demo();
        int port = mlflow.uri().getPort();
        try (RefreshBench first = bench(mlflow, Duration.ZERO)) {
            first.refresh();
        }
        mlflow.close();
        world = RefreshBench.START.plus(Duration.ofDays(1));

        try (SimulatedMlflow other = SimulatedMlflow.start(SimulationOptions.defaults()
                        .withSeed(8)
                        .withRuns(50)
                        .withListen("127.0.0.1", port)
                        .withClock(() -> world));
                RefreshBench second = bench(other, LATER);
                RefreshBench fresh = new RefreshBench(other.uri(), withoutCheckpoint())) {
            assertThat(second.refresh()).isEqualTo(Outcome.COMPLETE);
            fresh.refresh(LATER.plus(Duration.ofMinutes(1)));

            assertThat(aboutMlflow(second)).isEqualTo(aboutMlflow(fresh));
            assertThat(beside()).anyMatch(name -> name.matches("checkpoint\\.foreign-.*"));
        }
    }

    @Test
    void anotherDatabaseIsNoticedWhileItRuns() throws Exception {
        // Its models are read at once all the same.
        settings.put("refresh.registry_interval", "5m");
        SimulatedMlflow mlflow = demo();
        int port = mlflow.uri().getPort();
        try (RefreshBench bench = bench(mlflow, Duration.ZERO)) {
            bench.refresh();
            bench.said();
            mlflow.close();
            world = RefreshBench.START.plus(Duration.ofDays(1));
            try (SimulatedMlflow other = SimulatedMlflow.start(SimulationOptions.defaults()
                            .withSeed(8)
                            .withRuns(50)
                            .withListen("127.0.0.1", port)
                            .withClock(() -> world));
                    RefreshBench fresh = new RefreshBench(other.uri(), withoutCheckpoint())) {
                assertThat(bench.refresh()).isEqualTo(Outcome.COMPLETE);
                fresh.refresh(Duration.ofMinutes(2));

                assertThat(aboutMlflow(bench)).isEqualTo(aboutMlflow(fresh));
                assertThat(bench.value("mlflow_exporter_database_changes_total"))
                        .isEqualTo("1.0");
                assertThat(bench.said())
                        .filteredOn(line -> line.startsWith("WARN"))
                        .anyMatch(line -> line.contains("another database: all that was known is dropped"));
                assertThat(beside()).contains("checkpoint").anyMatch(name -> name.matches("checkpoint\\.foreign-.*"));
                bench.refresh();
                assertThat(bench.value("mlflow_exporter_database_changes_total"))
                        .isEqualTo("1.0");
            }
        }
    }

    @Test
    void anIdThatIsGivenAgainAfterAPurgeIsNoOtherDatabase() throws Exception {
        try (SimulatedMlflow mlflow = demo();
                RefreshBench bench = bench(mlflow, Duration.ZERO)) {
            mlflow.purgeDeleted();
            MlflowWriter writer = new MlflowWriter(mlflow.uri());
            String first = writer.experiment("first");
            writer.run(first, "Training", RefreshBench.START.toEpochMilli());
            bench.refresh();
            Map<String, String> before = counters(bench);
            writer.deleted(first, true);
            mlflow.purgeDeleted();
            world = RefreshBench.START.plusSeconds(30);
            assertThat(writer.experiment("second")).isEqualTo(first);

            bench.refresh();

            assertThat(bench.value("mlflow_exporter_database_changes_total")).isEqualTo("0.0");
            assertThat(counters(bench).keySet().stream().filter(name -> !name.contains("second")))
                    .allMatch(before::containsKey);
            assertThat(bench.value("mlflow_runs{experiment=\"second\",phase=\"training\",status=\"running\"}"))
                    .isEqualTo("absent");
        }
    }

    @Test
    void damageLeadsToARebuild() throws Exception {
        try (SimulatedMlflow mlflow = demo()) {
            try (RefreshBench first = bench(mlflow, Duration.ZERO)) {
                first.refresh();
            }
            byte[] bytes = Files.readAllBytes(file());
            bytes[bytes.length / 2] ^= 1;
            Files.write(file(), bytes);

            try (RefreshBench second = bench(mlflow, LATER)) {
                assertThat(aboutMlflow(second.servedFirst())).isEmpty();
                assertThat(aboutMlflow(second)).isEmpty();
                assertThat(second.refresh()).isEqualTo(Outcome.COMPLETE);
                assertThat(second.value("mlflow_exporter_checkpoint_write_failures_total"))
                        .isEqualTo("0.0");
                assertThat(beside()).hasSize(3).contains("checkpoint", "checkpoint.lock");
            }
        }
    }

    @Test
    void whatCannotBeWrittenIsCountedAndTheRestGoesOn() throws Exception {
        try (SimulatedMlflow mlflow = demo();
                RefreshBench bench = bench(mlflow, Duration.ZERO)) {
            // A directory in the way, as the tests may run as root, whom no permission stops.
            Files.createDirectories(directory.resolve("checkpoint.tmp").resolve("in the way"));

            assertThat(bench.refresh()).isEqualTo(Outcome.COMPLETE);
            assertThat(bench.refresh()).isEqualTo(Outcome.COMPLETE);

            assertThat(bench.value("mlflow_exporter_checkpoint_write_failures_total"))
                    .isEqualTo("2.0");
            assertThat(bench.value("mlflow_exporter_checkpoint_timestamp_seconds"))
                    .isEqualTo("0.0");
            assertThat(bench.refresher.status().checkpoint().orElseThrow().problem())
                    .isPresent();
        }
    }

    @Test
    void itIsWrittenAtABoundedRateAndOnStop() throws Exception {
        settings.put("checkpoint.interval", "10m");
        try (SimulatedMlflow mlflow = demo();
                RefreshBench bench = bench(mlflow, Duration.ZERO)) {
            bench.refresh();
            String first = bench.value("mlflow_exporter_checkpoint_timestamp_seconds");
            bench.refresh();
            bench.refresh(Duration.ofMinutes(8));
            assertThat(bench.value("mlflow_exporter_checkpoint_timestamp_seconds"))
                    .isEqualTo(first);
            bench.refresh();
            String second = bench.value("mlflow_exporter_checkpoint_timestamp_seconds");
            assertThat(Double.parseDouble(second) - Double.parseDouble(first)).isEqualTo(600);
            bench.refresh();
            Thread.currentThread().interrupt();
            bench.refresher.stopped();
            assertThat(Thread.interrupted()).isTrue();
            assertThat(Double.parseDouble(bench.value("mlflow_exporter_checkpoint_timestamp_seconds")))
                    .isEqualTo(Double.parseDouble(second) + 60);
        }
    }

    @Test
    void movesSeenWhileRunsCannotBeReadAreKept() throws Exception {
        settings.put("checkpoint.interval", "1d");
        try (SimulatedMlflow mlflow = demo()) {
            MlflowWriter writer = new MlflowWriter(mlflow.uri());
            String experiment = writer.experiment("churn");
            String run = writer.run(experiment, "Training", RefreshBench.START.toEpochMilli());
            writer.model("churn");
            for (int version = 1; version <= 3; version++) {
                writer.version("churn", run);
            }
            String deployments = "mlflow_deployments_total{alias=\"champion\",model=\"churn\"}";
            String leadTimes = "mlflow_deployment_lead_time_seconds_count{alias=\"champion\",model=\"churn\"}";
            Map<String, String> before;
            try (RefreshBench first = bench(mlflow, Duration.ZERO)) {
                assertThat(first.refresh()).isEqualTo(Outcome.COMPLETE);
                first.refresh();
                mlflow.faults().always("runs/search", Answer.error(500, "INTERNAL_ERROR"));
                for (String version : List.of("2", "3")) {
                    writer.alias("churn", "champion", version);
                    assertThat(first.refresh()).isEqualTo(Outcome.PARTIAL);
                }
                String unseen = writer.run(experiment, "Training", RefreshBench.START.toEpochMilli());
                writer.alias("churn", "champion", writer.version("churn", unseen));
                assertThat(first.refresh()).isEqualTo(Outcome.PARTIAL);
                assertThat(first.value(deployments)).isEqualTo("3.0");
                before = counters(first);
                first.refresher.stopped();
            }

            try (RefreshBench second = bench(mlflow, Duration.ofMinutes(5))) {
                assertNoneIsLower(counters(second), before);
                assertThat(second.refresher.status().snapshot()).isPresent();
                // Runs still cannot be read: what was known of them stays.
                assertThat(second.refresh()).isEqualTo(Outcome.PARTIAL);
                assertNoneIsLower(counters(second), before);
                mlflow.faults().clear();
                assertThat(second.refresh()).isEqualTo(Outcome.COMPLETE);
                assertThat(second.value(deployments)).isEqualTo("3.0");
                assertThat(second.value(leadTimes)).as("once the run is known").isEqualTo("3");
                assertNoneIsLower(counters(second), before);
            }
        }
    }

    @Test
    void versionsThatThereWasNoRoomForDoNotCountAsMadeAfterARestart() throws Exception {
        try (SimulatedMlflow mlflow =
                SimulatedMlflow.start(SimulationOptions.defaults().withRuns(0).withClock(() -> world))) {
            MlflowWriter writer = new MlflowWriter(mlflow.uri());
            String run = writer.run(writer.experiment("e"), "Training", RefreshBench.START.toEpochMilli());
            writer.model("m");
            for (int version = 1; version <= 3; version++) {
                writer.version("m", run);
            }
            String made = "mlflow_model_versions_created_total{model=\"m\"}";
            try (RefreshBench first = new RefreshBench(mlflow.uri(), settings, CutRegistry::new)) {
                first.refresh();
                assertThat(first.value("mlflow_snapshot_complete")).isEqualTo("0.0");
            }

            try (RefreshBench second =
                    new RefreshBench(mlflow.uri(), settings, CutRegistry::new, RefreshBench.START.plus(LATER))) {
                assertThat(second.value("mlflow_snapshot_complete")).isEqualTo("0.0");
                assertThat(second.refresher.status().snapshot().orElseThrow().incomplete())
                        .containsExactly(CutRegistry.LEFT_OUT);
                assertThat(second.value(made)).as("nobody knows how many").isEqualTo("absent");
            }
            try (RefreshBench third = bench(mlflow, LATER.multipliedBy(2))) {
                assertThat(third.value(made)).isEqualTo("absent");
                assertThat(third.refresh()).isEqualTo(Outcome.COMPLETE);
                assertThat(third.value(made)).isEqualTo("3.0");
                assertThat(third.value("mlflow_snapshot_complete")).isEqualTo("1.0");
            }
        }
    }

    @Test
    void namesOfAnyLengthAreKept() throws Exception {
        String long1 = "a".repeat(70_000);
        String long2 = "b".repeat(70_000);
        try (SimulatedMlflow mlflow = SimulatedMlflow.start(
                        SimulationOptions.defaults().withRuns(0).withClock(() -> world));
                FaultProxy proxy = FaultProxy.before(mlflow.uri())) {
            MlflowWriter writer = new MlflowWriter(mlflow.uri());
            String run = writer.run(writer.experiment("e"), "Training", RefreshBench.START.toEpochMilli() - 60_000);
            writer.status(run, "FINISHED", RefreshBench.START.toEpochMilli());
            writer.model("m");
            writer.version("m", run);
            proxy.fault(FaultProxy.rewritten(
                    body -> body.replace(run, long1).replace("\"champion\"", "\"" + long2 + "\"")));
            Map<String, String> before;
            try (RefreshBench first = new RefreshBench(proxy.uri(), settings)) {
                first.refresh();
                writer.alias("m", "champion", "1");
                assertThat(first.refresh()).isEqualTo(Outcome.COMPLETE);
                before = aboutMlflow(first);
                assertThat(first.refresher.status().checkpoint().orElseThrow().problem())
                        .isEmpty();
            }
            proxy.down();

            try (RefreshBench second =
                    new RefreshBench(proxy.uri(), settings, same -> same, RefreshBench.START.plus(LATER))) {
                assertThat(aboutMlflow(second)).isEqualTo(before);
                assertThat(before.keySet()).anyMatch(series -> series.contains("mlflow_deployments_total{alias=bbb"));
            }
        }
    }

    @Test
    void runsReadInPartBeforeAStopAreGoneOnFrom() throws Exception {
        settings.put("mlflow.page_size", "10");
        try (SimulatedMlflow mlflow = demo();
                FaultProxy proxy = FaultProxy.before(mlflow.uri())) {
            MlflowWriter writer = new MlflowWriter(mlflow.uri());
            Map<String, String> before;
            try (RefreshBench first = new RefreshBench(proxy.uri(), settings)) {
                first.refresh();
                String experiment = writer.experiment("made meanwhile");
                for (int i = 0; i < 30; i++) {
                    writer.run(experiment, "Training", first.now().toEpochMilli());
                }
                AtomicInteger pages = new AtomicInteger();
                proxy.fault(FaultProxy.where(
                        asked -> asked.target().contains("runs/search"),
                        (asked, asking) -> pages.incrementAndGet() > 2
                                ? ScriptedServer.status(503, "")
                                : asking.get().answer()));
                assertThat(first.refresh()).isEqualTo(Outcome.PARTIAL);
                before = counters(first);
                first.refresher.stopped();
            }

            String started = "mlflow_runs_started_total{experiment=\"made meanwhile\",phase=\"training\"}";
            try (RefreshBench second =
                    new RefreshBench(proxy.uri(), settings, same -> same, RefreshBench.START.plus(LATER))) {
                assertNoneIsLower(counters(second), before);
                Map<String, String> restored = counters(second);
                // Not even a second failure takes anything away.
                second.refresh();
                assertNoneIsLower(counters(second), restored);
                proxy.mend();
                assertThat(second.refresh()).isEqualTo(Outcome.COMPLETE);
                assertNoneIsLower(counters(second), restored);
                assertThat(second.value(started)).isEqualTo("30.0");
            }
        }
    }

    @Test
    void eachRefreshIsWrittenWhereTheIntervalIsTheRefreshes() throws Exception {
        settings.put("checkpoint.interval", "60s");
        settings.put("refresh.interval", "60s");
        try (SimulatedMlflow mlflow = demo()) {
            MlflowWriter writer = new MlflowWriter(mlflow.uri());
            Map<String, String> before;
            try (RefreshBench killed = bench(mlflow, Duration.ZERO)) {
                killed.refresh();
                writer.run(writer.experiment("new"), "Training", killed.now().toEpochMilli());
                // It took less time than the one before.
                killed.refresh(Duration.ofMillis(59_500));
                before = counters(killed);
            }
            try (RefreshBench again = bench(mlflow, LATER)) {
                assertNoneIsLower(counters(again), before);
            }
        }
    }
}
