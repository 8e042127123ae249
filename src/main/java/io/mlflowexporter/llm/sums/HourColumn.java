package io.mlflowexporter.llm.sums;

import io.mlflowexporter.checkpoint.fields.FieldReader;
import io.mlflowexporter.checkpoint.fields.FieldWriter;
import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Sums by the hour, in order of time; hours are counted from the epoch. Hours without any are not held. */
final class HourColumn {
    private static final int[] NO_HOURS = {};
    private static final Sums[] NO_SUMS = {};

    private int[] hours = NO_HOURS;
    private Sums[] sums = NO_SUMS;
    private int size;

    /** Takes one hour. */
    @FunctionalInterface
    interface Each {
        void take(int hour, Sums sums);
    }

    @Nullable
    Sums get(int hour) {
        int at = Arrays.binarySearch(hours, 0, size, hour);
        return at >= 0 ? sums[at] : null;
    }

    /** Puts sums in the place of those there were; without any the hour is no longer held. */
    void put(int hour, Sums now) {
        int at = Arrays.binarySearch(hours, 0, size, hour);
        if (now.isEmpty()) {
            if (at >= 0) {
                System.arraycopy(hours, at + 1, hours, at, size - at - 1);
                System.arraycopy(sums, at + 1, sums, at, size - at - 1);
                size--;
                sums[size] = now;
            }
            return;
        }
        if (at < 0) {
            at = -at - 1;
            if (size == hours.length) {
                hours = Arrays.copyOf(hours, size + size / 4 + 4);
                sums = Arrays.copyOf(sums, hours.length);
            }
            System.arraycopy(hours, at, hours, at + 1, size - at);
            System.arraycopy(sums, at, sums, at + 1, size - at);
            hours[at] = hour;
            size++;
        }
        sums[at] = now;
    }

    /** Each hour from one on, in order of time. */
    void from(int hour, Each each) {
        int at = Arrays.binarySearch(hours, 0, size, hour);
        for (int i = at >= 0 ? at : -at - 1; i < size; i++) {
            each.take(hours[i], sums[i]);
        }
    }

    /** The hours held from one to another, the latter exclusive; a copy. */
    int[] between(int from, int to) {
        return Arrays.stream(hours, 0, size)
                .filter(hour -> hour >= from && hour < to)
                .toArray();
    }

    boolean isEmpty() {
        return size == 0;
    }

    long weight() {
        long weight = 64 + 8L * hours.length;
        for (int i = 0; i < size; i++) {
            weight += sums[i].weight();
        }
        return weight;
    }

    void write(FieldWriter out) throws IOException {
        out.ints("hours", hours, size);
        int[] sizes = new int[size];
        byte[] thinned = new byte[size];
        int all = 0;
        for (int i = 0; i < size; i++) {
            sizes[i] = sums[i].size();
            thinned[i] = (byte) (sums[i].thinned() ? 1 : 0);
            all += sizes[i];
        }
        int[] numbers = new int[all];
        double[] values = new double[all];
        int[] at = {0};
        for (int i = 0; i < size; i++) {
            sums[i].forEach((number, value) -> {
                numbers[at[0]] = number;
                values[at[0]++] = value;
            });
        }
        out.ints("sizes", sizes, size);
        out.bytes("thinned", thinned, size);
        out.ints("measures", numbers, all);
        out.doubles("values", values, all);
    }

    static HourColumn read(FieldReader in, Measures known) throws IOException {
        int[] hours = NO_HOURS;
        int[] sizes = NO_HOURS;
        byte[] thinned = {};
        int[] numbers = NO_HOURS;
        double[] values = {};
        while (in.next()) {
            switch (in.name()) {
                case "hours" -> hours = in.ints();
                case "sizes" -> sizes = in.ints();
                case "thinned" -> thinned = in.bytes();
                case "measures" -> numbers = in.ints();
                case "values" -> values = in.doubles();
                default -> {
                    // Of another version.
                }
            }
        }
        if (sizes.length != hours.length || thinned.length != hours.length || values.length != numbers.length) {
            throw new IOException("columns of different length");
        }
        HourColumn column = new HourColumn();
        int at = 0;
        for (int i = 0; i < hours.length; i++) {
            Sums sums = new Sums();
            if (sizes[i] <= 0 || sizes[i] > numbers.length - at || (i > 0 && hours[i] <= hours[i - 1])) {
                throw new IOException("not an hour's sums");
            }
            for (int n = 0; n < sizes[i]; n++, at++) {
                if (!known.has(numbers[at]) || !Double.isFinite(values[at])) {
                    throw new IOException("not a sum: " + values[at]);
                }
                sums.add(numbers[at], values[at]);
            }
            sums.thinned(thinned[i] != 0);
            column.put(hours[i], sums.trimmed());
        }
        return column;
    }
}
