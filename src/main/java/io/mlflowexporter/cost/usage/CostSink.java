package io.mlflowexporter.cost.usage;

import io.mlflowexporter.cost.pricing.Tariff;

/** Hears, run by run and piece by piece, what was spent, and what of it is taken back: see {@link CostRun#times}. */
public interface CostSink {
    double MILLIS_PER_HOUR = 3_600_000;

    /** From now on this is the time. All that does not hold then was taken back, runs that run now among it. */
    default void at(CostClock now) {}

    /**
     * A run used part of something at one price.
     *
     * @param fromMillis inside one stretch of the run's time and the piece
     * @param untilMillis exclusive, after {@code fromMillis}
     */
    default void priced(CostRun run, UsagePart part, Tariff.Piece piece, long fromMillis, long untilMillis) {}

    /** A run was busy, and of something it used no price is known; once for each stretch of time. */
    default void unpriced(CostRun run, long fromMillis, long untilMillis) {}

    /** Every run that has a clock of its own, before anything else is said of it. */
    default void run(CostRun run) {}

    /** What a run's own share of so much of a part costs for some time. */
    static double cost(CostRun run, UsagePart part, Tariff.Piece piece, long fromMillis, long untilMillis) {
        return fromMillis >= untilMillis
                ? 0
                : run.machine().millis(fromMillis, untilMillis) / MILLIS_PER_HOUR * piece.perHour() * part.quantity();
    }
}
