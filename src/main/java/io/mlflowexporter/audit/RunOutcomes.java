package io.mlflowexporter.audit;

import io.mlflowexporter.audit.expected.AuditWindows;
import io.mlflowexporter.audit.expected.ExpectedSeries;
import io.mlflowexporter.audit.expected.SeriesName;
import io.mlflowexporter.audit.server.MlflowContent.Run;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** How runs came to an end, and how long others wait to begin. */
final class RunOutcomes {
    static final String ERROR_RATIO = "mlflow_run_error_ratio";
    static final String LAST_SUCCESS = "mlflow_last_success_timestamp_seconds";

    private static final String RETRY_STORM = "mlflow_retry_storm_runs";
    private static final String OLDEST_SCHEDULED = "mlflow_oldest_scheduled_run_age_seconds";
    private static final String WAITED = "mlflow_run_queue_seconds_count";

    static final Set<String> GAUGES = Set.of(RETRY_STORM, OLDEST_SCHEDULED);

    /** What is tried again and again. */
    private record Attempt(String experiment, String phase, String name, Map<String, String> params) {}

    private final long nowMillis;
    private final ExpectedSeries sums;

    RunOutcomes(long nowMillis, ExpectedSeries sums) {
        this.nowMillis = nowMillis;
        this.sums = sums;
    }

    void runs(List<Run> runs) {
        List<Run> ended = runs.stream()
                .filter(run -> run.ended() && run.endMillis() != 0 && run.endMillis() <= nowMillis)
                .toList();
        Map<String, Long> windows = AuditWindows.since(nowMillis);
        windows.forEach((window, since) -> errors(window, endedAfter(ended, since)));
        ended.stream()
                .filter(run -> run.status().equals("FINISHED"))
                .forEach(run -> sums.time(series(LAST_SUCCESS, run), run.endMillis()));
        storms(endedAfter(ended, windows.getOrDefault("1d", nowMillis)));
        runs.stream()
                .filter(run -> run.status().equals("SCHEDULED") && run.active() && run.startMillis() != 0)
                .forEach(run -> sums.max(
                        series(OLDEST_SCHEDULED, run),
                        BigDecimal.valueOf(Math.max(0, nowMillis - run.startMillis()), 3)));
    }

    private static List<Run> endedAfter(List<Run> ended, long millis) {
        return ended.stream().filter(run -> run.endMillis() > millis).toList();
    }

    private static SeriesName series(String name, Run run) {
        return SeriesName.of(name, "experiment", run.experiment().name(), "phase", run.phase());
    }

    private void errors(String window, List<Run> ended) {
        Map<SeriesName, Integer> all = new LinkedHashMap<>();
        Map<SeriesName, Integer> bad = new HashMap<>();
        for (Run run : ended) {
            SeriesName series = series(ERROR_RATIO, run).with("window", window);
            all.merge(series, 1, Integer::sum);
            bad.merge(series, run.status().equals("FINISHED") ? 0 : 1, Integer::sum);
        }
        all.forEach((series, number) -> sums.add(
                series,
                new BigDecimal(bad.getOrDefault(series, 0)).divide(new BigDecimal(number), AuditPricing.EXACT)));
    }

    private void storms(List<Run> ended) {
        Map<Attempt, List<Run>> attempts = new LinkedHashMap<>();
        for (Run run : ended) {
            if (run.active()) {
                attempts.computeIfAbsent(
                                new Attempt(run.experiment().name(), run.phase(), run.name(), run.params()),
                                attempt -> new ArrayList<>())
                        .add(run);
            }
        }
        attempts.values().forEach(runs -> {
            runs.sort(Comparator.comparingLong(Run::endMillis)
                    .thenComparingLong(Run::startMillis)
                    .reversed());
            long failed = runs.stream()
                    .takeWhile(run -> !run.status().equals("FINISHED"))
                    .filter(run -> run.status().equals("FAILED"))
                    .count();
            if (failed > 1) {
                sums.max(series(RETRY_STORM, runs.get(0)), BigDecimal.valueOf(failed));
            }
        });
    }

    /** How long runs waited only the exporter saw; but no more can have waited than there are. */
    void waits(List<Run> runs, Set<SeriesName> scraped) {
        Map<SeriesName, Integer> most = new HashMap<>();
        runs.forEach(run -> most.merge(sums.clean(series(WAITED, run)), 1, Integer::sum));
        scraped.stream()
                .filter(series ->
                        series.name().equals(WAITED) && !series.labels().containsValue("_other"))
                .forEach(series -> sums.betweenAsServed(
                        series, BigDecimal.ZERO, BigDecimal.valueOf(most.getOrDefault(series, 0))));
    }
}
