package io.mlflowexporter.llm.sync;

import static org.assertj.core.api.Assertions.assertThat;

import io.mlflowexporter.checkpoint.fields.SectionBytes;
import io.mlflowexporter.cost.pricing.LlmPrices;
import io.mlflowexporter.llm.sums.Hours;
import io.mlflowexporter.llm.sums.Measure;
import io.mlflowexporter.llm.sums.TraceTotals;
import io.mlflowexporter.metric.Times;
import io.mlflowexporter.mlflow.Experiment;
import io.mlflowexporter.mlflow.LifecycleStage;
import io.mlflowexporter.mlflow.MlflowException;
import io.mlflowexporter.mlflow.traces.Assessment;
import io.mlflowexporter.mlflow.traces.Trace;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Reading by the end of traces, rereading hours and the server's sums, against a plain model that holds all traces. */
final class TraceReadingPropertyTest {
    private static final long MINUTE = 60_000;
    private static final int MOST = 8;

    private FakeTraces server = new FakeTraces();
    private long now = 1_764_000_000_000L;
    private int next;

    /** An exporter; a new one goes on from a checkpoint. */
    private static final class Reader {
        private TraceTotals sums = new TraceTotals();
        private TraceSync sync;

        Reader(Duration horizon) {
            sync = sync(horizon, TraceSync.Saved.nothing());
        }

        Reader(Duration horizon, byte[] savedSums, byte[] savedSync) throws IOException {
            sums = SectionBytes.read(savedSums, TraceTotals::read);
            sync = sync(horizon, SectionBytes.read(savedSync, TraceSync::saved));
        }

        private TraceSync sync(Duration horizon, TraceSync.Saved saved) {
            return new TraceSync(
                    new TraceSyncSettings(
                            MOST, horizon, Duration.ofMinutes(5), Duration.ofMinutes(1), Duration.ofMinutes(10), 1),
                    () -> 0,
                    sums,
                    saved);
        }
    }

    private static Experiment experiment(String workspace, String id) {
        return new Experiment(workspace, id, "e" + id, LifecycleStage.ACTIVE, 0, 0, Map.of());
    }

    private static final List<Experiment> EXPERIMENTS =
            List.of(experiment("", "1"), experiment("", "2"), experiment("w", "3"));

    private void create(Random random, long latest, boolean inProgress) {
        Experiment experiment = EXPERIMENTS.get(random.nextInt(EXPERIMENTS.size()));
        long duration = random.nextInt(4) == 0 ? random.nextInt(30) * MINUTE : 125L * random.nextInt(160);
        long end = now - (latest == 0 ? 0 : random.nextLong(latest));
        server.put(FakeTraces.trace(
                experiment.workspace(),
                experiment.id(),
                "tr-" + next++,
                end - duration,
                inProgress ? Times.ABSENT : duration,
                inProgress ? Trace.State.IN_PROGRESS : random.nextInt(4) == 0 ? Trace.State.ERROR : Trace.State.OK,
                1 + random.nextInt(9)));
    }

    private void finish(Random random) {
        List<Trace> running = server.all().stream()
                .filter(trace -> trace.state() == Trace.State.IN_PROGRESS)
                .toList();
        if (!running.isEmpty()) {
            Trace trace = running.get(random.nextInt(running.size()));
            server.put(FakeTraces.trace(
                    trace.workspace(),
                    trace.experimentId(),
                    trace.id(),
                    trace.startMillis(),
                    (now - trace.startMillis()) / 125 * 125,
                    Trace.State.OK,
                    (int) trace.tokens().input()));
        }
    }

    private Trace any(Random random) {
        List<Trace> all = new ArrayList<>(server.all());
        return all.get(random.nextInt(all.size()));
    }

    private void refresh(Reader reader, Tally.Rules rules) {
        try {
            reader.sync.read(server, EXPERIMENTS, new Tally(rules, reader.sums), now);
        } catch (MlflowException e) {
            // Goes on next time.
        }
        reader.sums.age(
                Hours.of(now),
                reader.sync.thinBefore(now),
                hour -> hour - Math.floorMod(hour, 24),
                reader.sync.used(),
                Long.MAX_VALUE);
    }

    private static String key(String experiment, Measure measure) {
        return experiment + ' ' + measure.kind() + measure.labels();
    }

    /** Everything since an hour, as a plain sum over all traces. */
    private Map<String, Double> model(int fromHour, Tally.Rules rules) {
        return windows(plain(rules), fromHour);
    }

    private TraceTotals plain(Tally.Rules rules) {
        TraceTotals plain = new TraceTotals();
        Tally tally = new Tally(rules, plain);
        for (Trace trace : server.all()) {
            if (Tally.ended(trace)) {
                EXPERIMENTS.stream()
                        .filter(experiment -> experiment.id().equals(trace.experimentId()))
                        .forEach(experiment ->
                                plain.add(experiment, Hours.of(trace.startMillis()), tally.of(experiment, trace)));
            }
        }
        return plain;
    }

