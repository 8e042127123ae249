package io.mlflowexporter.delivery;

import io.mlflowexporter.indicators.DurationHistogram;
import io.mlflowexporter.mlflow.Times;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;

/** What was ever counted of one alias of one model. Outlives the alias and the model, so that counters never fall. */
final class Tally {
    private static final int NEWEST_KEPT = 200;

    long deployments;
    long rollbacks;
    long deletions;
    long failures;
    long lastDeploymentMillis = Times.ABSENT;
    /** When new versions were deployed, the newest last; rollbacks are not among them. */
    final Deque<Long> newest = new ArrayDeque<>();

    DurationHistogram leadTimes = new DurationHistogram();
    DurationHistogram restores = new DurationHistogram();

    void deployedNew(long atMillis) {
        newest.addLast(atMillis);
        if (newest.size() > NEWEST_KEPT) {
            newest.removeFirst();
        }
    }

    /** From when on every deployment of a new version is known; {@link Times#ABSENT} for from the beginning. */
    long keptSince() {
        return newest.size() < NEWEST_KEPT ? Times.ABSENT : newest.getFirst();
    }

    void write(DataOutput out) throws IOException {
        out.writeLong(deployments);
        out.writeLong(rollbacks);
        out.writeLong(deletions);
        out.writeLong(failures);
        out.writeLong(lastDeploymentMillis);
        leadTimes.write(out);
        restores.write(out);
        out.writeInt(newest.size());
        for (long at : newest) {
            out.writeLong(at);
        }
    }

    /**
     * What {@link #write} wrote.
     *
     * @param times whether it wrote when new versions were deployed, which earlier versions did not
     */
    static Tally read(DataInput in, boolean times) throws IOException {
        Tally tally = new Tally();
        tally.deployments = in.readLong();
        tally.rollbacks = in.readLong();
        tally.deletions = in.readLong();
        tally.failures = in.readLong();
        tally.lastDeploymentMillis = in.readLong();
        tally.leadTimes = DurationHistogram.read(in);
        tally.restores = DurationHistogram.read(in);
        for (int left = times ? in.readInt() : 0; left > 0; left--) {
            tally.deployedNew(in.readLong());
        }
        return tally;
    }
}
