package io.mlflowexporter.demo;

import org.jspecify.annotations.Nullable;

/** A run in the store. What the indexes sort by changes only through {@link RunIndex}. */
final class RunRow {
    /** No time given. */
    static final long ABSENT = Long.MIN_VALUE;

    static final String RUNNING = "RUNNING";
    static final String SCHEDULED = "SCHEDULED";
    static final String FINISHED = "FINISHED";
    static final String FAILED = "FAILED";
    static final String KILLED = "KILLED";

    final String id;
    final @Nullable ExperimentRow experiment;
    final String user;
    final long start;
    String name = "";
    boolean deleted;
    String status = RUNNING;
    long end = ABSENT;
    final Pairs tags = new Pairs();
    final Pairs params = new Pairs();
    final MetricLog metrics = new MetricLog();

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

    ExperimentRow experiment() {
        if (experiment == null) {
            throw new IllegalStateException("a mark in an index is no run");
        }
        return experiment;
    }

    boolean active() {
        return status.equals(RUNNING) || status.equals(SCHEDULED);
    }

    String artifactUri() {
        return experiment().artifactLocation + "/" + id + "/artifacts";
    }
}
