package io.mlflowexporter.cost.usage;

import io.mlflowexporter.catalog.BillableTime;
import io.mlflowexporter.mlflow.RunStatus;
import java.util.Locale;

/** What became of a run's money; the value of the {@code outcome} label is the name in lower case. */
public enum Outcome {
    FINISHED,
    FAILED,
    KILLED,
    /** Active by MLflow's word, but without activity for too long, or deleted while it was active. */
    STALE,
    RUNNING,
    /** A status this exporter does not know. */
    UNKNOWN;

    private final String label = name().toLowerCase(Locale.ROOT);

    /** Of a run of this status. */
    public static Outcome of(RunStatus status, BillableTime time) {
        return switch (time.state()) {
            case WAITING, RUNNING -> RUNNING;
            case STALE -> STALE;
            case ENDED ->
                switch (status) {
                    case FINISHED -> FINISHED;
                    case FAILED -> FAILED;
                    case KILLED -> KILLED;
                    default -> UNKNOWN;
                };
        };
    }

    public String label() {
        return label;
    }
}
