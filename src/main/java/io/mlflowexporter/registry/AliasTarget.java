package io.mlflowexporter.registry;

import io.mlflowexporter.metric.Times;

/**
 * Where an alias points.
 *
 * @param version the version, or the last one where the alias is not set now
 * @param set whether it is set now
 * @param deployedMillis when it was seen to move to a newer version that was not rolled back since; {@link Times#ABSENT}
 *     where it was not
 */
record AliasTarget(String version, boolean set, long deployedMillis) {
    static AliasTarget seen(String version) {
        return new AliasTarget(version, true, Times.ABSENT);
    }
}
