package io.mlflowexporter.cost;

import io.mlflowexporter.cost.pricing.Resource.Provenance;
import io.mlflowexporter.cost.pricing.Tariff;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** The ledger's pass over 100,000 runs of 60 days: windows, counters, budgets, coverage. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
public class WindowSumsBenchmark {
    private static final int RUNS = 100_000;
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

    private Costs costs =
            new Costs(new FakeMlflow(), PricingFiles.in(ZoneOffset.UTC).model());

    @Setup
    public void runs() {
        SplittableRandom random = new SplittableRandom(7);
        FakeMlflow mlflow = new FakeMlflow();
        for (int experiment = 1; experiment <= 40; experiment++) {
            mlflow.experiment("", Integer.toString(experiment), "project-" + experiment, Map.of());
        }
        for (int i = 0; i < RUNS; i++) {
            Instant start = NOW.minus(Duration.ofSeconds(random.nextInt(60 * 86_400)));
            mlflow.put(FakeRun.finished("run-" + i, start, start.plusSeconds(1 + random.nextInt(600)))
                    .experiment(Integer.toString(1 + random.nextInt(40)))
                    .tag("kind", "cpu"));
        }
        CostModel model = PricingFiles.in(ZoneOffset.UTC)
                .resource("cpu", new Tariff.Piece(Long.MIN_VALUE, Long.MAX_VALUE, 0.5, "EUR", Provenance.LIST))
                .rule("cpu", false, PricingFiles.use("cpu", 2))
                .model();
        costs = new Costs(mlflow, model);
        costs.refresh(NOW);
    }

    /** All runs added up anew. */
    @Benchmark
    public Ledger.Report anew100k() {
        costs.ledger().restore(Ledger.Saved.nothing());
        return costs.compute(NOW);
    }

    /** Sums kept, nothing changed. */
    @Benchmark
    public Ledger.Report kept100k() {
        return costs.compute(NOW);
    }
}
