package io.mlflowexporter.llm.sums;

import io.mlflowexporter.checkpoint.fields.FieldReader;
import io.mlflowexporter.checkpoint.fields.FieldWriter;
import io.mlflowexporter.checkpoint.fields.Fields;
import java.io.IOException;
import java.util.BitSet;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntUnaryOperator;

/**
 * What is known of the traces of one experiment. Each hour holds the sums of the traces that started in it; a counter is the sum of
 * all hours there ever were. An hour that is read again takes the place of what it was, and counters take the difference: where that
 * lowers a counter, it waits until as much was added again.
 */
final class ExperimentSums {
    /** The object with its maps and series, bytes. */
    private static final long OWN = 2_000;

    private final Measures measures;
    /** By the trace's start. */
    private HourColumn traces = new HourColumn();
    /** Calls of models, by the span's start: read by themselves and never counted. */
    private HourColumn models = new HourColumn();
    /** Sums of all hours there ever were, of kinds that are counted. */
    private final Sums truth = new Sums();
    /** Never less than it was. */
    private final Sums counted = new Sums();
    /** The newest trace of each status and classic bucket. */
    private final Map<String, TraceExemplar> exemplars = new TreeMap<>();

    ExperimentSums(Measures measures) {
        this.measures = measures;
    }

    HourColumn traces() {
        return traces;
    }

    HourColumn models() {
        return models;
    }

    Sums counted() {
        return counted;
    }

    Map<String, TraceExemplar> exemplars() {
        return exemplars;
    }

    private boolean counts(int number) {
        return measures.of(number).kind().counter();
    }

    private void count(Sums sums, int times) {
        sums.forEach((number, value) -> {
            if (counts(number)) {
                truth.add(number, times * value);
            }
        });
    }

    /** Adds what one trace is. */
    void add(int hour, Sums trace) {
        Sums before = traces.get(hour);
        Sums sums = before == null ? new Sums() : before;
        count(trace, 1);
        // Of a thinned hour only what it still holds.
        sums.add(before != null && before.thinned() ? thin(trace) : trace);
        traces.put(hour, sums);
    }

    /**
     * Puts what an hour was found to be in the place of what was known of it.
     *
     * @param aggregated whether it is the server's own sums, which do not say all: the rest stays as it was
     */
    void replace(int hour, Sums found, boolean aggregated) {
        Sums before = traces.get(hour);
        Sums now = before != null && before.thinned() ? thin(found) : found;
        if (before != null) {
            Sums gone = aggregated
                    ? before.only(number -> measures.of(number).kind().aggregated())
                    : before;
            count(gone, -1);
            if (aggregated) {
                Sums kept = before.only(number -> !measures.of(number).kind().aggregated());
                kept.add(now);
                kept.thinned(before.thinned());
                count(now, 1);
                traces.put(hour, kept.trimmed());
                return;
            }
            now.thinned(before.thinned());
        }
        count(now, 1);
        traces.put(hour, now.trimmed());
    }

    /** What of an hour is still needed when it is no longer read again: the counters have taken the rest. */
    private Sums thin(Sums sums) {
        return sums.only(number -> {
            Measure.Kind kind = measures.of(number).kind();
            return kind != Measure.Kind.BUCKET && kind != Measure.Kind.SECONDS;
        });
    }

    /**
     * Makes old hours smaller.
     *
     * @param thinBefore hours before this are not read again
     * @param foldBefore hours before this are kept by the day
     * @param forgetBefore hours before this are forgotten
     * @param dayOf the first hour of an hour's day
     */
    void age(int thinBefore, int foldBefore, int forgetBefore, IntUnaryOperator dayOf) {
        for (int hour : traces.between(Integer.MIN_VALUE, thinBefore)) {
            Sums sums = traces.get(hour);
            if (sums == null || sums.thinned()) {
                continue;
            }
            Sums thin = thin(sums);
            thin.thinned(true);
            traces.put(hour, thin.trimmed());
        }
        for (int hour : traces.between(Integer.MIN_VALUE, foldBefore)) {
            int day = dayOf.applyAsInt(hour);
            Sums sums = traces.get(hour);
            if (sums == null) {
                continue;
            }
            Sums lasting = sums.only(number -> measures.of(number).kind().lasting());
            lasting.thinned(true);
            traces.put(hour, new Sums());
            if (hour >= forgetBefore) {
                Sums ofDay = traces.get(day);
                if (day != hour && ofDay != null) {
                    lasting.add(ofDay);
                }
                traces.put(day, lasting.trimmed());
            }
        }
        for (int hour : models.between(Integer.MIN_VALUE, foldBefore)) {
            models.put(hour, new Sums());
        }
    }

