package io.mlflowexporter.cost.usage;

import java.util.Arrays;

/**
 * How much of a machine's time is one run's own: all of it, or where several runs share the machine an equal part of each
 * moment. Immutable; the runs that share a machine hold one object.
 *
 * <p>Holds the machine's time ∫ 1 ÷ (runs at that moment) at each moment at which a run comes or goes, as the unevaluated
 * sum of two doubles, so that a difference of two of them is right to the last digits however long the machine has been in
 * use.
 */
public final class MachineShare {
    /** Of a run that has its machine for itself. */
    public static final MachineShare WHOLE = new MachineShare(new long[0], new int[0]);

    /** Moments at which a run comes or goes, ascending, Unix milliseconds. */
    private final long[] moments;
    /** Runs from each moment on. */
    private final int[] runs;
    /** A run's part of the time up to each moment, in milliseconds: the greater and the lesser summand. */
    private final double[] sums;

    private final double[] rests;

    private MachineShare(long[] moments, int[] runs) {
        this.moments = moments;
        this.runs = runs;
        sums = new double[moments.length];
        rests = new double[moments.length];
        for (int i = 1; i < moments.length; i++) {
            double part = part(i - 1, moments[i]);
            double sum = sums[i - 1] + part;
            sums[i] = sum;
            rests[i] = rests[i - 1] + lost(sums[i - 1], part, sum);
        }
    }

    /**
     * Of the runs that use a machine.
     *
     * @param times of each run the beginnings and ends of its stretches in turn, ends exclusive; {@code Long.MAX_VALUE} as
     *     an end where the run goes on
     */
    static MachineShare of(Iterable<long[]> times) {
        long[] begins = new long[0];
        long[] ends = new long[0];
        int count = 0;
        for (long[] run : times) {
            for (int i = 0; i < run.length; i += 2) {
                if (count == begins.length) {
                    begins = Arrays.copyOf(begins, 2 * count + 2);
                    ends = Arrays.copyOf(ends, 2 * count + 2);
                }
                begins[count] = run[i];
                ends[count++] = run[i + 1];
            }
        }
        begins = Arrays.copyOf(begins, count);
        ends = Arrays.copyOf(ends, count);
        Arrays.sort(begins);
        Arrays.sort(ends);
        long[] moments = new long[2 * count];
        int[] runs = new int[2 * count];
        int size = 0;
        for (int begun = 0, ended = 0; ended < count; size++) {
            long moment = begun < count ? Math.min(begins[begun], ends[ended]) : ends[ended];
            while (begun < count && begins[begun] == moment) {
                begun++;
            }
            while (ended < count && ends[ended] == moment) {
                ended++;
            }
            moments[size] = moment;
            runs[size] = begun - ended;
        }
        return new MachineShare(Arrays.copyOf(moments, size), Arrays.copyOf(runs, size));
    }

    /**
     * The run's part of a time in which it uses the machine, in milliseconds.
     *
     * @param fromMillis inside one stretch of the run
     * @param untilMillis not before {@code fromMillis}, inside the same stretch
     */
    public double millis(long fromMillis, long untilMillis) {
        if (moments.length == 0) {
            return untilMillis - fromMillis;
        }
        int first = at(fromMillis);
        int last = at(untilMillis);
        if (first == last) {
            return (double) (untilMillis - fromMillis) / shared(first);
        }
        double head = part(first, fromMillis);
        double tail = part(last, untilMillis);
        double whole = sums[last] - sums[first];
        double rest = rests[last] - rests[first] + lost(sums[last], -sums[first], whole);
        return whole + (rest + (tail - head));
    }

    /** The run's part of the machine just before a moment at which it uses the machine: 1 is all of it. */
    public double before(long millis) {
        return moments.length == 0 ? 1 : 1.0 / shared(at(millis - 1));
    }

    /** The last moment that is not after a time, or the first. */
    private int at(long millis) {
        int found = Arrays.binarySearch(moments, millis);
        return found >= 0 ? found : Math.max(0, -found - 2);
    }

    private int shared(int at) {
        return Math.max(1, runs[at]);
    }

    private double part(int from, long untilMillis) {
        return (double) (untilMillis - moments[from]) / shared(from);
    }

    /** What rounding took from a sum of two, by D. E. Knuth's TwoSum (The Art of Computer Programming 2, 4.2.2). */
    private static double lost(double one, double other, double sum) {
        double otherKept = sum - one;
        return (one - (sum - otherKept)) + (other - otherKept);
    }
}
