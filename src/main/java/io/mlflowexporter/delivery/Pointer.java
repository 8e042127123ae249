package io.mlflowexporter.delivery;

import io.mlflowexporter.mlflow.Times;

/**
 * Where an alias points.
 *
 * @param version the version, or the last one where the alias is not set now
 * @param set whether it is set now
 * @param deployedMillis when it was seen to move to a newer version that was not rolled back since; {@link Times#ABSENT}
 *     where it was not
 */
record Pointer(String version, boolean set, long deployedMillis) {
    static Pointer seen(String version) {
        return new Pointer(version, true, Times.ABSENT);
    }
}
