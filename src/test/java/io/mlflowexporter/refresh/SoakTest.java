package io.mlflowexporter.refresh;

import static org.assertj.core.api.Assertions.assertThat;

import io.mlflowexporter.catalog.sync.MlflowWriter;
import io.mlflowexporter.demo.SimulatedMlflow;
import io.mlflowexporter.demo.api.Faults.Answer;
import io.mlflowexporter.demo.life.SimulationOptions;
import io.mlflowexporter.refresh.ExporterStatus.Outcome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Many days in the life of an exporter, on a clock moved by hand: runs, experiments and deletions come and go, requests
 * fail, deleted things are purged each night. Short unless asked for: {@code mvn test -Dtest=SoakTest -Dsoak.days=30}.
 */
final class SoakTest {
    private static final Logger LOG = LoggerFactory.getLogger(SoakTest.class);
    private static final int DAYS = Integer.getInteger("soak.days", 2);
    private static final Duration INTERVAL = Duration.ofMinutes(DAYS > 5 ? 20 : 30);
    private static final int SERIES_PER_FAMILY = 300;
    /** Experiments that were given series of their own are given those of their later phases and resources too. */
    private static final int MOST_SERIES = SERIES_PER_FAMILY * 3 / 2;

    /** What garbage collection and the code compiled meanwhile make uncertain. */
    /** Ids of traces that may be delivered again: some times {@code traces.max_per_refresh}, however many there are. */
    private static final long TRACES_IN_DOUBT = 6L << 20;

    private static final long SLACK = 1 << 20;

    /**
     * Counters and histograms of an experiment stay when it is purged, as they must not fall. Measured: 9 KiB each for 196
     * and for some 360 experiments in 15 and 30 days; nothing, beyond a fresh one's weight by run, for 36 in 30 days. Less is enough, as runs may weigh a fifth more too.
     */
    private static final long BYTES_PER_EXPERIMENT = 6 << 10;

    /** Counters of a model and its aliases stay for a while when it is deleted; so many that the last 1,000 are all. */
    private static final long BYTES_PER_MODEL = 6 << 10;

    private static final int MODEL_EVERY = 5;

    @TempDir
    private Path directory;

    private final Random random = new Random(Long.getLong("soak.seed", 1));
    private final Deque<String> experiments = new ArrayDeque<>();
    private int experimentsMade;
    private final Deque<String> models = new ArrayDeque<>();
    private int modelsMade;
    private volatile Instant world = RefreshBench.START;

    @Test
    void nothingGrowsButWhatThereIsAndNoCounterFalls() throws Exception {
        Map<String, String> settings = new HashMap<>(Map.of(
                "checkpoint.file",
                directory.resolve("checkpoint").toString(),
                "refresh.max_staleness",
                "1d",
                // So many are asked for that a fresh one would take long to come even.
                "cost.histories",
                "0",
                "exposition.series_per_family",
                Integer.toString(SERIES_PER_FAMILY),
                "cost.file",
                Files.writeString(directory.resolve("book.yaml"), """
                        currency: EUR
                        resources: [{name: machine, prices: [{per_hour: 1}]}]
                        default_uses: [{resource: machine}]
                        """).toString()));
        try (SimulatedMlflow mlflow =
                SimulatedMlflow.start(SimulationOptions.defaults().withClock(() -> world))) {
            weighsLittleMoreThanAFreshOne(mlflow, new AtomicReference<>(liveThroughAll(mlflow, settings)), settings);
        }
    }

