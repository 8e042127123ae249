package io.mlflowexporter.mlflow;

import java.util.Locale;

/** The state MLflow holds a run in. {@link #UNKNOWN} stands for a word this exporter does not know. */
public enum RunStatus {
    RUNNING,
    SCHEDULED,
    FINISHED,
    FAILED,
    KILLED,
    UNKNOWN;

    private final String label = name().toLowerCase(Locale.ROOT);

    /** The value of the {@code status} label, in lower case. */
    public String label() {
        return label;
    }

    /** True for {@code FINISHED}, {@code FAILED} and {@code KILLED}. */
    public boolean ended() {
        return this == FINISHED || this == FAILED || this == KILLED;
    }

    /** True for {@code RUNNING} and {@code SCHEDULED}. */
    public boolean active() {
        return this == RUNNING || this == SCHEDULED;
    }
}
