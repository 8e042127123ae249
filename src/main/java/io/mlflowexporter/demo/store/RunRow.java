package io.mlflowexporter.demo.store;

import org.jspecify.annotations.Nullable;

/** A run in the store. What the indexes sort by changes only through {@link RunIndex}. */
public final class RunRow {
    /** No time given. */
    public static final long ABSENT = Long.MIN_VALUE;

    public static final String RUNNING = "RUNNING";
    public static final String SCHEDULED = "SCHEDULED";
    public static final String FINISHED = "FINISHED";
    public static final String FAILED = "FAILED";
    public static final String KILLED = "KILLED";

    public final String id;
    final @Nullable ExperimentRow experiment;
    public final String user;
    public final long start;
    public String name = "";
    public boolean deleted;
    public String status = RUNNING;
    public long end = ABSENT;
    public final Pairs tags = new Pairs();
    public final Pairs params = new Pairs();
    public final MetricLog metrics = new MetricLog();

    RunRow(String id, @Nullable ExperimentRow experiment, String user, long start) {
        this.id = id;
        this.experiment = experiment;
        this.user = user;
        this.start = start;
    }

    /** A row that only marks a place in an index. */
    static RunRow mark(String id, long start, long end) {
        RunRow mark = new RunRow(id, null, "", start);
        mark.end = end;
        return mark;
    }

    public ExperimentRow experiment() {
        if (experiment == null) {
            throw new IllegalStateException("a mark in an index is no run");
        }
        return experiment;
    }

    public boolean active() {
        return status.equals(RUNNING) || status.equals(SCHEDULED);
    }

    public String artifactUri() {
        return experiment().artifactLocation + "/" + id + "/artifacts";
    }
}