    /** What no window shows: durations are only counted, and calls of models are read by themselves. */
    private static final Set<Measure.Kind> UNTOLD =
            EnumSet.of(Measure.Kind.BUCKET, Measure.Kind.SECONDS, Measure.Kind.MODEL_CALLS, Measure.Kind.MODEL_COST);

    private static Map<String, Double> windows(TraceTotals sums, int fromHour) {
        Map<String, Double> all = new TreeMap<>();
        sums.windows(new int[] {fromHour}, (owner, window, measure, value) -> {
            if (!UNTOLD.contains(measure.kind()) && value != 0) {
                all.put(key(owner.id(), measure), value);
            }
        });
        return all;
    }

    private static Map<String, Double> counters(TraceTotals sums) {
        Map<String, Double> all = new TreeMap<>();
        sums.counters((owner, measure, value) -> {
            if (value != 0) {
                all.put(key(owner.id(), measure), value);
            }
        });
        return all;
    }

    private Map<String, Double> modelCounters(Tally.Rules rules) {
        TraceTotals plain = plain(rules);
        plain.settle();
        return counters(plain);
    }

    /** All costs and durations of the test add up without rounding. */
    private static void same(Map<String, Double> actual, Map<String, Double> expected) {
        Map<String, String> different = new TreeMap<>();
        actual.forEach((key, value) -> {
            if (!value.equals(expected.get(key))) {
                different.put(key, value + " instead of " + expected.get(key));
            }
        });
        expected.forEach((key, value) -> {
            if (!actual.containsKey(key)) {
                different.put(key, "nothing instead of " + value);
            }
        });
        assertThat(different).isEmpty();
    }

    private static final Tally.Rules RULES = new Tally.Rules(
            LlmPrices.SERVER_ONLY, List.of("tag:team"), false, Optional.of("team"), Optional.empty(), List.of());

    /** Traces that arrive in time are counted at once, once, whatever fails in between and however often it restarts. */
    @Property(tries = 300)
    void tracesInTimeAreCountedAtOnceAndOnce(@ForAll long seed) throws IOException {
        server = new FakeTraces();
        now = 1_764_000_000_000L;
        Random random = new Random(seed);
        server.aggregates(false);
        for (int i = random.nextInt(40); i > 0; i--) {
            create(random, Duration.ofDays(3).toMillis(), random.nextInt(5) == 0);
        }
        Reader reader = new Reader(Duration.ofHours(30));
        Map<String, Double> before = Map.of();
        for (int round = 0; round < 12; round++) {
            for (int i = random.nextInt(6); i > 0; i--) {
                create(random, 3 * MINUTE, random.nextInt(4) == 0);
            }
            if (random.nextBoolean()) {
                finish(random);
            }
            boolean failing = random.nextInt(4) == 0;
            server.failAfter(failing ? random.nextInt(10) : -1);
            refresh(reader, RULES);
            server.failAfter(-1);
            Map<String, Double> counted = counters(reader.sums);
            before.forEach((key, value) ->
                    assertThat(counted.getOrDefault(key, 0.0)).as(key).isGreaterThanOrEqualTo(value));
            before = counted;
            if (!failing) {
                for (int i = 0; reader.sync.pastToRead() > 0 && i < 50; i++) {
                    refresh(reader, RULES);
                }
                same(counters(reader.sums), modelCounters(RULES));
                same(windows(reader.sums, Hours.of(now) - 72), model(Hours.of(now) - 72, RULES));
                before = counters(reader.sums);
            }
            if (random.nextInt(3) == 0) {
                byte[] savedSums = SectionBytes.of(reader.sums::write);
                byte[] savedSync = SectionBytes.of(reader.sync::write);
                if (random.nextBoolean()) {
                    // What is read after the checkpoint is read again.
                    refresh(reader, RULES);
                }
                reader = new Reader(Duration.ofHours(30), savedSums, savedSync);
            }
            now += MINUTE * (random.nextInt(10) == 0 ? 60 : 1);
        }
    }

