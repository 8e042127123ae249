package io.mlflowexporter.web.pages;

import io.mlflowexporter.refresh.ExporterStatus;
import io.mlflowexporter.refresh.ExporterStatus.Problem;
import java.time.Instant;

/**
 * Whether there is a snapshot to serve.
 *
 * @param reason one line
 */
record Readiness(boolean ready, String reason) {
    static Readiness of(ExporterStatus status, Instant now) {
        String problem = status.tracking().problem().map(Problem::message).orElse("");
        if (status.snapshot().isEmpty()) {
            if (!problem.isEmpty()) {
                return new Readiness(false, "nothing read yet: " + problem);
            }
            ExporterStatus.Progress progress = status.progress();
            String step = progress.step().isEmpty() ? "starting" : progress.step();
            String count = progress.experimentsTotal() == 0
                    ? ""
                    : ", " + progress.experimentsDone() + " of " + progress.experimentsTotal() + " experiments, "
                            + progress.runsRead() + " runs";
            return new Readiness(false, "the first read is under way: " + step + count);
        }
        ExporterStatus.Snapshot snapshot = status.snapshot().get();
        if (now.isAfter(snapshot.withdrawnAfter())) {
            return new Readiness(
                    false,
                    "the snapshot of " + snapshot.readAt() + " was withdrawn as too old"
                            + (problem.isEmpty() ? "" : ": " + problem));
        }
        return new Readiness(true, snapshot.incomplete().isEmpty() ? "serving" : "serving, but not complete");
    }
}
