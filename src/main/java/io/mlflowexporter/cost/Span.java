package io.mlflowexporter.cost;

import io.mlflowexporter.catalog.RunState;
import io.mlflowexporter.catalog.RunTable;
import io.mlflowexporter.mlflow.RunStatus;
import io.mlflowexporter.mlflow.Times;
import java.util.Optional;

/**
 * The time a run kept a machine busy.
 *
 * @param fromMillis its start, Unix milliseconds
 * @param untilMillis exclusive, not before {@code fromMillis}
 */
record Span(long fromMillis, long untilMillis, Outcome outcome) {
    /**
     * From the start to the end; of a running run to now; of a stale one, of one that was deleted while it ran and of
     * one whose end is missing to its last sign of life; never past now, so that the clock of whoever wrote the end
     * spends nothing in advance, and not from before 1970, since a time near the end of its numbers would turn a cost
     * negative. Empty where the run has not {@link #begun}.
     */
    static Optional<Span> of(RunTable runs, int row, long nowMillis, long staleAfterMillis) {
        long start = runs.startMillis(row);
        RunStatus status = runs.status(row);
        if (!begun(runs, row)) {
            return Optional.empty();
        }
        if (status == RunStatus.RUNNING) {
            boolean silent = runs.state(row) == RunState.DELETED
                    || runs.state(row) == RunState.GONE
                    || runs.stale(row, nowMillis, staleAfterMillis);
            return Optional.of(
                    silent
                            ? span(start, Math.min(runs.lastSignMillis(row), nowMillis), Outcome.STALE)
                            : span(start, nowMillis, Outcome.RUNNING));
        }
        long end = runs.endMillis(row) == Times.ABSENT ? runs.lastSignMillis(row) : runs.endMillis(row);
        return Optional.of(span(start, Math.min(end, nowMillis), ended(status)));
    }

    /** Whether the run has a clock: a scheduled one waits, and nothing is busy yet; of others the start may be missing. */
    static boolean begun(RunTable runs, int row) {
        return runs.startMillis(row) != Times.ABSENT && runs.status(row) != RunStatus.SCHEDULED;
    }

    private static Span span(long start, long until, Outcome outcome) {
        long from = Math.max(0, start);
        return new Span(from, Math.max(from, until), outcome);
    }

    private static Outcome ended(RunStatus status) {
        return switch (status) {
            case FINISHED -> Outcome.FINISHED;
            case FAILED -> Outcome.FAILED;
            case KILLED -> Outcome.KILLED;
            default -> Outcome.UNKNOWN;
        };
    }
}
