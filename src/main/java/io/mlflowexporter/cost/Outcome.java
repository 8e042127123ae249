package io.mlflowexporter.cost;

import java.util.Locale;

/** What became of a run's money; the value of the {@code outcome} label is the name in lower case. */
enum Outcome {
    FINISHED,
    FAILED,
    KILLED,
    /** Active by MLflow's word, but without a sign of life, or deleted while it was active. */
    STALE,
    RUNNING,
    /** A status this exporter does not know. */
    UNKNOWN;

    private final String label = name().toLowerCase(Locale.ROOT);

    String label() {
        return label;
    }
}
