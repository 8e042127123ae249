package io.mlflowexporter.llm.sums;

import java.util.Arrays;
import java.util.function.IntPredicate;

/** Sums by the number of a measure: two columns, sorted by number. Belongs to the refresh thread. */
public final class Sums {
    private static final int[] NO_NUMBERS = {};
    private static final double[] NO_VALUES = {};
    private static final int FIRST = 8;
    /** The object and the heads of its columns, bytes. */
    private static final long OWN = 72;

    private int[] numbers = NO_NUMBERS;
    private double[] values = NO_VALUES;
    private int size;
    /** Whether what is needed for the counters alone was taken out, see {@link ExperimentSums#age}. */
    private boolean thinned;

    /** Takes one sum. */
    @FunctionalInterface
    interface Each {
        void take(int number, double value);
    }

    void add(int number, double amount) {
        int at = Arrays.binarySearch(numbers, 0, size, number);
        if (at >= 0) {
            values[at] += amount;
            return;
        }
        int to = -at - 1;
        if (size == numbers.length) {
            int room = Math.max(FIRST, size + size / 2);
            numbers = Arrays.copyOf(numbers, room);
            values = Arrays.copyOf(values, room);
        }
        System.arraycopy(numbers, to, numbers, to + 1, size - to);
        System.arraycopy(values, to, values, to + 1, size - to);
        numbers[to] = number;
        values[to] = amount;
        size++;
    }

    /** Adds all of the other sums. */
    public void add(Sums other) {
        for (int i = 0; i < other.size; i++) {
            add(other.numbers[i], other.values[i]);
        }
    }

    double get(int number) {
        int at = Arrays.binarySearch(numbers, 0, size, number);
        return at >= 0 ? values[at] : 0;
    }

    void set(int number, double value) {
        add(number, 0);
        values[Arrays.binarySearch(numbers, 0, size, number)] = value;
    }

    void forEach(Each each) {
        for (int i = 0; i < size; i++) {
            each.take(numbers[i], values[i]);
        }
    }

    /** Those of some numbers alone. */
    Sums only(IntPredicate wanted) {
        Sums only = new Sums();
        only.thinned = thinned;
        forEach((number, value) -> {
            if (wanted.test(number)) {
                only.add(number, value);
            }
        });
        return only;
    }

    boolean isEmpty() {
        return size == 0;
    }

    int size() {
        return size;
    }

    boolean thinned() {
        return thinned;
    }

    void thinned(boolean now) {
        thinned = now;
    }

    /** Gives back what it does not need. */
    Sums trimmed() {
        numbers = Arrays.copyOf(numbers, size);
        values = Arrays.copyOf(values, size);
        return this;
    }

    /** About what it takes, bytes. */
    long weight() {
        return OWN + (long) numbers.length * (Integer.BYTES + Double.BYTES);
    }
}