    private RefreshBench liveThroughAll(SimulatedMlflow mlflow, Map<String, String> settings) throws Exception {
        int refreshes = (int) Duration.ofDays(DAYS).dividedBy(INTERVAL);
        int early = refreshes / 6;
        MlflowWriter writer = new MlflowWriter(mlflow.uri());
        RefreshBench bench = new RefreshBench(mlflow.uri(), settings, same -> same, world);
        bench.refresh(Duration.ZERO);
        Map<String, Double> counters = RefreshScrapes.counters(bench);
        for (int i = 1; i <= refreshes; i++) {
            world = world.plus(INTERVAL);
            boolean compared = i == early || i == refreshes;
            churn(mlflow, writer, i);
            if (compared) {
                // That is to be of one reading.
                mlflow.faults().clear();
            }
            bench.refresh(INTERVAL);
            bench.said();
            mlflow.faults().clear();
            counters = RefreshScrapes.noneIsLower(RefreshScrapes.counters(bench), counters);
            assertThat(bench.refresher.exposition().series()).allMatch(family -> family.series() <= MOST_SERIES);
            if (compared) {
                equalsItselfAddedUpAnew(mlflow, bench, settings);
                settle(bench);
                counters = RefreshScrapes.noneIsLower(RefreshScrapes.counters(bench), counters);
                equalsAFreshOne(mlflow, settings);
            }
        }
        return bench;
    }

    /** What comes on top of what happens on the server by itself. */
    private void churn(SimulatedMlflow mlflow, MlflowWriter writer, int number) {
        long now = world.toEpochMilli();
        String last = "";
        if (random.nextInt(6) == 0) {
            experiments.add(writer.experiment("experiment " + number));
            experimentsMade++;
        }
        for (String experiment : experiments) {
            String run = writer.run(experiment, "Training", now - random.nextInt(600_000));
            if (random.nextBoolean()) {
                writer.status(run, random.nextInt(4) == 0 ? "FAILED" : "FINISHED", now);
            }
            if (random.nextInt(5) == 0) {
                writer.tag(run, "team", "team " + random.nextInt(10));
            }
            // Texts that no other run ever has.
            writer.tag(run, "mlflow.user", "user " + run);
            writer.tag(run, "mlflow.source.name", run + "x".repeat(1_500));
            if (random.nextInt(8) == 0) {
                writer.runDeleted(run, true);
            }
            last = run;
        }
        if (number % MODEL_EVERY == 0 && !last.isEmpty()) {
            String model = "model " + number;
            writer.model(model);
            writer.alias(model, "champion", writer.version(model, last));
            writer.alias(model, "blue", "1");
            models.add(model);
            modelsMade++;
        }
        if (!models.isEmpty()) {
            if (number % 2 == 0) {
                writer.alias(models.getLast(), "blue", "1");
            } else {
                writer.unalias(models.getLast(), "blue");
            }
        }
        if (models.size() > 4) {
            writer.modelDeleted(models.removeFirst());
        }
        if (experiments.size() > 4) {
            writer.deleted(experiments.removeFirst(), true);
        }
        if (number % Duration.ofDays(1).dividedBy(INTERVAL) == 0) {
            mlflow.purgeDeleted();
        }
        if (random.nextInt(10) == 0) {
            String[] endpoints = {"runs/search", "experiments/search", "version", "model-versions/search"};
            mlflow.faults().next(endpoints[random.nextInt(4)], 1, Answer.error(500, "INTERNAL_ERROR"));
        }
    }

    /** Until a whole resync was made, while nothing more happens. */
    private void settle(RefreshBench bench) {
        for (int i = 0; i < 3; i++) {
            assertThat(bench.refresh(Duration.ZERO)).isEqualTo(Outcome.COMPLETE);
        }
    }

    private static double runs(RefreshBench bench) {
        return Double.parseDouble(bench.value("mlflow_exporter_catalog_entries{kind=\"runs\"}"));
    }

    /** What still tells of runs that were purged, or when aliases moved. */
    private static final Pattern OF_WITNESSES = Pattern.compile(
            "mlflow_(last_deployment_timestamp_seconds|cost_per_deployed_version|model_version_cost|compute_cost|cost_forecast"
                    + "|kpi_cost_per_point|compute_idle_cost|resource_utilization_ratio|last_success_timestamp_seconds|run_error_ratio) ");

    /** Read again at the first refresh after a restart, and not kept in the checkpoint. */
    private static final Pattern OF_OTHER_OBJECTS = Pattern.compile(
            "mlflow_(prompts|prompt_versions|logged_models|evaluation_datasets|scorers|gateway_budget|gateway_budget_spent"
                    + "|traces_in_progress) ");

