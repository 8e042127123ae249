package io.mlflowexporter.exposition;

import io.mlflowexporter.bench.Families;
import io.mlflowexporter.metric.Family;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** From 50,000 series' families to the bytes of the first scrape. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
public class RendererBenchmark {
    @Param({"false", "true"})
    private boolean gzip;

    private List<Family> families = List.of();
    private ExpositionRenderer renderer = new ExpositionRenderer(new ExpositionConfig(10_000_000, 100, 20, 200));

    @Setup
    public void families() {
        families = Families.of(50_000);
    }

    @Benchmark
    public ScrapeBody renderAndScrape() {
        Exposition exposition = renderer.render(List.of(new SectionInput("all", families, Instant.MAX)), false);
        return exposition.scrape(
                new ScrapeRequest("text/plain;version=0.0.4", gzip, Set.of()), new PrometheusRegistry(), Instant.EPOCH);
    }
}