    /** Brings the counters up to what is true; those that were more wait. */
    void settle() {
        truth.forEach((number, now) -> counted.set(number, Math.max(counted.get(number), now)));
    }

    void exemplar(String key, TraceExemplar newest) {
        exemplars.merge(key, newest, (one, other) -> other.timestampMillis() >= one.timestampMillis() ? other : one);
    }

    void used(BitSet numbers) {
        Sums.Each mark = (number, value) -> numbers.set(number);
        truth.forEach(mark);
        counted.forEach(mark);
        traces.from(Integer.MIN_VALUE, (hour, sums) -> sums.forEach(mark));
        models.from(Integer.MIN_VALUE, (hour, sums) -> sums.forEach(mark));
    }

    boolean isEmpty() {
        return traces.isEmpty() && models.isEmpty() && truth.isEmpty();
    }

    long weight() {
        return OWN + traces.weight() + models.weight() + truth.weight() + counted.weight() + 150L * exemplars.size();
    }

    void write(FieldWriter out) throws IOException {
        out.object("traces", traces::write);
        out.object("models", models::write);
        column(out, "truth", truth);
        column(out, "counted", counted);
        out.list("exemplars", exemplars.entrySet(), (element, entry) -> {
            element.text("key", entry.getKey());
            element.text("traceId", entry.getValue().traceId());
            element.real("seconds", entry.getValue().seconds());
            element.number("timestampMillis", entry.getValue().timestampMillis());
        });
    }

    private static void column(FieldWriter out, String name, Sums sums) throws IOException {
        int[] numbers = new int[sums.size()];
        double[] values = new double[sums.size()];
        int[] at = {0};
        sums.forEach((number, value) -> {
            numbers[at[0]] = number;
            values[at[0]++] = value;
        });
        out.ints(name + "Measures", numbers, numbers.length);
        out.doubles(name, values, values.length);
    }

    /** Reads a field that {@link #write} wrote; false for one that is none of it. */
    boolean read(FieldReader in, Pending pending) throws IOException {
        switch (in.name()) {
            case "traces" -> traces = in.object(fields -> HourColumn.read(fields, measures));
            case "models" -> models = in.object(fields -> HourColumn.read(fields, measures));
            case "truthMeasures", "countedMeasures" -> pending.numbers = in.ints();
            case "truth" -> pending.into(truth, in.doubles(), measures);
            case "counted" -> pending.into(counted, in.doubles(), measures);
            case "exemplars" -> {
                for (Fields fields : in.list(FieldReader::fields)) {
                    exemplars.put(
                            fields.text("key"),
                            new TraceExemplar(
                                    fields.text("traceId"),
                                    fields.real("seconds", 0),
                                    fields.number("timestampMillis", 0)));
                }
            }
            default -> {
                return false;
            }
        }
        return true;
    }

    /** Numbers of measures whose values come next. */
    static final class Pending {
        private int[] numbers = {};

        void into(Sums sums, double[] values, Measures known) throws IOException {
            if (values.length != numbers.length) {
                throw new IOException("columns of different length");
            }
            for (int i = 0; i < values.length; i++) {
                if (!known.has(numbers[i]) || !Double.isFinite(values[i])) {
                    throw new IOException("not a sum: " + values[i]);
                }
                sums.add(numbers[i], values[i]);
            }
        }
    }
}
