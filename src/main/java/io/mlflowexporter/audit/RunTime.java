package io.mlflowexporter.audit;

import io.mlflowexporter.audit.server.MlflowContent.Run;
import io.mlflowexporter.config.Config;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The time a run is billed for: {@code docs/cost-model.md}, "How long a run was busy".
 *
 * @param fromMillis its start
 * @param untilMillis not before it
 * @param stretches beginnings and ends of the times in which it ran, in order; of those only the last where they are not
 *     credible
 * @param outcome as the exporter's labels have it
 * @param credible false where it is unpriced, whatever the book says
 */
record RunTime(long fromMillis, long untilMillis, List<long[]> stretches, String outcome, boolean credible) {
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
            boolean resumed = !run.observed().known() && run.endMillis() != 0;
            boolean silent = !run.active() || (!resumed && activity < nowMillis - staleAfter);
            outcome = silent ? "stale" : "running";
            until = silent ? activity : nowMillis;
        } else if (run.status().equals("SCHEDULED")) {
            outcome = "running";
            until = run.observed().waitingSince().orElse(run.startMillis());
        } else if (run.endMillis() == 0) {
            until = activity;
        } else {
            boolean cleanedUp = activity < run.endMillis() - staleAfter
                    && (run.status().equals("FAILED") || run.status().equals("KILLED"));
            until = cleanedUp ? activity : run.endMillis();
        }
        long from = Math.max(0, run.startMillis());
        long end = Math.max(from, Math.min(until, nowMillis));
        List<long[]> stretches = without(from, end, run.observed().gaps());
        boolean credible = run.startMillis() >= EARLIEST && length(stretches) <= longest;
        if (credible) {
            return new RunTime(from, end, stretches, outcome, true);
        }
        long last = Math.max(from, end - longest);
        return new RunTime(last, end, without(last, end, List.of()), outcome, false);
    }

    private static List<long[]> without(long from, long until, List<long[]> gaps) {
        List<long[]> left = new ArrayList<>();
        long at = from;
        for (long[] gap : gaps.stream()
                .sorted(Comparator.comparingLong(gap -> gap[0]))
                .filter(gap -> gap[0] < gap[1])
                .toList()) {
            left.add(new long[] {at, Math.min(until, gap[0])});
            at = Math.max(at, gap[1]);
        }
        left.add(new long[] {at, until});
        left.removeIf(stretch -> stretch[0] >= stretch[1]);
        return left;
    }

    private static long length(List<long[]> stretches) {
        return stretches.stream().mapToLong(stretch -> stretch[1] - stretch[0]).sum();
    }

    /** How long it ran. */
    long millis() {
        return length(stretches);
    }

    /** Whether it has a time at all: it began, and does not only wait. */
    static boolean hasClock(Run run) {
        return run.startMillis() != 0
                && (!run.status().equals("SCHEDULED")
                        || run.observed().waitingSince().isPresent());
    }

    /** The newest of its start, the timestamps of its metrics that can be true, and when it was seen to begin to run. */
    static long activity(Run run, long nowMillis) {
        long latest = run.ended() && run.endMillis() != 0 ? Math.min(run.endMillis(), nowMillis) : nowMillis;
        long logged = run.metricMillis().stream()
                .mapToLong(Long::longValue)
                .filter(at -> at <= latest + CLOCKS_DIFFER)
                .map(at -> Math.min(at, nowMillis))
                .reduce(run.startMillis(), Math::max);
        return Math.max(logged, Math.min(run.observed().seenToRun(), nowMillis));
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
