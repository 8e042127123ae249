package io.mlflowexporter.bench;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;

/** How long rereading all runs of a real server takes, and what share of its time. */
final class Resyncing {
    private static final Duration LIMIT = Duration.ofMinutes(20);
    private static final String COMPLETED = "mlflow_exporter_resync_completed_timestamp_seconds";
    private static final String PROGRESS = "mlflow_exporter_resync_progress_ratio";
    private static final String SPENT = "mlflow_exporter_resync_answer_seconds_total";

    private final Path jar;
    private final Report report;

    Resyncing(Path jar, Report report) {
        this.jar = jar;
        this.report = report;
    }

    /**
     * Watches an exporter with the default settings for a while.
     *
     * @param window a longer round is taken to go on at its pace
     * @param shareToo whether the share is reported besides
     */
    void run(URI mlflow, String label, String heap, Duration window, String goal, boolean shareToo)
            throws IOException, InterruptedException {
        try (Exporter exporter = Exporter.start(jar, mlflow, "60s", heap)) {
            exporter.awaitSnapshot(LIMIT);
            // Two refreshes on it is known how fast the server answers.
            exporter.awaitRefresh(LIMIT);
            exporter.awaitRefresh(LIMIT);
            long began = System.nanoTime();
            double spent = exporter.value(SPENT);
            double ratio = exporter.value(PROGRESS);
            double completed = exporter.value(COMPLETED);
            double rounds = 0;
            double seconds = 0;
            while (seconds < window.toSeconds()) {
                exporter.awaitRefresh(LIMIT);
                seconds = (System.nanoTime() - began) / 1e9;
                double now = exporter.value(PROGRESS);
                boolean ended = exporter.value(COMPLETED) != completed;
                completed = exporter.value(COMPLETED);
                rounds += ended ? (ratio == 1 ? 0 : 1 - ratio) + now : now - ratio;
                ratio = now;
            }
            double share = (exporter.value(SPENT) - spent) / seconds;
            String how = String.format(
                    Locale.ROOT,
                    "%.2f rounds in %.0f minutes, for which MLflow took %.1f s to answer",
                    rounds,
                    seconds / 60,
                    share * seconds);
            report.add("resync_minutes" + label, seconds / 60 / rounds, goal, how);
            if (shareToo) {
                report.add("resync_share", share, "≤ 0.03", how);
            }
        }
    }

    /** The first read with one request under way against that with several, in turns. */
    void parallel(URI mlflow, String label, String heap, int requests, int rounds)
            throws IOException, InterruptedException {
        double[] sequential = new double[rounds];
        double[] parallel = new double[rounds];
        for (int i = 0; i < rounds; i++) {
            sequential[i] = firstRead(mlflow, heap, 1);
            parallel[i] = firstRead(mlflow, heap, requests);
        }
        report.add(
                "sync_parallel_vs_sequential" + label,
                Report.median(sequential) / Report.median(parallel),
                "higher is better",
                String.format(
                        Locale.ROOT,
                        "a real server with four workers: first read %.1f s with one request under way, %.1f s with %d",
                        Report.median(sequential),
                        Report.median(parallel),
                        requests));
    }

    private double firstRead(URI mlflow, String heap, int requests) throws IOException, InterruptedException {
        try (Exporter exporter =
                Exporter.start(jar, mlflow, "1d", heap, "mlflow:", "  parallel_requests: " + requests)) {
            return exporter.awaitSnapshot(LIMIT);
        }
    }
}
