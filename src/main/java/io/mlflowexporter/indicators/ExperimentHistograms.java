package io.mlflowexporter.indicators;

import io.mlflowexporter.catalog.Catalog;
import io.mlflowexporter.indicators.Family.Distribution;
import io.mlflowexporter.mlflow.Experiment;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Durations by experiment and one more label, which outlive the process. Belongs to the refresh thread. */
public final class ExperimentHistograms {
    private record Key(String experimentId, String label) {}

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

    /** Writes all of it. */
    public void write(DataOutput out) throws IOException {
        out.writeInt(histograms.size());
        for (Map.Entry<Key, DurationHistogram> entry : histograms.entrySet()) {
            out.writeUTF(entry.getKey().experimentId());
            out.writeUTF(entry.getKey().label());
            entry.getValue().write(out);
        }
    }

    /**
     * What {@link #write} wrote.
     *
     * @throws IOException if it is not that
     */
    public static ExperimentHistograms read(DataInput in) throws IOException {
        ExperimentHistograms read = new ExperimentHistograms();
        for (int left = in.readInt(); left > 0; left--) {
            read.histograms.put(new Key(in.readUTF(), in.readUTF()), DurationHistogram.read(in));
        }
        return read;
    }
}
