package io.mlflowexporter.registry;

import io.mlflowexporter.checkpoint.fields.FieldReader;
import io.mlflowexporter.checkpoint.fields.FieldWriter;
import io.mlflowexporter.metric.DurationHistogram;
import io.mlflowexporter.metric.Times;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** What was ever counted of one alias of one model. Outlives the alias and the model, so that counters never fall. */
final class AliasCounts {
    private static final int NEWEST_KEPT = 200;

    long deployments;
    long rollbacks;
    long deletions;
    long failures;
    long lastDeploymentMillis = Times.ABSENT;
    /** Since when the alias is followed; {@link Times#ABSENT} for since its model is seen. */
    long followedSinceMillis = Times.ABSENT;
    /** When new versions were deployed, the newest last; rollbacks are not among them. */
    final Deque<Long> newest = new ArrayDeque<>(0);

    /** Most have none of either. */
    private DurationHistogram leadTimes = DurationHistogram.EMPTY;

    private DurationHistogram restores = DurationHistogram.EMPTY;

    DurationHistogram leadTimes() {
        return leadTimes;
    }

    DurationHistogram restores() {
        return restores;
    }

    void leadTime(double seconds, String runId, long atMillis) {
        leadTimes = own(leadTimes);
        leadTimes.observe(seconds, runId, atMillis);
    }

    void restored(double seconds, String runId, long atMillis) {
        restores = own(restores);
        restores.observe(seconds, runId, atMillis);
    }

    private static DurationHistogram own(DurationHistogram histogram) {
        return histogram == DurationHistogram.EMPTY ? new DurationHistogram() : histogram;
    }

    private static DurationHistogram shared(DurationHistogram histogram) {
        return histogram.count() == 0 ? DurationHistogram.EMPTY : histogram;
    }

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

    void write(FieldWriter out) throws IOException {
        out.number("deployments", deployments);
        out.number("rollbacks", rollbacks);
        out.number("deletions", deletions);
        out.number("failures", failures);
        out.number("lastDeploymentMillis", lastDeploymentMillis);
        out.object("leadTimes", leadTimes::write);
        out.object("restores", restores::write);
        out.number("followedSinceMillis", followedSinceMillis);
        long[] times = newest.stream().mapToLong(at -> at).toArray();
        out.longs("newest", times, times.length);
    }

    /** What {@link #write} wrote. */
    static AliasCounts read(FieldReader in) throws IOException {
        AliasCounts tally = new AliasCounts();
        while (in.next()) {
            switch (in.name()) {
                case "deployments" -> tally.deployments = in.number();
                case "rollbacks" -> tally.rollbacks = in.number();
                case "deletions" -> tally.deletions = in.number();
                case "failures" -> tally.failures = in.number();
                case "lastDeploymentMillis" -> tally.lastDeploymentMillis = in.number();
                case "leadTimes" -> tally.leadTimes = shared(in.object(DurationHistogram::read));
                case "restores" -> tally.restores = shared(in.object(DurationHistogram::read));
                case "followedSinceMillis" -> tally.followedSinceMillis = in.number();
                case "newest" -> {
                    for (long at : in.longs()) {
                        tally.deployedNew(at);
                    }
                }
                default -> {
                    // Of another version.
                }
            }
        }
        return tally;
    }
}
