package io.mlflowexporter.mlflow;

/** Whether an experiment or a run is in use or soft-deleted. A server's unknown word reads as {@link #ACTIVE}. */
public enum LifecycleStage {
    ACTIVE,
    DELETED
}
