package io.mlflowexporter.catalog;

import io.mlflowexporter.checkpoint.fields.FieldReader;
import io.mlflowexporter.checkpoint.fields.FieldWriter;
import io.mlflowexporter.metric.DurationHistogram;
import io.mlflowexporter.metric.Family;
import io.mlflowexporter.metric.Family.Distribution;
import io.mlflowexporter.metric.FamilyDeclaration;
import io.mlflowexporter.mlflow.Experiment;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Durations by experiment and one more label, which outlive the process. Belongs to the refresh thread. */
public final class ExperimentHistograms {
    private record Key(String experimentId, String label) implements Comparable<Key> {
        private static final Comparator<Key> ORDER =
                Comparator.comparing(Key::experimentId).thenComparing(Key::label);

        @Override
        public int compareTo(Key other) {
            return ORDER.compare(this, other);
        }
    }

    private final Map<Key, DurationHistogram> histograms = new LinkedHashMap<>();

    /**
     * Adds one value.
     *
     * @param label what tells it from others of the experiment
     * @param seconds finite and not negative
     * @param runId the exemplar's run
     * @param timestampMillis the newest stays as its bucket's exemplar
     */
    public void observe(String experimentId, String label, double seconds, String runId, long timestampMillis) {
        histograms
                .computeIfAbsent(new Key(experimentId, label), key -> new DurationHistogram())
                .observe(seconds, runId, timestampMillis);
    }

    /** As a family with two labels: the experiment's name, and the other. */
    public Family family(FamilyDeclaration declaration, Catalog catalog) {
        List<Family.Sample> samples = new ArrayList<>();
        histograms.forEach((key, histogram) -> {
            Experiment experiment = catalog.experiment(key.experimentId());
            // A copy: what is published must not change.
            samples.add(new Distribution(
                    experiment.workspace(),
                    List.of(experiment.name(), key.label()),
                    histogram.merge(new DurationHistogram())));
        });
        return new Family(declaration, samples);
    }

    /** Writes all of it, as a field. */
    public void write(FieldWriter out, String name) throws IOException {
        out.list(name, histograms.entrySet(), (element, entry) -> {
            element.text("experimentId", entry.getKey().experimentId());
            element.text("label", entry.getKey().label());
            element.object("histogram", entry.getValue()::write);
        });
    }

    /**
     * What {@link #write} wrote.
     *
     * @throws IOException if it is not that
     */
    public static ExperimentHistograms read(FieldReader in) throws IOException {
        ExperimentHistograms read = new ExperimentHistograms();
        in.each(read::histogram);
        return read;
    }

    private void histogram(FieldReader in) throws IOException {
        String experimentId = "";
        String label = "";
        DurationHistogram histogram = new DurationHistogram();
        while (in.next()) {
            switch (in.name()) {
                case "experimentId" -> experimentId = in.text();
                case "label" -> label = in.text();
                case "histogram" -> histogram = in.object(DurationHistogram::read);
                default -> {
                    // Of another version.
                }
            }
        }
        histograms.put(new Key(experimentId, label), histogram);
    }
}
