package io.mlflowexporter.catalog.reading;

import io.mlflowexporter.checkpoint.fields.FieldReader;
import io.mlflowexporter.checkpoint.fields.FieldWriter;
import io.mlflowexporter.metric.Times;
import java.io.IOException;
import java.time.Duration;

/**
 * How much time of MLflow's answers the resync may take: it earns a share of the time that passes, spends what its
 * answers take, and may overdraw by one step, which it then waits for. Over any longer time it takes no more than the
 * share. Times are nanoseconds where not named otherwise.
 */
public final class ResyncBudget {
    private static final long NANOS_PER_MILLI = 1_000_000;

    /** A step that takes longer is not waited for: a refresh is to stay short, however slow the server. */
    private static final double LONGEST_STEP = Duration.ofSeconds(5).toNanos();

    /** What a run is taken to cost before anything is known: SQLite on a small machine. It soon no longer counts. */
    private static final double FIRST_GUESS = Duration.ofMillis(2).toNanos();

    private static final double FIRST_GUESS_RUNS = 10;
    private static final int LEAST_RUNS = 10;

    private long earnedMillis = Times.ABSENT;
    private double credit;
    private double spent;
    /** What steps took of late, each counting half as much as the one after it, and the runs they brought. */
    private double lately = FIRST_GUESS * FIRST_GUESS_RUNS;

    private double latelyRuns = FIRST_GUESS_RUNS;

    /**
     * Earns the share of the time since this was called last, but not more than for two intervals, or one step: what
     * could not be spent while the exporter was down is not caught up with.
     *
     * @param most what one refresh may take, unless that is less than a step
     * @param stepRuns see {@link #runs}
     */
    public void earn(long nowMillis, double share, Duration interval, Duration most, int stepRuns) {
        long passed = earnedMillis == Times.ABSENT ? interval.toMillis() : Math.max(0, nowMillis - earnedMillis);
        earnedMillis = nowMillis;
        double twoIntervals = share * 2 * interval.toNanos();
        double atMost = Math.max(Math.min(twoIntervals, (double) most.toNanos()), step(stepRuns));
        credit = Math.min(credit + share * passed * NANOS_PER_MILLI, atMost);
    }

    /**
     * How many runs may be read now; 0 where less is left than a step takes.
     *
     * @param stepRuns as many as are worth a request, where there are so many
     */
    public int runs(int stepRuns) {
        return credit < step(stepRuns) ? 0 : (int) Math.max(LEAST_RUNS, Math.min(Integer.MAX_VALUE, credit / perRun()));
    }

    private double step(int stepRuns) {
        return Math.min(stepRuns * perRun(), LONGEST_STEP);
    }

    /** Learns from a step. */
    public void spend(long nanos, long runs) {
        credit -= nanos;
        spent += nanos;
        lately = lately / 2 + nanos;
        latelyRuns = latelyRuns / 2 + runs;
    }

    private double perRun() {
        return lately / latelyRuns;
    }

    /** Time that so many runs take at the share. */
    public Duration expected(int runs, double share) {
        return Duration.ofNanos((long) Math.min(Long.MAX_VALUE, runs * perRun() / share));
    }

    /** All that was spent ever. */
    public Duration spent() {
        return Duration.ofNanos((long) spent);
    }

    /** Writes how much is left and what was learned. */
    public void write(FieldWriter out) throws IOException {
        out.number("earnedMillis", earnedMillis);
        out.real("credit", credit);
        out.real("spent", spent);
        out.real("lately", lately);
        out.real("latelyRuns", latelyRuns);
    }

    /** What {@link #write} wrote. */
    public static ResyncBudget read(FieldReader in) throws IOException {
        ResyncBudget read = new ResyncBudget();
        while (in.next()) {
            switch (in.name()) {
                case "earnedMillis" -> read.earnedMillis = in.number();
                case "credit" -> read.credit = in.real();
                case "spent" -> read.spent = in.real();
                case "lately" -> read.lately = in.real();
                case "latelyRuns" -> read.latelyRuns = in.real();
                default -> {
                    // Of another version.
                }
            }
        }
        return read;
    }
}
