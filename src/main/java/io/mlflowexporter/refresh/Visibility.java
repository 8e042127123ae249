package io.mlflowexporter.refresh;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Whether MLflow shows the exporter's account too little. A server whose lists are filtered by permission leaves out what an
 * account may not read and answers 200, so that only the number of objects can tell. Belongs to the refresh thread.
 */
final class Visibility {
    /** For so long a smaller number is reported; then it is taken for what there is. */
    private static final Duration REPORTED = Duration.ofDays(1);

    /** Fewer than these may have been removed by hand. */
    private static final int LEAST_LOSS = 5;

    private final String things;
    private final Optional<String> none;

    private long seen;
    private long before;
    private Instant since = Instant.MAX;

    /**
     * Begins with nothing seen.
     *
     * @param none what to report where there is none at all; empty where that is usual
     */
    Visibility(String things, Optional<String> none) {
        this.things = things;
        this.none = none;
    }

    /** Another server is read from now on. */
    void forget() {
        seen = 0;
        since = Instant.MAX;
    }

    /**
     * Takes the number of objects that a refresh has listed.
     *
     * @return what to report, one line; the same line until it changes
     */
    Optional<String> report(long number, Instant now) {
        if (farFewer(number, seen)) {
            before = since.equals(Instant.MAX) ? seen : Math.max(before, seen);
            since = now;
        } else if (!farFewer(number, before) || now.isAfter(since.plus(REPORTED))) {
            since = Instant.MAX;
        }
        seen = number;
        if (number == 0 && none.isPresent()) {
            return none;
        }
        return since.equals(Instant.MAX)
                ? Optional.empty()
                : Optional.of("MLflow shows the exporter " + number + " " + things + ", and showed " + before
                        + " until " + since + ": if nobody removed them, its account has lost grants to read them");
    }

    private static boolean farFewer(long now, long before) {
        return now * 2 < before && before - now >= LEAST_LOSS;
    }
}
