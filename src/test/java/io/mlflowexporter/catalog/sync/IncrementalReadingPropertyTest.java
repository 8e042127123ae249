package io.mlflowexporter.catalog.sync;

import static org.assertj.core.api.Assertions.assertThat;

import io.mlflowexporter.catalog.RunTable;
import io.mlflowexporter.demo.SimulatedMlflow;
import io.mlflowexporter.demo.api.Faults.Answer;
import io.mlflowexporter.demo.life.SimulationOptions;
import io.mlflowexporter.mlflow.MlflowException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/**
 * Whatever happens on a server, a catalog read by increments says what a fresh reading says: at once of what shows in
 * times and statuses, after a resync of everything.
 */
final class IncrementalReadingPropertyTest {
    private static final long OVERLAP = Duration.ofMinutes(5).toMillis();

    private enum Kind {
        CREATE,
        CREATE_OLD,
        END,
        END_BY_A_CLOCK_FAR_OFF,
        RESUME,
        EDIT,
        DELETE,
        RESTORE,
        DELETE_EXPERIMENT,
        RESTORE_EXPERIMENT,
        RENAME_EXPERIMENT,
        NEW_EXPERIMENT,
        PURGE,
        REFRESH,
        REFRESH_AGAIN,
        FAIL,
        RESTART
    }

    private record Step(Kind kind, int pick, int seconds) {}

    @Provide
    Arbitrary<List<Step>> histories() {
        return Combinators.combine(
                        Arbitraries.of(Kind.class),
                        Arbitraries.integers().between(0, 1_000),
                        Arbitraries.integers().between(-290, 3_600))
                .as(Step::new)
                .list()
                .ofMinSize(10)
                .ofMaxSize(80);
    }

    @Property(tries = 60)
    void itSaysWhatAFreshReadingSays(@ForAll("histories") List<Step> history) throws Exception {
        try (World world = new World()) {
            for (Step step : history) {
                world.take(step);
            }
            world.refresh();
            world.resyncAll();
        }
    }

    private record Written(String experiment, boolean running) {}

    /** A server, its history, and what of it leaves no trace. */
    private static final class World implements AutoCloseable {
        private volatile Instant now = Instant.parse("2026-03-01T12:00:00Z");
        private final SimulatedMlflow server;
        private final MlflowWriter writer;
        private final TwoReadings readings;
        private final List<String> experiments = new ArrayList<>();
        private final Set<String> deletedExperiments = new HashSet<>();
        private final Set<String> switched = new HashSet<>();
        private final Map<String, Written> runs = new HashMap<>();
        private final Set<String> deletedRuns = new HashSet<>();
        private final Set<String> untraced = new HashSet<>();
        private Map<String, Double> counters = Map.of();
        private int names;

        World() throws Exception {
            server = SimulatedMlflow.start(
                    SimulationOptions.defaults().withRuns(0).withClock(() -> now));
            writer = new MlflowWriter(server.uri());
            readings = new TwoReadings(
                    server.uri(), () -> now, Map.of("refresh.resync_share", "0.001", "mlflow.page_size", "7"));
            experiments.add(writer.experiment("first"));
        }

        private <T> T pick(List<T> among, int pick) {
            return among.get(pick % among.size());
        }

