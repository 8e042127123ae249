package io.mlflowexporter.llm.sums;

import io.mlflowexporter.checkpoint.fields.FieldReader;
import io.mlflowexporter.checkpoint.fields.FieldWriter;
import io.mlflowexporter.mlflow.Experiment;
import java.io.IOException;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.IntUnaryOperator;

/** Everything known of the traces of all experiments. Belongs to the refresh thread. */
public final class TraceTotals {
    /** How long hours are held: the longest month, and a day for time zones. */
    public static final int HOURS_HELD = 32 * Hours.OF_DAY;

    /** How long what budgets need is held by the day: a year with its leap day, and a month that is not yet by the day. */
    private static final int HOURS_REMEMBERED = 400 * Hours.OF_DAY;

    /**
     * An experiment that had traces, also when it is gone.
     *
     * @param workspace empty where the server has none
     */
    public record Owner(String workspace, String id, String name, Map<String, String> tags) {
        public Owner {
            tags = Map.copyOf(tags);
        }
    }

    private static final class Entry {
        private Owner owner;
        private final ExperimentSums sums;

        Entry(Owner owner, ExperimentSums sums) {
            this.owner = owner;
            this.sums = sums;
        }
    }

    /** Takes one counter. */
    @FunctionalInterface
    public interface EachCounter {
        void take(Owner owner, Measure measure, double value);
    }

    /** Takes one sum of a window. */
    @FunctionalInterface
    public interface EachWindow {
        void take(Owner owner, int window, Measure measure, double value);
    }

    /** Takes one sum of an hour; of hours that are no longer held, of the first hour of their day. */
    @FunctionalInterface
    public interface EachHour {
        void take(Owner owner, int hour, boolean wholeDay, Measure measure, double value);
    }

    /** Takes the exemplars of one experiment, by {@link #exemplarKey}. */
    @FunctionalInterface
    public interface EachExemplars {
        void take(Owner owner, Map<String, TraceExemplar> exemplars);
    }

    private final Measures measures = new Measures();
    private final Map<String, Entry> experiments = new LinkedHashMap<>();
    private int droppedBefore = Integer.MIN_VALUE;
    private int foldedBefore = Integer.MIN_VALUE;

    /** Keeps up with an experiment's name and tags. */
    public void know(Experiment experiment) {
        Entry entry = experiments.get(experiment.id());
        if (entry != null) {
            entry.owner = owner(experiment);
        }
    }

    private static Owner owner(Experiment experiment) {
        return new Owner(experiment.workspace(), experiment.id(), experiment.name(), experiment.tags());
    }

    private ExperimentSums of(Experiment experiment) {
        return experiments.computeIfAbsent(
                        experiment.id(), id -> new Entry(owner(experiment), new ExperimentSums(measures)))
                .sums;
    }

    /** Adds to sums that are not yet any experiment's. */
    public void add(Sums to, double amount, Measure.Kind kind, String... labels) {
        to.add(measures.number(Measure.of(kind, labels)), amount);
    }

    /** Adds one trace to the hour in which it started. */
    public void add(Experiment experiment, int hour, Sums trace) {
        of(experiment).add(hour, trace);
    }

    /**
     * Puts what an hour was found to be in the place of what was known of it; nothing for an hour that is no longer held.
     *
     * @param aggregated as {@link Measure.Kind#aggregated}: all else stays as it was
     */
    public void replace(Experiment experiment, int hour, Sums found, boolean aggregated) {
        if (hour < foldedBefore || (found.isEmpty() && !experiments.containsKey(experiment.id()))) {
            return;
        }
        of(experiment).replace(hour, found, aggregated);
    }

    /** Puts what an hour's calls of models were found to be in the place of what was known. */
    public void models(Experiment experiment, int hour, Sums found) {
        if (hour >= foldedBefore) {
            of(experiment).models().put(hour, found.trimmed());
        }
    }

    /** Hours from one to another, the latter exclusive, in which traces of an experiment started. */
    public int[] hours(String experimentId, int from, int to) {
        Entry entry = experiments.get(experimentId);
        return entry == null ? new int[0] : entry.sums.traces().between(from, to);
    }

    /** Hours from one on in which an experiment's models were called. */
    public int[] modelHours(String experimentId, int from, int to) {
        Entry entry = experiments.get(experimentId);
        return entry == null ? new int[0] : entry.sums.models().between(from, to);
    }

    /** Takes the newest trace of its status and bucket. */
    public void exemplar(Experiment experiment, String status, int classicBucket, TraceExemplar newest) {
        of(experiment).exemplar(exemplarKey(status, classicBucket), newest);
    }

    /** By status and the index of the classic bucket. */
    public static String exemplarKey(String status, int classicBucket) {
        return status + ':' + classicBucket;
    }

    /**
     * Makes old hours smaller, forgets what nobody needs, and drops the oldest hours where it takes too much.
     *
     * @param thinBefore hours before this are not read again
     * @param dayOf the first hour of the day that an hour belongs to
     * @param others numbers of measures in sums that are not yet any experiment's
     * @param bytes at most
     */
    public void age(int nowHour, int thinBefore, IntUnaryOperator dayOf, BitSet others, long bytes) {
        foldedBefore = Math.max(foldedBefore, nowHour - HOURS_HELD);
        experiments
                .values()
                .forEach(entry -> entry.sums.age(thinBefore, foldedBefore, nowHour - HOURS_REMEMBERED, dayOf));
        int step = Hours.OF_DAY;
        while (weight() > bytes && foldedBefore < nowHour - step) {
            foldedBefore += step;
            droppedBefore = foldedBefore;
            int before = foldedBefore;
            experiments
                    .values()
                    .forEach(entry ->
                            entry.sums.age(Math.max(thinBefore, before), before, nowHour - HOURS_REMEMBERED, dayOf));
        }
        experiments.values().removeIf(entry -> entry.sums.isEmpty());
        BitSet used = (BitSet) others.clone();
        experiments.values().forEach(entry -> entry.sums.used(used));
        measures.retain(used);
    }

