package io.mlflowexporter.bench;

import io.mlflowexporter.metric.DurationHistogram;
import io.mlflowexporter.metric.Family;
import io.mlflowexporter.metric.Family.Distribution;
import io.mlflowexporter.metric.Family.Sample;
import io.mlflowexporter.metric.Family.Value;
import io.mlflowexporter.metric.FamilyDeclaration;
import io.mlflowexporter.runs.RunFamilies;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** A snapshot of about so many series as Prometheus counts them: four gauges and counters in five, else histograms. */
public final class Families {
    private static final int SERIES_OF_A_HISTOGRAM = 19;
    private static final String[] PHASES = {"data", "tuning", "training", "evaluation", "explanation", "inference"};
    private static final String[] STATUSES = {"running", "finished", "failed", "killed"};

    private Families() {}

    public static List<Family> of(int series) {
        SplittableRandom random = new SplittableRandom(7);
        List<Family> families = new ArrayList<>();
        for (FamilyDeclaration declaration : RunFamilies.declarations()) {
            boolean histogram = declaration.type() == FamilyDeclaration.Type.HISTOGRAM;
            int samples = histogram
                    ? series / 5 / SERIES_OF_A_HISTOGRAM
                    : series * 4 / 5 / (RunFamilies.declarations().size() - 1);
            families.add(family(declaration, samples, random));
        }
        return families;
    }

    private static Family family(FamilyDeclaration declaration, int count, SplittableRandom random) {
        List<Sample> samples = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            List<String> labels = new ArrayList<>();
            for (String label : declaration.labels()) {
                labels.add(
                        switch (label) {
                            case "experiment" -> "team-" + i / 24 % 50 + "/project-" + i / 24;
                            case "phase" -> PHASES[i / 4 % PHASES.length];
                            case "status" -> STATUSES[i % 4];
                            default -> label + "-" + i % 24;
                        });
            }
            samples.add(
                    declaration.type() == FamilyDeclaration.Type.HISTOGRAM
                            ? new Distribution("", labels, histogram(random))
                            : new Value("", labels(labels, i, declaration), random.nextInt(100_000) / 8.0));
        }
        return new Family(declaration, samples);
    }

    /** Families with few labels would else have samples with equal ones. */
    private static List<String> labels(List<String> labels, int number, FamilyDeclaration declaration) {
        List<String> unique = new ArrayList<>(labels);
        if (declaration.labels().size() < 3) {
            unique.set(0, labels.get(0) + "-" + number % 24);
        }
        return unique;
    }

    private static DurationHistogram histogram(SplittableRandom random) {
        DurationHistogram histogram = new DurationHistogram();
        for (int i = 0; i < 50; i++) {
            double seconds = Math.round(Math.exp(10 * random.nextDouble()) * 1000) / 1000.0;
            histogram.observe(seconds, Long.toHexString(random.nextLong()), 1_700_000_000_000L + i);
        }
        return histogram;
    }
}
