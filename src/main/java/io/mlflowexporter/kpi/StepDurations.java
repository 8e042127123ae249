package io.mlflowexporter.kpi;

import io.mlflowexporter.catalog.BillableTime;
import io.mlflowexporter.catalog.Catalog;
import io.mlflowexporter.catalog.ExperimentHistograms;
import io.mlflowexporter.catalog.LoggedMetrics.Logged;
import io.mlflowexporter.catalog.RunTable;
import io.mlflowexporter.catalog.reading.RunNeeds;
import io.mlflowexporter.checkpoint.fields.FieldReader;
import io.mlflowexporter.checkpoint.fields.FieldWriter;
import io.mlflowexporter.kpi.StepsConfig.Rule;
import io.mlflowexporter.metric.Family;
import io.mlflowexporter.metric.FamilyDeclaration;
import io.mlflowexporter.metric.FamilyDeclaration.Fold;
import io.mlflowexporter.metric.FamilyDeclaration.Stability;
import io.mlflowexporter.metric.Times;
import io.mlflowexporter.settings.value.Glob;
import java.io.IOException;
import java.util.BitSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * How long steps of runs took, by what runs logged. A run counts once, with what it had logged when it was first seen
 * to have ended. Belongs to the refresh thread.
 */
public final class StepDurations {
    /** Lists of names that no run refers to any more would be kept: past so many all are found anew. */
    private static final int MOST_LISTS = 10_000;

    static final FamilyDeclaration FAMILY = new FamilyDeclaration(
            "mlflow_step_duration_seconds",
            FamilyDeclaration.Type.HISTOGRAM,
            "Durations of steps that runs logged as metrics, each ended run once, deleted ones included, as of the"
                    + " snapshot.",
            List.of("experiment", "step"),
            Stability.STABLE,
            Fold.sum("step"));

    /** A metric that is a step's duration. */
    private record Step(int index, String name, double unitSeconds) {
        double seconds(Logged logged) {
            return logged.values()[index] * unitSeconds;
        }
    }

    private final StepsConfig config;
    private final List<Rule> rules;
    private BitSet counted = new BitSet();
    private ExperimentHistograms durations = new ExperimentHistograms();
    private final IdentityHashMap<List<String>, List<Step>> steps = new IdentityHashMap<>();

    /** Begins with nothing counted. */
    public StepDurations(StepsConfig config) {
        this.config = config;
        this.rules = config.applied();
    }

    /** All families of this subject. */
    public static List<FamilyDeclaration> declarations() {
        return List.of(FAMILY);
    }

    /** What of the runs it looks at. */
    public RunNeeds needs() {
        return RunNeeds.metrics(rules.stream().map(Rule::metric).collect(Collectors.toSet()));
    }

    /** Whether a run logged a step's duration that is none: less than 0, or no finite number. */
    public boolean unreadable(Catalog catalog, int row) {
        Logged logged = catalog.logged().of(row);
        return steps(logged).stream().anyMatch(step -> !readable(step.seconds(logged)));
    }

    private static boolean readable(double seconds) {
        return seconds >= 0 && Double.isFinite(seconds);
    }

    /** Counts the runs that ended since the last time. */
    public Family refresh(Catalog catalog) {
        RunTable runs = catalog.runs();
        for (int row = counted.nextClearBit(0); row < runs.size(); row = counted.nextClearBit(row + 1)) {
            if (runs.counted(row) && runs.countedEnd(row)) {
                counted.set(row);
                observe(catalog, row);
            }
        }
        return durations.family(FAMILY, catalog);
    }

    /** Writes what was counted; the rows are those of the table of runs, which must be written with it. */
    public void write(FieldWriter out) throws IOException {
        long[] rows = counted.toLongArray();
        out.longs("counted", rows, rows.length);
        durations.write(out, "durations");
    }

    /** What was counted until a restart. */
    public static final class Saved {
        private final BitSet counted;
        private final ExperimentHistograms durations;

        private Saved(BitSet counted, ExperimentHistograms durations) {
            this.counted = counted;
            this.durations = durations;
        }

        /** Nothing. */
        public static Saved nothing() {
            return new Saved(new BitSet(), new ExperimentHistograms());
        }
    }

    /**
     * What {@link #write} wrote.
     *
     * @throws IOException if it is not that
     */
    public static Saved read(FieldReader in) throws IOException {
        BitSet rows = new BitSet();
        ExperimentHistograms durations = new ExperimentHistograms();
        while (in.next()) {
            switch (in.name()) {
                case "counted" -> rows = BitSet.valueOf(in.longs());
                case "durations" -> durations = ExperimentHistograms.read(in);
                default -> {
                    // Of another version.
                }
            }
        }
        return new Saved(rows, durations);
    }

    /** Goes on from what was counted of the same table of runs; whatever was counted since the start is forgotten. */
    public void restore(Saved saved) {
        counted = saved.counted;
        durations = saved.durations;
    }

    private void observe(Catalog catalog, int row) {
        RunTable runs = catalog.runs();
        Logged logged = catalog.logged().of(row);
        long ended = runs.endMillis(row) == Times.ABSENT
                ? BillableTime.lastActivityMillis(runs, row, Long.MAX_VALUE)
                : runs.endMillis(row);
        for (Step step : steps(logged)) {
            double seconds = step.seconds(logged);
            if (readable(seconds)) {
                durations.observe(runs.experimentId(row), step.name(), seconds, runs.id(row), ended);
            }
        }
    }

    private List<Step> steps(Logged logged) {
        if (steps.size() >= MOST_LISTS) {
            steps.clear();
        }
        return steps.computeIfAbsent(logged.names(), this::steps);
    }

    private List<Step> steps(List<String> names) {
        Map<String, Step> found = new LinkedHashMap<>();
        for (int i = 0; i < names.size(); i++) {
            String name = names.get(i);
            int index = i;
            rules.stream()
                    .filter(rule -> rule.metric().matches(name) && !config.never(name))
                    .findFirst()
                    .map(rule -> new Step(
                            index, name(rule.metric(), name), rule.unit().seconds()))
                    // One that is logged twice, in two units, took its time once.
                    .ifPresent(step -> found.putIfAbsent(step.name(), step));
        }
        return List.copyOf(found.values());
    }

    /** What the pattern's star stands for; the whole name where there is no one star. */
    static String name(Glob pattern, String metric) {
        String text = pattern.toString();
        int star = text.indexOf('*');
        if (star < 0 || star != text.lastIndexOf('*') || metric.length() <= text.length() - 1) {
            return metric;
        }
        return metric.substring(star, metric.length() - (text.length() - star - 1))
                .toLowerCase(Locale.ROOT);
    }
}