    /** Whatever changes inside the horizon is seen once it was read again; counters never fall. */
    @Property(tries = 300)
    void changesInsideTheHorizonAreSeenOnceItIsReadAgain(@ForAll long seed) throws IOException {
        server = new FakeTraces();
        now = 1_764_000_000_000L;
        Random random = new Random(seed);
        for (int i = random.nextInt(30); i > 0; i--) {
            create(random, Duration.ofDays(1).toMillis(), random.nextInt(5) == 0);
        }
        Reader reader = new Reader(Duration.ofHours(40));
        Map<String, Double> before = Map.of();
        boolean lowered = false;
        for (int round = 0; round < 15; round++) {
            server.aggregates(random.nextInt(8) != 0);
            boolean much = random.nextInt(3) == 0;
            for (int i = random.nextInt(much ? 60 : 5); i > 0; i--) {
                create(random, Duration.ofHours(random.nextInt(20) + 1).toMillis(), random.nextInt(4) == 0);
            }
            for (int i = random.nextInt(4); i > 0 && !server.all().isEmpty(); i--) {
                Trace trace = any(random);
                switch (random.nextInt(4)) {
                    case 0 -> {
                        server.remove(trace.id());
                        lowered = true;
                    }
                    case 1 ->
                        server.put(FakeTraces.assessed(
                                trace,
                                new Assessment(
                                        "a" + next++,
                                        "relevance",
                                        Assessment.Source.HUMAN,
                                        random.nextInt(2),
                                        true,
                                        now,
                                        Double.NaN)));
                    default -> finish(random);
                }
            }
            server.failAfter(random.nextInt(6) == 0 ? random.nextInt(20) : -1);
            refresh(reader, RULES);
            Map<String, Double> counted = counters(reader.sums);
            before.forEach((key, value) ->
                    assertThat(counted.getOrDefault(key, 0.0)).as(key).isGreaterThanOrEqualTo(value));
            before = counted;
            if (random.nextInt(4) == 0) {
                reader = new Reader(
                        Duration.ofHours(40), SectionBytes.of(reader.sums::write), SectionBytes.of(reader.sync::write));
            }
            now += MINUTE * (random.nextInt(6) == 0 ? 40 : 1);
        }
        server.failAfter(-1);
        for (int i = 0; i < 200 && (!reader.sync.aggregated().isEmpty() || reader.sync.pastToRead() > 0); i++) {
            refresh(reader, RULES);
            now += 2 * MINUTE;
        }
        assertThat(reader.sync.pastToRead()).isZero();
        for (int i = 0; i < 3; i++) {
            refresh(reader, RULES);
            now += 2 * MINUTE;
        }
        // All is read one by one again, twice over all of the horizon.
        assertThat(reader.sync.aggregated()).isEmpty();
        same(windows(reader.sums, Hours.of(now) - 40), model(Hours.of(now) - 40, RULES));
        if (!lowered) {
            same(counters(reader.sums), modelCounters(RULES));
        }
        assertThat(reader.sync.idsKept()).isLessThan(100);
    }

    /** Very many traces for a while, and then few again: nothing is lost or counted twice by reading them in two ways. */
    @Property(tries = 100)
    void switchingBothWaysLosesAndDoublesNothing(@ForAll long seed) throws IOException {
        server = new FakeTraces();
        now = 1_764_000_000_000L;
        Random random = new Random(seed);
        for (int i = random.nextInt(20); i > 0; i--) {
            create(random, Duration.ofDays(1).toMillis(), random.nextInt(5) == 0);
        }
        Reader reader = new Reader(Duration.ofHours(40));
        int switched = 0;
        int checked = 0;
        Set<String> before = Set.of();
        for (int round = 0; round < 40; round++) {
            boolean much = round % 20 >= 5 && round % 20 < 12;
            for (int i = much ? 60 + random.nextInt(20) : random.nextInt(4); i > 0; i--) {
                create(random, 2 * MINUTE, random.nextInt(8) == 0);
            }
            finish(random);
            refresh(reader, RULES);
            Set<String> aggregated = reader.sync.aggregated();
            switched += aggregated.equals(before) ? 0 : 1;
            before = aggregated;
            // Of what is running for long, and ends, the server's sums are asked for once an hour.
            boolean exact = aggregated.isEmpty() && reader.sync.pastToRead() == 0 && reader.sync.lagMillis(now) == 0;
            if (exact) {
                checked++;
                TraceTotals plain = plain(RULES);
                plain.settle();
                same(exactOnly(counters(reader.sums)), exactOnly(counters(plain)));
            }
            if (random.nextInt(5) == 0) {
                reader = new Reader(
                        Duration.ofHours(40), SectionBytes.of(reader.sums::write), SectionBytes.of(reader.sync::write));
            }
            now += MINUTE;
        }
        assertThat(switched).isGreaterThanOrEqualTo(2);
        assertThat(checked).isGreaterThanOrEqualTo(5);
    }

    /** What both ways of reading tell at once; the server's sums do not say which of an hour's traces had no cost. */
    private static Map<String, Double> exactOnly(Map<String, Double> all) {
        Map<String, Double> exact = new TreeMap<>(all);
        exact.keySet().removeIf(key -> !key.matches("\\S+ (TRACES|TOKENS|SPEND).*"));
        return exact;
    }
}
