package io.mlflowexporter.catalog.reading;

import java.time.Duration;

/**
 * When to ask again for all runs of a kind that rarely change: at each refresh where they are few and come quickly, else
 * at every so many refreshes that it comes to as much for each, but at least at every 16th. Not written with the catalog:
 * a restart begins with asking.
 */
public final class RereadSchedule {
    private static final int RUNS_PER_REFRESH = 200;
    private static final long NANOS_PER_REFRESH = Duration.ofSeconds(2).toNanos();
    private static final int LONGEST_PAUSE = 15;

    private int pause;

    /** Whether it is asked at this refresh. */
    public boolean due() {
        return pause <= 0;
    }

    /** This refresh did not ask. */
    public void passed() {
        pause--;
    }

    /** This refresh asked, and the server refused. */
    public void refused() {
        pause = LONGEST_PAUSE;
    }

    /** This refresh asked, which brought so many runs and took so long. */
    public void asked(int runs, long nanos) {
        pause = (int) Math.min(LONGEST_PAUSE, Math.max(runs / RUNS_PER_REFRESH, nanos / NANOS_PER_REFRESH));
    }
}
