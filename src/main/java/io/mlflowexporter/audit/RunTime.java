package io.mlflowexporter.audit;

import io.mlflowexporter.audit.Mlflow.Run;
import io.mlflowexporter.config.Config;
import java.time.Instant;

/**
 * The time a run is billed for, as far as MLflow alone shows it: {@code docs/cost-model.md}, "How long a run was busy".
 *
 * @param fromMillis its start
 * @param untilMillis not before it
 * @param outcome as the exporter's labels have it
 * @param credible false where it is unpriced, whatever the book says
 */
record RunTime(long fromMillis, long untilMillis, String outcome, boolean credible) {
    private static final long EARLIEST = Instant.parse("2018-06-01T00:00:00Z").toEpochMilli();
    private static final long CLOCKS_DIFFER = 2 * 3_600_000L;

    static RunTime of(Run run, long nowMillis, Config config) {
        long staleAfter = config.refresh().staleAfter().toMillis();
        long longest = config.cost().longestRun().toMillis();
        long activity = activity(run, nowMillis);
        String outcome = run.word();
        long until;
        if (run.status().equals("RUNNING")) {
            // MLflow keeps the end of a run that is resumed: since when it runs again only the exporter may have seen.
            boolean resumed = run.endMillis() != 0;
            boolean silent = !run.active() || (!resumed && activity < nowMillis - staleAfter);
            outcome = silent ? "stale" : "running";
            until = silent ? activity : nowMillis;
        } else if (run.endMillis() == 0) {
            until = activity;
        } else {
            boolean cleanedUp = activity < run.endMillis() - staleAfter
                    && (run.status().equals("FAILED") || run.status().equals("KILLED"));
            until = cleanedUp ? activity : run.endMillis();
        }
        long from = Math.max(0, run.startMillis());
        long end = Math.max(from, Math.min(until, nowMillis));
        boolean credible = run.startMillis() >= EARLIEST && end - from <= longest;
        return new RunTime(credible ? from : Math.max(from, end - longest), end, outcome, credible);
    }

    /** The newest of its start and the timestamps of its metrics that can be true. */
    static long activity(Run run, long nowMillis) {
        long latest = run.ended() && run.endMillis() != 0 ? Math.min(run.endMillis(), nowMillis) : nowMillis;
        return run.metricMillis().stream()
                .mapToLong(Long::longValue)
                .filter(at -> at <= latest + CLOCKS_DIFFER)
                .map(at -> Math.min(at, nowMillis))
                .reduce(run.startMillis(), Math::max);
    }

    /** Whether a run is active without activity for too long. */
    static boolean stale(Run run, long nowMillis, Config config) {
        boolean active = run.status().equals("RUNNING") || run.status().equals("SCHEDULED");
        long activity = activity(run, nowMillis);
        return active
                && activity != 0
                && activity < nowMillis - config.refresh().staleAfter().toMillis();
    }

    /** Whether its start can be true. */
    static boolean began(Run run) {
        return run.startMillis() >= EARLIEST;
    }
}
