package io.mlflowexporter.cost;

import io.mlflowexporter.cost.usage.SharedMachines;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Who has which part of one host that 10,000 runs share, one of which goes on for all of a week. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
public class BusyHostBenchmark {
    private static final int RUNS = 10_000;
    private static final long WEEK = 7 * 24 * 3_600_000L;

    private final long[][] times = new long[RUNS][];
    private SharedMachines machines = new SharedMachines();
    private long changes;

    @Setup
    public void runs() {
        SplittableRandom random = new SplittableRandom(7);
        for (int row = 0; row < RUNS; row++) {
            long start = random.nextLong(WEEK);
            times[row] =
                    row == 0 ? new long[] {0, Long.MAX_VALUE} : new long[] {start, start + 1 + random.nextLong(WEEK)};
        }
        machines = read();
    }

    private SharedMachines read() {
        SharedMachines read = new SharedMachines();
        for (int row = 0; row < RUNS; row++) {
            read.put(row, "host", times[row], other -> {});
        }
        read.settle();
        return read;
    }

    /** All runs are met for the first time. */
    @Benchmark
    public Object anew10k() {
        return read().of(0);
    }

    /** One run ends. */
    @Benchmark
    public Object change10k() {
        changes++;
        machines.put(1, "host", new long[] {0, WEEK + changes}, other -> {});
        machines.settle();
        return machines.of(0);
    }
}
