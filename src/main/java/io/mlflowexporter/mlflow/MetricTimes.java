package io.mlflowexporter.mlflow;

import io.mlflowexporter.metric.Times;
import java.util.Arrays;

/**
 * The timestamps of a run's latest metrics. A client writes what it likes there, seconds for milliseconds among it, so that
 * only those are credible that lie between the run's start and its end or, while it runs, now: with {@link
 * Times#GREATEST_SKEW_MILLIS} for clocks that differ. Reused from one run to the next.
 */
public final class MetricTimes {
    private long[] times = new long[16];
    private int size;
    private boolean inFuture;
    private boolean beforeStart;

    /** Forgets all. */
    public void clear() {
        size = 0;
    }

    /** Takes a timestamp; {@link Times#ABSENT} where there is none. */
    public void add(long millis) {
        if (millis != Times.ABSENT) {
            if (size == times.length) {
                times = Arrays.copyOf(times, 2 * size);
            }
            times[size++] = millis;
        }
    }

    /**
     * The newest credible one, {@link Times#ABSENT} where there is none.
     *
     * @param status of the run, whose end says nothing where it was resumed
     */
    public long newest(RunStatus status, long startMillis, long endMillis, long nowMillis) {
        long until = status.ended() && endMillis != Times.ABSENT ? Math.min(endMillis, nowMillis) : nowMillis;
        inFuture = false;
        beforeStart = false;
        long newest = Times.ABSENT;
        for (int i = 0; i < size; i++) {
            if (times[i] > until + Times.GREATEST_SKEW_MILLIS) {
                inFuture = true;
            } else if (startMillis != Times.ABSENT && times[i] < startMillis) {
                beforeStart |= times[i] < startMillis - Times.GREATEST_SKEW_MILLIS;
            } else {
                newest = Math.max(newest, times[i]);
            }
        }
        return newest;
    }

    /** Whether the last question met one later than the reading, or than the run's end. */
    public boolean inFuture() {
        return inFuture;
    }

    /** Whether the last question met one before the run's start. */
    public boolean beforeStart() {
        return beforeStart;
    }
}