        void take(Step step) throws MlflowException {
            now = now.plusSeconds(step.seconds / 60 + 5);
            String experiment = pick(experiments, step.pick);
            boolean gone = deletedExperiments.contains(experiment);
            List<String> known = runs.keySet().stream().sorted().toList();
            String run = known.isEmpty() ? "" : pick(known, step.pick);
            boolean usable = !run.isEmpty()
                    && !deletedRuns.contains(run)
                    && !deletedExperiments.contains(runs.get(run).experiment);
            switch (step.kind) {
                case CREATE -> {
                    for (int i = 0; i < 1 + step.pick % 4 && !gone; i++) {
                        start(experiment, now.plusSeconds(step.seconds).toEpochMilli());
                    }
                }
                case CREATE_OLD -> {
                    if (!gone) {
                        String old = start(experiment, step.pick % 5 == 0 ? 0 : 1_700_000_000_000L + step.pick / 20);
                        end(old, "FINISHED", 1_700_000_100_000L);
                        untraced.add(old);
                    }
                }
                case END -> {
                    if (usable) {
                        end(run, step.pick % 2 == 0 ? "FINISHED" : "FAILED", now.toEpochMilli());
                    }
                }
                case END_BY_A_CLOCK_FAR_OFF -> {
                    if (usable && runs.get(run).running) {
                        end(run, "KILLED", now.toEpochMilli() - 10 * OVERLAP);
                        // One that no refresh has met while it ran is an import with old times.
                        untraced.add(run);
                    }
                }
                case RESUME -> {
                    if (usable) {
                        writer.status(run, "RUNNING", 0);
                        runs.put(run, new Written(runs.get(run).experiment, true));
                    }
                }
                case EDIT -> {
                    if (usable) {
                        writer.tag(run, "team", "t" + step.pick);
                        changed(run);
                    }
                }
                case DELETE -> {
                    if (usable) {
                        writer.runDeleted(run, true);
                        deletedRuns.add(run);
                    }
                }
                case RESTORE -> {
                    if (deletedRuns.contains(run) && !deletedExperiments.contains(runs.get(run).experiment)) {
                        writer.runDeleted(run, false);
                        deletedRuns.remove(run);
                    }
                }
                case DELETE_EXPERIMENT -> {
                    if (!gone && !experiment.equals(experiments.get(0))) {
                        switchExperiment(experiment, true);
                        deletedExperiments.add(experiment);
                    }
                }
                case RESTORE_EXPERIMENT -> {
                    if (gone) {
                        switchExperiment(experiment, false);
                        deletedExperiments.remove(experiment);
                        deletedRuns.removeIf(r -> runs.get(r).experiment.equals(experiment));
                    }
                }
                case RENAME_EXPERIMENT -> {
                    if (!gone) {
                        writer.rename(experiment, "renamed training " + names++);
                    }
                }
                case NEW_EXPERIMENT -> experiments.add(writer.experiment("more " + names++));
                case PURGE -> {
                    server.purgeDeleted();
                    experiments.removeAll(deletedExperiments);
                    runs.entrySet().removeIf(entry -> {
                        boolean purged = deletedRuns.contains(entry.getKey())
                                || deletedExperiments.contains(entry.getValue().experiment);
                        if (purged) {
                            untraced.add(entry.getKey());
                        }
                        return purged;
                    });
                    deletedRuns.clear();
                    deletedExperiments.clear();
                }
                case REFRESH, REFRESH_AGAIN -> refresh();
                case FAIL -> {
                    server.faults().next("runs/search", 1 + step.pick % 3, Answer.error(500, "INTERNAL_ERROR"));
                    try {
                        readings.refresh();
                    } catch (MlflowException e) {
                        assertThat(e.kind()).isEqualTo(MlflowException.Kind.UNAVAILABLE);
                    }
                    server.faults().clear();
                }
                case RESTART -> {
                    refresh();
                    readings.restart();
                }
            }
        }

        private String start(String experiment, long start) {
            String run = writer.run(experiment, "Training " + names++, start);
            runs.put(run, new Written(experiment, true));
            return run;
        }

        private void end(String run, String status, long end) {
            writer.status(run, status, end);
            runs.put(run, new Written(runs.get(run).experiment, false));
        }

        private void switchExperiment(String experiment, boolean deleted) {
            writer.deleted(experiment, deleted);
            runs.forEach((id, run) -> {
                // Twice between two refreshes shows nowhere.
                if (run.experiment.equals(experiment) && switched.contains(experiment)) {
                    untraced.add(id);
                }
            });
            switched.add(experiment);
        }

        /** An unfinished run is met by every refresh. */
        private void changed(String run) {
            if (!runs.get(run).running) {
                untraced.add(run);
            }
        }

        void refresh() throws MlflowException {
            readings.refresh();
            switched.clear();
            Map<String, String> fresh = readings.fresh();
            Map<String, String> known = readings.known();
            fresh.keySet().removeAll(untraced);
            known.keySet().removeAll(untraced);
            assertThat(known).isEqualTo(fresh);
            countersDoNotFall();
        }

        void resyncAll() throws MlflowException {
            readings.resync(() -> now = now.plusSeconds(60));
            assertThat(readings.known()).isEqualTo(readings.fresh());
            countersDoNotFall();
        }

        private void countersDoNotFall() {
            Map<String, Double> counted = new HashMap<>();
            RunTable table = readings.catalog().runs();
            for (int row = 0; row < table.size(); row++) {
                counted.merge("started " + table.countedPhase(row), table.counted(row) ? 1.0 : 0, Double::sum);
                if (table.countedEnd(row)) {
                    counted.merge("ended " + table.countedStatus(row), 1.0, Double::sum);
                    counted.merge("millis", (double) Math.max(0, table.countedMillis(row)), Double::sum);
                }
            }
            counters.forEach((name, value) ->
                    assertThat(counted.getOrDefault(name, 0.0)).as(name).isGreaterThanOrEqualTo(value));
            counters = counted;
        }

        @Override
        public void close() {
            server.close();
        }
    }
}
