package io.mlflowexporter.delivery;

/**
 * Something that happened to an alias, as it was noticed.
 *
 * @param from the version it pointed to; empty where to none
 * @param to the version it points to; empty where to none
 * @param seenMillis when this exporter noticed, Unix milliseconds: MLflow does not tell when it happened
 */
public record Move(String workspace, String model, String alias, Kind kind, String from, String to, long seenMillis) {
    /** What it was. */
    public enum Kind {
        DEPLOYMENT,
        ROLLBACK,
        DELETION
    }
}
