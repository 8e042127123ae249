package io.mlflowexporter.audit;

import java.time.Instant;
import java.util.List;

/**
 * What was found.
 *
 * @param snapshot when the exporter had read what it served
 * @param series how many were recomputed
 * @param runs how many MLflow holds
 * @param countersEqual whether counters had to be equal, and not only as much
 * @param timesKnown false where runs waited or were resumed and it is not known when, so that what is made of the time of
 *     runs could only be held to be no more
 */
public record AuditResult(
        Instant snapshot,
        int series,
        int runs,
        boolean countersEqual,
        boolean timesKnown,
        List<Difference> differences) {
    public AuditResult {
        differences = List.copyOf(differences);
    }

    /**
     * A series that is not as it must be.
     *
     * @param kind missing, unexpected or value
     */
    public record Difference(String series, String exporter, String mlflow, String kind) {}
}
