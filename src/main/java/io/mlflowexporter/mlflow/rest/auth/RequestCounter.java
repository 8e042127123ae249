package io.mlflowexporter.mlflow.rest.auth;

/** Counts requests that are sent beside those to MLflow. */
public interface RequestCounter {
    /**
     * One has ended.
     *
     * @param operation what was asked
     * @param code HTTP status or kind of failure
     */
    void ended(String operation, String code, long nanos);
}
