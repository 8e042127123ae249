package io.mlflowexporter.backfill;

import static org.assertj.core.api.Assertions.assertThat;

import io.mlflowexporter.metric.DurationHistogram;
import io.mlflowexporter.metric.Family;
import io.mlflowexporter.metric.Family.Distribution;
import io.mlflowexporter.metric.Family.Value;
import io.mlflowexporter.metric.FamilyDeclaration;
import io.mlflowexporter.metric.FamilyDeclaration.Fold;
import io.mlflowexporter.metric.FamilyDeclaration.Stability;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The text, and that it is the same whether it fits into memory or not. */
final class HistoryTest {
    private static final FamilyDeclaration COST_TOTAL = declaration("x_cost_total", FamilyDeclaration.Type.COUNTER);
    private static final FamilyDeclaration COST = declaration("x_cost", FamilyDeclaration.Type.GAUGE);
    private static final FamilyDeclaration TIME = declaration("x_seconds", FamilyDeclaration.Type.HISTOGRAM);

    private static FamilyDeclaration declaration(String name, FamilyDeclaration.Type type) {
        return new FamilyDeclaration(name, type, "What it \"is\".", List.of("name"), Stability.STABLE, Fold.NEVER);
    }

    private static String write(long mostInMemory) throws IOException {
        TreeMap<String, String> labels = new TreeMap<>(Map.of("job", "mlflow"));
        try (History history = new History(labels, mostInMemory)) {
            DurationHistogram histogram = new DurationHistogram();
            for (int i = 0; i < 3; i++) {
                histogram.observe(40, "r", i);
                history.add(
                        1_000_000_000_000L + i * 1_500L,
                        List.of(
                                new Family(
                                        COST_TOTAL,
                                        List.of(
                                                new Value("", List.of("b"), i),
                                                new Value("w", List.of("a\\\"\n"), 0.1 * i))),
                                new Family(COST, i == 1 ? List.of() : List.of(new Value("", List.of("b"), Double.NaN))),
                                new Family(
                                        TIME,
                                        List.of(new Distribution(
                                                "", List.of("b"), histogram.merge(new DurationHistogram()))))));
            }
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            history.drain(out);
            return out.toString(StandardCharsets.UTF_8);
        }
    }

    @Test
    void familiesAndSeriesAreTogether() throws IOException {
        String text = write(Long.MAX_VALUE);
        assertThat(text).startsWith("""
                # TYPE x_cost_total unknown
                # HELP x_cost_total What it \\"is\\".
                x_cost_total{job="mlflow",name="a\\\\\\"\\n",workspace="w"} 0.0 1000000000
                x_cost_total{job="mlflow",name="a\\\\\\"\\n",workspace="w"} 0.1 1000000001.500
                x_cost_total{job="mlflow",name="a\\\\\\"\\n",workspace="w"} 0.2 1000000003
                x_cost_total{job="mlflow",name="b"} 0.0 1000000000
                x_cost_total{job="mlflow",name="b"} 1.0 1000000001.500
                x_cost_total{job="mlflow",name="b"} 2.0 1000000003
                # TYPE x_cost gauge
                # HELP x_cost What it \\"is\\".
                x_cost{job="mlflow",name="b"} NaN 1000000000
                x_cost{job="mlflow",name="b"} NaN 1000000003
                # TYPE x_seconds histogram
                # HELP x_seconds What it \\"is\\".
                x_seconds_bucket{job="mlflow",name="b",le="1.0"} 0 1000000000
                """);
        assertThat(text).contains("""
                        x_seconds_bucket{job="mlflow",name="b",le="60.0"} 2 1000000001.500
                        """, """
                        x_seconds_bucket{job="mlflow",name="b",le="+Inf"} 3 1000000003
                        x_seconds_count{job="mlflow",name="b"} 3 1000000003
                        x_seconds_sum{job="mlflow",name="b"} 120.0 1000000003
                        """).endsWith("# EOF\n");
    }

    @Test
    void whatDoesNotFitIntoMemoryIsTheSame() throws IOException {
        assertThat(write(0)).isEqualTo(write(Long.MAX_VALUE));
        assertThat(write(30)).isEqualTo(write(Long.MAX_VALUE));
    }
}
