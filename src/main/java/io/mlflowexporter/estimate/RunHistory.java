package io.mlflowexporter.estimate;

import io.mlflowexporter.cost.usage.RunUse;
import io.mlflowexporter.kpi.Kpis.Achieved;
import io.mlflowexporter.registry.Deployments.Pace;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What is known of what was. Immutable.
 *
 * @param readAt when MLflow was read
 * @param experiments those of the name asked for: none, or one for each workspace that has it
 * @param paces of the models asked for; empty: nobody watched
 * @param missing what was asked for by name and is not there, and what is instead, a line each
 */
public record RunHistory(Instant readAt, List<Found> experiments, Optional<List<Pace>> paces, List<String> missing) {
    /** Of what cannot be looked up. */
    public static RunHistory missing(Instant readAt, List<String> missing) {
        return new RunHistory(readAt, List.of(), Optional.empty(), missing);
    }

    public RunHistory {
        experiments = List.copyOf(experiments);
        paces = paces.map(List::copyOf);
        missing = List.copyOf(missing);
    }

    /** What is asked of it. */
    public record Wanted(String workspace, String experiment, String model) {}

    /** An experiment's phases. */
    public record Found(String workspace, String experiment, List<PhasePast> phases) {}

    /** The newest finished runs of a phase, the newest first. */
    public record PhasePast(String phase, List<RunPast> runs) {}

    /**
     * A finished run.
     *
     * @param nested whether it is nested in another whose clock it shares
     * @param use empty without a cost book
     */
    public record RunPast(
            long endMillis, long durationMillis, boolean nested, Optional<RunUse> use, List<Achieved> achieved) {}

    /** Where it is known. */
    public interface Source {
        /**
         * Looks it up.
         *
         * @throws NotNowException if it cannot be known now
         */
        RunHistory past(Wanted wanted) throws NotNowException;
    }
}
