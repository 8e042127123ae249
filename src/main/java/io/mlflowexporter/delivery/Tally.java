package io.mlflowexporter.delivery;

import io.mlflowexporter.indicators.DurationHistogram;
import io.mlflowexporter.mlflow.Times;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/** What was ever counted of one alias of one model. Outlives the alias and the model, so that counters never fall. */
final class Tally {
    long deployments;
    long rollbacks;
    long deletions;
    long failures;
    long lastDeploymentMillis = Times.ABSENT;
    DurationHistogram leadTimes = new DurationHistogram();
    DurationHistogram restores = new DurationHistogram();

    void write(DataOutput out) throws IOException {
        out.writeLong(deployments);
        out.writeLong(rollbacks);
        out.writeLong(deletions);
        out.writeLong(failures);
        out.writeLong(lastDeploymentMillis);
        leadTimes.write(out);
        restores.write(out);
    }

    static Tally read(DataInput in) throws IOException {
        Tally tally = new Tally();
        tally.deployments = in.readLong();
        tally.rollbacks = in.readLong();
        tally.deletions = in.readLong();
        tally.failures = in.readLong();
        tally.lastDeploymentMillis = in.readLong();
        tally.leadTimes = DurationHistogram.read(in);
        tally.restores = DurationHistogram.read(in);
        return tally;
    }
}
