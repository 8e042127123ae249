package io.mlflowexporter.llm.sums;

/** Hours counted from the epoch, in UTC. */
public final class Hours {
    public static final long MILLIS = 3_600_000;
    public static final int OF_DAY = 24;

    private Hours() {}

    /** The hour that a time lies in. */
    public static int of(long millis) {
        return (int) Math.max(Integer.MIN_VALUE, Math.min(Integer.MAX_VALUE, Math.floorDiv(millis, MILLIS)));
    }

    /** The hour's beginning, Unix milliseconds. */
    public static long millis(int hour) {
        return hour * MILLIS;
    }
}