    /** What was kept from refresh to refresh is what it comes to when all is added up anew. */
    private void equalsItselfAddedUpAnew(SimulatedMlflow mlflow, RefreshBench bench, Map<String, String> settings)
            throws Exception {
        try (RefreshBench again = goingOn(mlflow, settings)) {
            Map<String, List<Double>> differences =
                    RefreshScrapes.differences(RefreshScrapes.aboutMlflow(again), RefreshScrapes.aboutMlflow(bench));
            differences
                    .keySet()
                    .removeIf(series -> OF_OTHER_OBJECTS.matcher(series).lookingAt());
            assertThat(differences).isEmpty();
        }
    }

    /** Another one that goes on from the checkpoint. */
    private RefreshBench goingOn(SimulatedMlflow mlflow, Map<String, String> settings) throws Exception {
        Path copy = directory.resolve("copy");
        Files.copy(directory.resolve("checkpoint"), copy, StandardCopyOption.REPLACE_EXISTING);
        Map<String, String> others = new HashMap<>(settings);
        others.put("checkpoint.file", copy.toString());
        return new RefreshBench(mlflow.uri(), others, same -> same, world);
    }

    /**
     * But for counters and what else only who was there knows. Compared without a budget, as what is folded depends on
     * who was there first.
     */
    private void equalsAFreshOne(SimulatedMlflow mlflow, Map<String, String> settings) throws Exception {
        Map<String, String> unfolded = new HashMap<>(settings);
        unfolded.put("exposition.series_per_family", "100000");
        Map<String, String> without = new HashMap<>(unfolded);
        without.remove("checkpoint.file");
        try (RefreshBench old = goingOn(mlflow, unfolded);
                RefreshBench fresh = new RefreshBench(mlflow.uri(), without, same -> same, world)) {
            settle(old);
            assertThat(fresh.refresh(Duration.ZERO)).isEqualTo(Outcome.COMPLETE);
            Map<String, Double> mine = RefreshScrapes.aboutMlflow(old);
            Map<String, Double> theirs = RefreshScrapes.aboutMlflow(fresh);
            for (Map<String, Double> one : List.of(mine, theirs)) {
                one.keySet()
                        .removeIf(series -> RefreshScrapes.isCounter(series)
                                || OF_WITNESSES.matcher(series).lookingAt());
            }
            assertThat(RefreshScrapes.differences(mine, theirs)).isEmpty();
        }
    }

    /** By run held, as the old one holds purged runs too. */
    private void weighsLittleMoreThanAFreshOne(
            SimulatedMlflow mlflow, AtomicReference<RefreshBench> old, Map<String, String> settings) throws Exception {
        Map<String, String> without = new HashMap<>(settings);
        without.remove("checkpoint.file");
        AtomicReference<RefreshBench> fresh =
                new AtomicReference<>(new RefreshBench(mlflow.uri(), without, same -> same, world));
        fresh.get().refresh(Duration.ZERO);
        double oldRuns = runs(old.get());
        double freshRuns = runs(fresh.get());
        double oldWeight = weight(old);
        double freshWeight = weight(fresh);
        LOG.info(
                "After {} days {} KiB for {} runs, a fresh one {} KiB for {}",
                DAYS,
                (long) oldWeight >> 10,
                (long) oldRuns,
                (long) freshWeight >> 10,
                (long) freshRuns);
        assertThat(oldWeight)
                .as("bytes of the heap for %s runs; of a fresh one for %s runs %s", oldRuns, freshRuns, freshWeight)
                .isLessThan(1.2 * freshWeight * oldRuns / freshRuns
                        + experimentsMade * BYTES_PER_EXPERIMENT
                        + modelsMade * BYTES_PER_MODEL
                        + TRACES_IN_DOUBT
                        + SLACK);
    }

    /** What is free once it is gone; the simulated server, which is in the same heap, is there before and after. */
    private static long weight(AtomicReference<RefreshBench> bench) {
        long with = used();
        bench.getAndSet(null).close();
        return with - used();
    }

    private static long used() {
        Runtime runtime = Runtime.getRuntime();
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 5; i++) {
            System.gc();
            least = Math.min(least, runtime.totalMemory() - runtime.freeMemory());
        }
        return least;
    }
}
