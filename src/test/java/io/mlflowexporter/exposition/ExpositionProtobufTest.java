package io.mlflowexporter.exposition;

import static io.mlflowexporter.exposition.ExampleFamilies.durations;
import static io.mlflowexporter.exposition.ExampleFamilies.family;
import static io.mlflowexporter.exposition.ExampleFamilies.value;
import static org.assertj.core.api.Assertions.assertThat;

import io.prometheus.metrics.expositionformats.generated.com_google_protobuf_4_36_2.Metrics;
import io.prometheus.metrics.expositionformats.generated.com_google_protobuf_4_36_2.Metrics.MetricFamily;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The delimited protobuf format, read back with the generated classes. */
class ExpositionProtobufTest {
    @Test
    void everyTypeIsThere() {
        List<MetricFamily> families = families(Scrapes.render(
                family(ExampleFamilies.RUNS, value(3, "bikes", "training", "finished")),
                family(ExampleFamilies.STARTED, value(4, "bikes", "training")),
                family(ExampleFamilies.ALIAS, value(1, "bikes", "champion", "7"))));

        assertThat(families)
                .extracting(MetricFamily::getName, MetricFamily::getType)
                .startsWith(
                        org.assertj.core.groups.Tuple.tuple("mlflow_runs", Metrics.MetricType.GAUGE),
                        org.assertj.core.groups.Tuple.tuple("mlflow_runs_started_total", Metrics.MetricType.COUNTER),
                        org.assertj.core.groups.Tuple.tuple("mlflow_model_alias_info", Metrics.MetricType.GAUGE));
        assertThat(families.get(0).getMetric(0).getGauge().getValue()).isEqualTo(3);
        assertThat(families.get(1).getMetric(0).getCounter().getValue()).isEqualTo(4);
        assertThat(families.get(2).getMetric(0).getGauge().getValue()).isEqualTo(1);
    }

    @Test
    void histogramsAreClassicAndNative() {
        Metrics.Histogram histogram = families(Scrapes.render(family(
                        ExampleFamilies.DURATION,
                        durations(List.of("bikes", "training", "finished"), 0, 0.9, 1, 1.05, 42, 43, 700_000))))
                .get(0)
                .getMetric(0)
                .getHistogram();

        assertThat(histogram.getSampleCount()).isEqualTo(7);
        assertThat(histogram.getSampleSum()).isEqualTo(0 + 0.9 + 1 + 1.05 + 42 + 43 + 700_000);
        assertThat(histogram.getBucketList())
                .filteredOn(b -> b.getUpperBound() == 1 || b.getUpperBound() == 60)
                .extracting(Metrics.Bucket::getCumulativeCount)
                .containsExactly(3L, 6L);
        assertThat(histogram.getSchema()).isEqualTo(3);
        assertThat(histogram.getZeroThreshold()).isEqualTo(0.0005);
        assertThat(histogram.getZeroCount()).isEqualTo(1);
        // Bucket i holds (2^((i-1)/8), 2^(i/8)]: ⌈8·log2(value)⌉.
        assertThat(nativeBuckets(histogram))
                .containsExactlyInAnyOrderEntriesOf(
                        Map.of(index(0.9), 1L, 0, 1L, 1, 1L, index(42), 2L, index(700_000), 1L));
    }

    @Test
    void theNewestRunOfABucketIsItsExemplar() {
        Metrics.Bucket bucket = families(Scrapes.render(
                        family(ExampleFamilies.DURATION, durations(List.of("bikes", "training", "finished"), 42, 43))))
                .get(0)
                .getMetric(0)
                .getHistogram()
                .getBucketList()
                .stream()
                .filter(Metrics.Bucket::hasExemplar)
                .findFirst()
                .orElseThrow();

        assertThat(bucket.getUpperBound()).isEqualTo(60);
        assertThat(bucket.getExemplar().getValue()).isEqualTo(43);
        assertThat(bucket.getExemplar().getLabel(0).getName()).isEqualTo("run_id");
        assertThat(bucket.getExemplar().getLabel(0).getValue()).isEqualTo("run1");
        assertThat(bucket.getExemplar().getTimestamp().getSeconds()).isEqualTo(1_700_000_001L);
    }

    private static int index(double seconds) {
        return (int) Math.ceil(8 * Math.log(seconds) / Math.log(2));
    }

    private static Map<Integer, Long> nativeBuckets(Metrics.Histogram histogram) {
        Map<Integer, Long> buckets = new TreeMap<>();
        int index = 0;
        int delta = 0;
        long count = 0;
        for (Metrics.BucketSpan span : histogram.getPositiveSpanList()) {
            index += span.getOffset();
            for (int i = 0; i < span.getLength(); i++) {
                count += histogram.getPositiveDelta(delta++);
                if (count != 0) {
                    buckets.put(index, count);
                }
                index++;
            }
        }
        return buckets;
    }

    static List<MetricFamily> families(Exposition exposition) {
        byte[] bytes = Scrapes.bytes(
                exposition.scrape(Scrapes.request(Scrapes.PROTOBUF, false), new PrometheusRegistry(), Scrapes.NOW));
        List<MetricFamily> families = new ArrayList<>();
        ByteArrayInputStream in = new ByteArrayInputStream(bytes);
        try {
            while (in.available() > 0) {
                families.add(MetricFamily.parseDelimitedFrom(in));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return families;
    }
}