    /** The first hour that is held whole where memory had no room for {@link #HOURS_HELD}; else the least number. */
    public int droppedBefore() {
        return droppedBefore;
    }

    /** Brings all counters up to what is true now. */
    public void settle() {
        experiments.values().forEach(entry -> entry.sums.settle());
    }

    /** All counters of all experiments, as {@link #settle} left them. */
    public void counters(EachCounter each) {
        experiments
                .values()
                .forEach(entry -> entry.sums
                        .counted()
                        .forEach((number, value) -> each.take(entry.owner, measures.of(number), value)));
    }

    /** The newest traces by bucket. */
    public void exemplars(EachExemplars each) {
        experiments.values().forEach(entry -> each.take(entry.owner, entry.sums.exemplars()));
    }

    /**
     * Sums of windows that end now.
     *
     * @param fromHours the first hour of each
     */
    public void windows(int[] fromHours, EachWindow each) {
        int earliest = Integer.MAX_VALUE;
        for (int from : fromHours) {
            earliest = Math.min(earliest, from);
        }
        for (Entry entry : experiments.values()) {
            double[][] sums = new double[fromHours.length][measures.size()];
            BitSet[] there = new BitSet[fromHours.length];
            for (int window = 0; window < fromHours.length; window++) {
                there[window] = new BitSet();
            }
            HourColumn.Each adding = (hour, hourSums) -> hourSums.forEach((number, value) -> {
                for (int window = 0; window < fromHours.length; window++) {
                    if (hour >= fromHours[window]) {
                        sums[window][number] += value;
                        there[window].set(number);
                    }
                }
            });
            entry.sums.traces().from(earliest, adding);
            entry.sums.models().from(earliest, adding);
            for (int window = 0; window < fromHours.length; window++) {
                int w = window;
                there[window].stream()
                        .forEach(number -> each.take(entry.owner, w, measures.of(number), sums[w][number]));
            }
        }
    }

    /** Sums of all hours of kinds that last, those that are only held by the day included. */
    public void lasting(EachHour each) {
        experiments
                .values()
                .forEach(entry -> entry.sums
                        .traces()
                        .from(
                                Integer.MIN_VALUE,
                                (hour, sums) -> sums.forEach((number, value) -> {
                                    Measure measure = measures.of(number);
                                    if (measure.kind().lasting()) {
                                        each.take(entry.owner, hour, hour < foldedBefore, measure, value);
                                    }
                                })));
    }

    /** Sum of a measure's kind over an experiment's counters before they wait. */
    public double counted(String experimentId, Measure.Kind kind) {
        Entry entry = experiments.get(experimentId);
        if (entry == null) {
            return 0;
        }
        double[] sum = {0};
        entry.sums.counted().forEach((number, value) -> {
            if (measures.of(number).kind() == kind) {
                sum[0] += value;
            }
        });
        return sum[0];
    }

    /** Marks the measures of sums that are not yet any experiment's. */
    public static void used(Sums sums, BitSet numbers) {
        sums.forEach((number, value) -> numbers.set(number));
    }

    /** About what it takes, bytes. */
    public long weight() {
        return measures.weight()
                + experiments.values().stream()
                        .mapToLong(entry -> entry.sums.weight())
                        .sum();
    }

    /** Writes everything. */
    public void write(FieldWriter out) throws IOException {
        measures.write(out, "measures");
        out.number("foldedBefore", foldedBefore);
        out.number("droppedBefore", droppedBefore);
        out.list("experiments", experiments.values(), (element, entry) -> {
            element.text("workspace", entry.owner.workspace());
            element.text("id", entry.owner.id());
            element.text("name", entry.owner.name());
            element.pairs("tags", entry.owner.tags());
            entry.sums.write(element);
        });
    }

    /**
     * What {@link #write} wrote.
     *
     * @throws IOException if it cannot be true
     */
    public static TraceTotals read(FieldReader in) throws IOException {
        TraceTotals read = new TraceTotals();
        while (in.next()) {
            switch (in.name()) {
                case "measures" -> read.measures.read(in);
                case "foldedBefore" -> read.foldedBefore = (int) in.number();
                case "droppedBefore" -> read.droppedBefore = (int) in.number();
                case "experiments" -> in.each(read::experiment);
                default -> {
                    // Of another version.
                }
            }
        }
        return read;
    }

    private void experiment(FieldReader in) throws IOException {
        String workspace = "";
        String id = "";
        String name = "";
        Map<String, String> tags = Map.of();
        ExperimentSums sums = new ExperimentSums(measures);
        ExperimentSums.Pending pending = new ExperimentSums.Pending();
        while (in.next()) {
            switch (in.name()) {
                case "workspace" -> workspace = in.text();
                case "id" -> id = in.text();
                case "name" -> name = in.text();
                case "tags" -> tags = in.pairs();
                default -> sums.read(in, pending);
            }
        }
        experiments.put(id, new Entry(new Owner(workspace, id, name, tags), sums));
    }
}
