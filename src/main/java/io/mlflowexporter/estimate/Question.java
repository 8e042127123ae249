package io.mlflowexporter.estimate;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What somebody wants to know; every number is in its range.
 *
 * @param items what would be used at once by each run
 * @param runs how many runs, one after another
 * @param at when prices, rates and overheads are taken
 * @param overheadDays how long overheads are spent; empty for as long as the runs take
 * @param overheadShare how much of the overheads this work bears, 0 to 1
 * @param workspace empty where not told
 * @param experiment whose history is asked for; empty for none
 * @param phase empty for all of them
 * @param model whose deployments are asked for; empty for those of the experiment
 */
record Question(
        List<Item> items,
        long runs,
        Instant at,
        Optional<BigDecimal> overheadDays,
        BigDecimal overheadShare,
        String workspace,
        String experiment,
        String phase,
        String model) {

    /**
     * So many of something for so long.
     *
     * @param resource as it was asked, possibly followed by a colon and how many
     */
    record Item(String resource, BigDecimal count, BigDecimal hours) {}

    boolean ofHistory() {
        return !experiment.isEmpty() || !model.isEmpty();
    }
}
