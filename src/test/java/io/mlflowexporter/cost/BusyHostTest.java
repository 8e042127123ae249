package io.mlflowexporter.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.mlflowexporter.cost.pricing.PricingFileLoader;
import io.mlflowexporter.cost.usage.MachineShare;
import io.mlflowexporter.cost.usage.SharedMachines;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ten thousand runs on one host: each has its exact part, and a change costs work for each run once. */
final class BusyHostTest {
    private static final int RUNS = 10_000;
    private static final Instant NOW = Instant.parse("2026-03-10T12:00:00Z");
    private static final long END = NOW.toEpochMilli();
    private static final long WEEK = Duration.ofDays(7).toMillis();
    private static final long HOUR = Duration.ofHours(1).toMillis();

    private static void nobody(int row) {
        throw new AssertionError("run " + row + " has the part that it had");
    }

    @TempDir
    private Path directory;

    private final SplittableRandom random = new SplittableRandom(17);

    /** The first runs on and on; of the others each overlaps it. */
    private List<long[]> runs() {
        List<long[]> runs = new ArrayList<>(List.of(new long[] {END - WEEK, Long.MAX_VALUE}));
        for (int i = 1; i < RUNS; i++) {
            long start = END - WEEK + random.nextLong(WEEK - HOUR);
            runs.add(new long[] {start, i % 10 == 0 ? Long.MAX_VALUE : start + 1 + random.nextLong(HOUR)});
        }
        return runs;
    }

    /** What a run that uses the machine all the time has of it up to each moment, in milliseconds, added up plainly. */
    private static Map<Long, BigDecimal> plain(List<long[]> runs) {
        TreeMap<Long, Integer> changes = new TreeMap<>(Map.of(END, 0));
        for (long[] run : runs) {
            changes.merge(run[0], 1, Integer::sum);
            changes.merge(Math.min(run[1], END), -1, Integer::sum);
        }
        Map<Long, BigDecimal> part = new HashMap<>();
        BigDecimal sum = BigDecimal.ZERO;
        long last = changes.firstKey();
        int using = 0;
        for (Map.Entry<Long, Integer> change : changes.entrySet()) {
            if (using > 0) {
                sum = sum.add(
                        new BigDecimal(change.getKey() - last).divide(new BigDecimal(using), MathContext.DECIMAL128));
            }
            part.put(change.getKey(), sum);
            last = change.getKey();
            using += change.getValue();
        }
        return part;
    }

    private static double due(Map<Long, BigDecimal> plain, long[] run) {
        return plain.get(Math.min(run[1], END)).subtract(plain.get(run[0])).doubleValue();
    }

    private static void partsAreExact(SharedMachines machines, List<long[]> runs) {
        Map<Long, BigDecimal> plain = plain(runs);
        for (int row = 0; row < runs.size(); row++) {
            double due = due(plain, runs.get(row));
            assertThat(machines.of(row).millis(runs.get(row)[0], Math.min(runs.get(row)[1], END)))
                    .isCloseTo(due, within(1e-14 * due));
        }
    }

    @Test
    void eachChangeIsWorkForEachRunOnceHoweverManyChange() {
        List<long[]> runs = runs();
        SharedMachines machines = new SharedMachines();
        for (int row = 0; row < RUNS; row++) {
            machines.put(row, "host", runs.get(row), BusyHostTest::nobody);
        }
        machines.settle();
        partsAreExact(machines, runs);

        MachineShare before = machines.of(0);
        for (int row = 0; row < RUNS; row++) {
            machines.put(row, "host", runs.get(row), BusyHostTest::nobody);
        }
        machines.settle();
        assertThat(machines.of(RUNS - 1)).as("nothing was computed again").isSameAs(before);

        AtomicInteger told = new AtomicInteger();
        for (int row = 10; row < RUNS; row += 10) {
            runs.set(row, new long[] {runs.get(row)[0], END - 1 - row});
            machines.put(row, "host", runs.get(row), other -> told.incrementAndGet());
        }
        for (int i = 0; i < 100; i++) {
            runs.add(new long[] {END - 1 - i, Long.MAX_VALUE});
            machines.put(RUNS + i, "host", runs.get(RUNS + i), other -> told.incrementAndGet());
        }
        assertThat(told).as("999 ended and 100 began").hasValue(RUNS);
        machines.settle();
        partsAreExact(machines, runs);
        Set<MachineShare> shares = new HashSet<>();
        IntStream.range(0, runs.size()).forEach(row -> shares.add(machines.of(row)));
        assertThat(shares).as("computed once for all").hasSize(1);
    }

    @Test
    void runsThatComeOneAfterTheOtherHaveTheWholeMachineAndNothingToDoWithEachOther() {
        SharedMachines machines = new SharedMachines();
        for (int row = 0; row < RUNS; row++) {
            machines.put(row, "host", new long[] {END + row * HOUR, END + (row + 1) * HOUR}, BusyHostTest::nobody);
            machines.settle();
        }
        for (int row = 0; row < RUNS; row++) {
            assertThat(machines.of(row)).isSameAs(MachineShare.WHOLE);
        }
        Set<Integer> others = new HashSet<>();
        machines.put(RUNS, "host", new long[] {END + 5_000 * HOUR + 1, END + 5_000 * HOUR + 2}, others::add);
        machines.settle();
        assertThat(others).containsExactly(5_000);
        assertThat(machines.of(RUNS).millis(END + 5_000 * HOUR + 1, END + 5_000 * HOUR + 2))
                .isEqualTo(0.5);
        machines.put(RUNS, "", new long[0], others::add);
        machines.settle();
        assertThat(others).containsExactlyInAnyOrder(5_000, RUNS);
        assertThat(machines.of(5_000)).isSameAs(MachineShare.WHOLE);
    }

    @Test
    void theHostIsPaidOnceAndEachRunItsPart() throws Exception {
        List<long[]> runs = runs();
        FakeMlflow mlflow = new FakeMlflow();
        mlflow.experiment("", "1", "churn", Map.of());
        for (int i = 0; i < RUNS; i++) {
            Instant start = Instant.ofEpochMilli(runs.get(i)[0]);
            boolean running = runs.get(i)[1] == Long.MAX_VALUE;
            mlflow.put((running
                            ? FakeRun.running("run-" + i, start).lastMetric(NOW)
                            : FakeRun.finished("run-" + i, start, Instant.ofEpochMilli(runs.get(i)[1])))
                    .tag("host", "h1"));
        }
        Path book = Files.writeString(directory.resolve("book.yaml"), """
                currency: EUR
                resources: [{name: node, prices: [{per_hour: 10}]}]
                rules: [{phase: [training], uses: [{resource: node}], shared_by: tag:host}]
                """);
        Costs costs = new Costs(mlflow, CostModel.of(PricingFileLoader.load(book)));
        costs.refresh(NOW);

        assertThat(costs.sum("mlflow_compute_spend_total")).isCloseTo(7 * 24 * 10, within(1e-9));
        Map<Long, BigDecimal> plain = plain(runs);
        for (int i = 0; i < RUNS; i += 97) {
            assertThat(costs.ledger().costOf(costs.catalog(), "run-" + i, END).get("EUR"))
                    .isCloseTo(due(plain, runs.get(i)) * 10 / HOUR, within(1e-12));
        }
    }
}
