package io.mlflowexporter.estimate;

import io.mlflowexporter.cost.RunUse;
import io.mlflowexporter.delivery.Deliveries.Pace;
import io.mlflowexporter.kpi.Kpis.Achieved;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What is known of what was. Immutable.
 *
 * @param readAt when MLflow was read
 * @param experiments those of the name asked for: none, or one for each workspace that has it
 * @param nearby names of others that could be meant, where there is none
 * @param paces of the models asked for; empty: nobody watched
 */
public record Past(
        Instant readAt, List<Found> experiments, List<String> nearby, Optional<List<Pace>> paces, List<String> models) {
    public Past {
        experiments = List.copyOf(experiments);
        nearby = List.copyOf(nearby);
        paces = paces.map(List::copyOf);
        models = List.copyOf(models);
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
        Past past(Wanted wanted) throws NotNowException;
    }
}
