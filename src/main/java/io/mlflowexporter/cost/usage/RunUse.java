package io.mlflowexporter.cost.usage;

import java.util.Map;

/**
 * What a run uses while it runs.
 *
 * @param ownClock false where the run's time is covered by that of the run it is nested in: it costs nothing of its own
 * @param known false where no rule says, or the rule needs a number that the run does not tell
 * @param units what is used, named as in the {@code resource} label, to how many of it
 */
public record RunUse(boolean ownClock, boolean known, Map<String, Double> units) {
    public RunUse {
        units = Map.copyOf(units);
    }
}
