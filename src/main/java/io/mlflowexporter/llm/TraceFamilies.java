package io.mlflowexporter.llm;

import io.mlflowexporter.llm.sums.Measure;
import io.mlflowexporter.llm.sums.TraceExemplar;
import io.mlflowexporter.llm.sums.TraceTotals;
import io.mlflowexporter.llm.sums.TraceTotals.Owner;
import io.mlflowexporter.metric.DurationHistogram;
import io.mlflowexporter.metric.Family;
import io.mlflowexporter.metric.Family.Distribution;
import io.mlflowexporter.metric.FamilyDeclaration;
import io.mlflowexporter.metric.FamilyDeclaration.Fold;
import io.mlflowexporter.metric.FamilyDeclaration.Stability;
import io.mlflowexporter.metric.HistogramLayout;
import io.mlflowexporter.metric.Samples;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** How many traces there are, how long they took, their tokens and what was said of them. */
final class TraceFamilies {
    static final FamilyDeclaration TRACES = counter(
            "mlflow_traces_total",
            "LLM traces seen to have ended, by how they ended, each once, as of the snapshot.",
            "experiment",
            "status");
    static final FamilyDeclaration IN_PROGRESS = new FamilyDeclaration(
            "mlflow_traces_in_progress",
            FamilyDeclaration.Type.GAUGE,
            "LLM traces in progress that started within traces.horizon, as of the snapshot.",
            List.of("experiment"),
            Stability.STABLE,
            Fold.sum("experiment"));
    static final FamilyDeclaration DURATION = new FamilyDeclaration(
            "mlflow_trace_duration_seconds",
            FamilyDeclaration.Type.HISTOGRAM,
            "Duration of LLM traces seen to have ended, each once, as of the snapshot.",
            List.of("experiment", "status"),
            Stability.STABLE,
            Fold.sum("experiment"));
    static final FamilyDeclaration TOKENS = counter(
            "mlflow_trace_tokens_total",
            "Tokens that ended LLM traces report, by type, as of the snapshot; cached tokens are part of input or beside it,"
                    + " as the provider counts.",
            "experiment",
            "type");
    static final FamilyDeclaration ASSESSMENTS = counter(
            "mlflow_assessments_total",
            "Feedback on LLM traces that was not overridden, by name and source, as of the snapshot.",
            "experiment",
            "assessment",
            "source");

    private final Samples traces = new Samples();
    private final Samples tokens = new Samples();
    private final Samples assessments = new Samples();
    private final Map<Owner, Map<String, Histogram>> durations = new HashMap<>();

    /** What is counted of the durations of one status. */
    private static final class Histogram {
        private final Map<Integer, Long> classic = new TreeMap<>();
        private final Map<Integer, Long> natives = new TreeMap<>();
        private final Map<Integer, DurationHistogram.Exemplar> newest = new TreeMap<>();
        private long zeros;
        private double seconds;
    }

    private static FamilyDeclaration counter(String name, String help, String... labels) {
        return new FamilyDeclaration(
                name, FamilyDeclaration.Type.COUNTER, help, List.of(labels), Stability.STABLE, Fold.sum("experiment"));
    }

    static List<FamilyDeclaration> declarations() {
        return List.of(TRACES, IN_PROGRESS, DURATION, TOKENS, ASSESSMENTS);
    }

    /**
     * All families.
     *
     * @param inProgress traces in progress by experiment id; empty where that is not known
     */
    static List<Family> of(TraceTotals sums, Optional<Map<String, Long>> inProgress) {
        TraceFamilies families = new TraceFamilies();
        Samples progress = new Samples();
        sums.counters(families::take);
        sums.exemplars((owner, exemplars) -> {
            inProgress.ifPresent(
                    known -> progress.add(owner.workspace(), known.getOrDefault(owner.id(), 0L), owner.name()));
            families.exemplars(owner, exemplars);
        });
        return List.of(
                families.traces.family(TRACES),
                progress.family(IN_PROGRESS),
                families.durations(),
                families.tokens.family(TOKENS),
                families.assessments.family(ASSESSMENTS));
    }

    private void take(Owner owner, Measure measure, double value) {
        List<String> labels = measure.labels();
        switch (measure.kind()) {
            case TRACES -> traces.add(owner.workspace(), value, owner.name(), labels.get(0));
            case TOKENS -> tokens.add(owner.workspace(), value, owner.name(), labels.get(0));
            case ASSESSMENTS -> assessments.add(owner.workspace(), value, owner.name(), labels.get(0), labels.get(1));
            case SECONDS -> histogram(owner, labels.get(0)).seconds = value;
            case BUCKET -> bucket(histogram(owner, labels.get(0)), labels, Math.round(value));
            default -> {
                // Money, which another class shows.
            }
        }
    }

    private static void bucket(Histogram histogram, List<String> labels, long count) {
        histogram.classic.merge(Integer.parseInt(labels.get(1)), count, Long::sum);
        if (labels.get(2).equals(Measure.ZERO)) {
            histogram.zeros += count;
        } else {
            histogram.natives.merge(Integer.parseInt(labels.get(2)), count, Long::sum);
        }
    }

    private Histogram histogram(Owner owner, String status) {
        return durations.computeIfAbsent(owner, key -> new TreeMap<>()).computeIfAbsent(status, key -> new Histogram());
    }

    private void exemplars(Owner owner, Map<String, TraceExemplar> exemplars) {
        durations.getOrDefault(owner, Map.of()).forEach((status, histogram) -> {
            for (int bucket = 0; bucket < HistogramLayout.TRACES.buckets(); bucket++) {
                TraceExemplar newest = exemplars.get(TraceTotals.exemplarKey(status, bucket));
                if (newest != null) {
                    histogram.newest.put(
                            bucket,
                            new DurationHistogram.Exemplar(
                                    newest.traceId(), newest.seconds(), newest.timestampMillis()));
                }
            }
        });
    }

    private Family durations() {
        List<Family.Sample> samples = new ArrayList<>();
        durations.forEach((owner, byStatus) -> byStatus.forEach((status, histogram) -> samples.add(new Distribution(
                owner.workspace(),
                List.of(owner.name(), status),
                DurationHistogram.of(
                        HistogramLayout.TRACES,
                        histogram.classic,
                        histogram.natives,
                        histogram.zeros,
                        histogram.seconds,
                        histogram.newest)))));
        return new Family(DURATION, samples);
    }
}
