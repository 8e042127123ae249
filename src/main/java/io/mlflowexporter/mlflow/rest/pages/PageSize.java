package io.mlflowexporter.mlflow.rest.pages;

import io.mlflowexporter.mlflow.MlflowException;
import java.time.Duration;

/**
 * How many runs to ask for at once: what past pages took in bytes and in time, up to the number configured. It begins
 * with few, as nothing is known of them, doubles while pages like the last one have room, and shrinks by what a page
 * was too much.
 */
public final class PageSize {
    private static final int FIRST = 100;
    private static final double NANOS = Duration.ofSeconds(10).toNanos();
    private static final double MOST_AT_ONCE = 8;

    /** What a larger page, made of runs like the last ones, may take of what is good: runs differ. */
    private static final double ROOM = 0.8;

    private static final double FAST = 2;

    /** After a request was lost for being too slow, which costs its whole time limit. */
    private static final double CAREFUL = 1.25;

    private final int configured;
    private int most;
    private final double goodBytes;
    private double growth = FAST;
    private int runs;

    /**
     * Begins with few.
     *
     * @param most runs to ask for
     * @param goodBytes what a page is to come to
     */
    public PageSize(int most, long goodBytes) {
        this(FIRST, most, goodBytes);
    }

    /** Begins with so many. */
    public PageSize(int first, int most, long goodBytes) {
        this.configured = most;
        this.most = most;
        this.goodBytes = goodBytes;
        this.runs = Math.min(first, most);
    }

    public int runs() {
        return runs;
    }

    /** Learns from a page that came whole. */
    public void took(int got, long bytes, long nanos) {
        double burden = Math.max(bytes / goodBytes, nanos / NANOS);
        if (burden > 1 && got > 1) {
            runs = Math.max(1, Math.min(runs, (int) (got / Math.min(MOST_AT_ONCE, burden))));
            return;
        }
        double grown = Math.min(Math.max(got + 1, growth * got), ROOM * got / burden);
        runs = (int) Math.min(most, Math.max(runs, grown));
    }

    public void tooLarge(int asked) {
        runs = Math.max(1, asked / 2);
    }

    /** The server does not give so many at once, whatever they are. */
    public void refused(int asked) {
        most = Math.max(1, asked / 2);
        runs = Math.min(runs, most);
    }

    /** It may give as many as are configured again. */
    public void doubt() {
        most = configured;
    }

    /**
     * Learns from a page that was too slow.
     *
     * @param failure of kind {@code TIMEOUT}, {@code REFRESH_OVER} or {@code GAVE_UP}
     * @param mayBeLess whether a smaller page can be asked for, and there is time for it
     * @throws MlflowException the failure, where no smaller page is to be asked for now
     */
    public void tooSlow(MlflowException failure, int asked, boolean mayBeLess) throws MlflowException {
        tooSlow(asked);
        // After the others it is not asked for less now: the server is still busy with what it was asked for.
        if (failure.kind() != MlflowException.Kind.GAVE_UP || !mayBeLess) {
            throw failure;
        }
    }

    /** The next attempt asks for less. */
    void tooSlow(int asked) {
        runs = Math.max(1, Math.min(runs, asked / 4));
        growth = CAREFUL;
    }
}
