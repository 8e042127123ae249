package io.mlflowexporter.exposition;

import io.mlflowexporter.metric.DurationHistogram;
import io.mlflowexporter.metric.Family;
import io.mlflowexporter.metric.Family.Distribution;
import io.mlflowexporter.metric.Family.Sample;
import io.mlflowexporter.metric.Family.Value;
import io.mlflowexporter.metric.FamilyDeclaration;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Exemplar;
import io.prometheus.metrics.model.snapshots.Exemplars;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot.InfoDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricMetadata;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.NativeHistogramBuckets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.function.BiFunction;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Says a family in client_java's words. */
final class Snapshots {
    private static final String WORKSPACE = "workspace";

    /** What MLflow makes, with room: OpenMetrics allows an exemplar's labels 128 characters in all. */
    private static final Pattern RUN_ID = Pattern.compile("[!-~]{1,100}");

    /** client_java's "no timestamp": counters are known since before this process, since when nobody noted. */
    private static final long NO_CREATED_TIMESTAMP = 0;

    private Snapshots() {}

    static MetricSnapshot of(Family family) {
        FamilyDeclaration declaration = family.declaration();
        return switch (declaration.type()) {
            case GAUGE ->
                new GaugeSnapshot(
                        metadata(declaration, ""),
                        points(family, (labels, s) -> new GaugeDataPointSnapshot(value(s), labels, null)));
            case COUNTER ->
                new CounterSnapshot(
                        metadata(declaration, "_total"),
                        points(
                                family,
                                (labels, s) ->
                                        new CounterDataPointSnapshot(value(s), labels, null, NO_CREATED_TIMESTAMP)));
            case INFO ->
                new InfoSnapshot(
                        metadata(declaration, "_info"),
                        points(family, (labels, s) -> new InfoDataPointSnapshot(labels)));
            case HISTOGRAM ->
                new HistogramSnapshot(
                        metadata(declaration, ""),
                        points(family, (labels, s) -> histogram(labels, ((Distribution) s).histogram())));
        };
    }

    private static MetricMetadata metadata(FamilyDeclaration declaration, String suffix) {
        String name = declaration.name().substring(0, declaration.name().length() - suffix.length());
        return MetricMetadata.builder()
                .name(name)
                .expositionBaseName(declaration.name())
                .originalName(declaration.name())
                .help(declaration.help())
                .build();
    }

    private static <P> List<P> points(Family family, BiFunction<Labels, Sample, P> point) {
        String[] own = family.declaration().labels().toArray(String[]::new);
        String[] withWorkspace =
                Stream.concat(Stream.of(WORKSPACE), Arrays.stream(own)).toArray(String[]::new);
        List<P> points = new ArrayList<>(family.samples().size());
        for (Sample sample : family.samples()) {
            // An empty label is an absent one: the exporter's own families are in no workspace.
            boolean inWorkspace = !sample.workspace().isEmpty();
            String[] values = new String[inWorkspace ? withWorkspace.length : own.length];
            int at = 0;
            if (inWorkspace) {
                values[at++] = sample.workspace();
            }
            for (String value : sample.labelValues()) {
                values[at++] = value;
            }
            points.add(point.apply(Labels.of(inWorkspace ? withWorkspace : own, values), sample));
        }
        return points;
    }

    private static double value(Sample sample) {
        return ((Value) sample).value();
    }

    private static HistogramDataPointSnapshot histogram(Labels labels, DurationHistogram histogram) {
        SortedMap<Integer, Long> counts = histogram.nativeCounts();
        return new HistogramDataPointSnapshot(
                ClassicHistogramBuckets.of(histogram.layout().upperBounds(), histogram.classicCounts()),
                DurationHistogram.NATIVE_SCHEMA,
                histogram.zeroCount(),
                DurationHistogram.ZERO_THRESHOLD,
                NativeHistogramBuckets.of(
                        counts.keySet().stream().mapToInt(Integer::intValue).toArray(),
                        counts.values().stream().mapToLong(Long::longValue).toArray()),
                NativeHistogramBuckets.EMPTY,
                histogram.sum(),
                labels,
                exemplars(histogram),
                NO_CREATED_TIMESTAMP);
    }

    private static Exemplars exemplars(DurationHistogram histogram) {
        List<Exemplar> exemplars = new ArrayList<>();
        String label = histogram.layout().exemplarLabel();
        for (DurationHistogram.Exemplar exemplar : histogram.exemplars()) {
            if (exemplar != null && RUN_ID.matcher(exemplar.runId()).matches()) {
                exemplars.add(new Exemplar(
                        exemplar.seconds(), Labels.of(label, exemplar.runId()), exemplar.timestampMillis()));
            }
        }
        return Exemplars.of(exemplars);
    }
}
