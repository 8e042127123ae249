package io.mlflowexporter.delivery;

/**
 * Something that happened to an alias or to a model's name, as it was noticed.
 *
 * @param alias empty where the model was renamed
 * @param from the version it pointed to, or the name the model had; empty where to none
 * @param to the version it points to, or the name the model has; empty where to none
 * @param seenMillis when this exporter noticed, Unix milliseconds: MLflow does not tell when it happened
 */
public record Move(String workspace, String model, String alias, Kind kind, String from, String to, long seenMillis) {
    /** What it was. */
    public enum Kind {
        DEPLOYMENT,
        ROLLBACK,
        DELETION,
        RENAMING
    }
}
