package io.mlflowexporter.delivery;

import io.mlflowexporter.indicators.DurationHistogram;
import io.mlflowexporter.mlflow.Times;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** What was ever counted of one alias of one model. Outlives the alias and the model, so that counters never fall. */
final class Tally {
    private static final int NEWEST_KEPT = 200;

    long deployments;
    long rollbacks;
    long deletions;
    long failures;
    long lastDeploymentMillis = Times.ABSENT;
    /** Since when the alias is followed; {@link Times#ABSENT} for since its model is seen. */
    long followedSinceMillis = Times.ABSENT;
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

    /** What tells how often new versions are deployed, apart from what is counted under a name. */
    record Past(long followedSinceMillis, List<Long> newest) {
        static final Past NONE = new Past(Times.ABSENT, List.of());
    }

    Past past() {
        return new Past(followedSinceMillis, List.copyOf(newest));
    }

    /** Goes on with what was seen while the model had another name; what is counted stays with the names. */
    void goOn(Past past) {
        followedSinceMillis = past.followedSinceMillis();
        newest.clear();
        newest.addAll(past.newest());
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
        out.writeLong(followedSinceMillis);
        out.writeInt(newest.size());
        for (long at : newest) {
            out.writeLong(at);
        }
    }

    /**
     * What {@link #write} wrote.
     *
     * @param format of the journal: earlier ones lack some times
     */
    static Tally read(DataInput in, int format) throws IOException {
        Tally tally = new Tally();
        tally.deployments = in.readLong();
        tally.rollbacks = in.readLong();
        tally.deletions = in.readLong();
        tally.failures = in.readLong();
        tally.lastDeploymentMillis = in.readLong();
        tally.leadTimes = DurationHistogram.read(in);
        tally.restores = DurationHistogram.read(in);
        tally.followedSinceMillis = format >= Journal.FORMAT ? in.readLong() : Times.ABSENT;
        for (int left = format > Journal.FORMAT_WITHOUT_TIMES ? in.readInt() : 0; left > 0; left--) {
            tally.deployedNew(in.readLong());
        }
        return tally;
    }
}
