package io.mlflowexporter.backfill;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * The times history is told for.
 *
 * @param from the first
 * @param to the last, at which the exporter takes over; not before {@code from}
 * @param step from one to the next; what is left before {@code to} may be shorter
 */
public record BackfillTimes(Instant from, Instant to, Duration step) {
    public BackfillTimes {
        if (to.isBefore(from) || step.toMillis() <= 0) {
            throw new IllegalArgumentException("no times from " + from + " to " + to + " every " + step);
        }
    }

    /** How many there are. */
    public long count() {
        long length = Duration.between(from, to).toMillis();
        long whole = length / step.toMillis();
        return whole + (length % step.toMillis() == 0 ? 1 : 2);
    }

    /** Unix milliseconds. */
    long millis(long i) {
        return Math.min(from.toEpochMilli() + i * step.toMillis(), to.toEpochMilli());
    }

    /** In pieces of at most this length, without a gap. */
    public List<BackfillTimes> split(Duration longest) {
        long perPiece = Math.max(1, longest.toMillis() / step.toMillis());
        List<BackfillTimes> pieces = new ArrayList<>();
        for (long first = 0; first < count(); first += perPiece) {
            long last = Math.min(count(), first + perPiece) - 1;
            pieces.add(
                    new BackfillTimes(Instant.ofEpochMilli(millis(first)), Instant.ofEpochMilli(millis(last)), step));
        }
        return pieces;
    }
}
