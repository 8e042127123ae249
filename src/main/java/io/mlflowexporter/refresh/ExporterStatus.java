package io.mlflowexporter.refresh;

import io.mlflowexporter.cost.budget.CostOverview;
import io.mlflowexporter.kpi.KpiOverview;
import io.mlflowexporter.llm.LlmOverview;
import io.mlflowexporter.mlflow.ServerInfo;
import io.mlflowexporter.registry.AliasMove;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the exporter knows of itself, for people: the status page and {@code /api/v1/status} show it, {@code /readyz}
 * decides by it. Immutable; a new one is published at every step of a refresh.
 *
 * @param version the exporter's own
 * @param revision the exporter's source revision, {@code unknown} where the build did not say
 * @param snapshot empty until the first refresh that read anything
 * @param lastRefresh empty until the first refresh ended
 * @param costs empty without a cost book, and until the first refresh
 * @param moves the newest moves of aliases, the newest first
 * @param kpis what is achieved
 * @param llm empty where the server has no LLM traces, or they are not read
 * @param anomalies kind to how many objects show it now
 * @param anomalyExamples kind to ids of the newest runs that show it, ten at most
 * @param checkpoint empty where none is configured
 * @param notices what is to be known of the server and the numbers though nothing failed, one line each
 */
public record ExporterStatus(
        String version,
        String revision,
        Instant startedAt,
        Optional<ServerInfo> server,
        Part tracking,
        Part registry,
        Progress progress,
        Optional<LastRefresh> lastRefresh,
        Optional<Snapshot> snapshot,
        Map<String, Long> anomalies,
        Map<String, List<String>> anomalyExamples,
        List<FamilySeries> series,
        Optional<CostOverview> costs,
        List<AliasMove> moves,
        KpiOverview kpis,
        Optional<LlmOverview> llm,
        Optional<Checkpoint> checkpoint,
        List<String> notices) {

    /** The same but for how far the refresh under way has come. */
    ExporterStatus withProgress(Progress now) {
        return new ExporterStatus(
                version,
                revision,
                startedAt,
                server,
                tracking,
                registry,
                now,
                lastRefresh,
                snapshot,
                anomalies,
                anomalyExamples,
                series,
                costs,
                moves,
                kpis,
                llm,
                checkpoint,
                notices);
    }

    /**
     * The file a restart goes on from.
     *
     * @param writtenAt empty where there is none yet
     * @param writeFailures since the start
     * @param problem why it could not be written the last time, one line
     */
    public record Checkpoint(
            String file, Optional<Instant> writtenAt, long bytes, long writeFailures, Optional<String> problem) {}

    /** One of the two halves that are read, and fail, by themselves. */
    public record Part(Optional<Instant> lastSuccess, Optional<Problem> problem) {
        /** Nothing tried yet. */
        public static final Part UNTRIED = new Part(Optional.empty(), Optional.empty());
    }

    /**
     * Why a part could not be read the last time it was tried.
     *
     * @param since when it began to fail
     * @param message one line, without secrets
     */
    public record Problem(Instant since, String message) {}

    /**
     * How far the refresh that runs now has come.
     *
     * @param step what is being read, empty between refreshes
     * @param experimentsTotal 0 until known
     */
    public record Progress(String step, int experimentsDone, int experimentsTotal, long runsRead) {
        /** Between refreshes. */
        public static final Progress IDLE = new Progress("", 0, 0, 0);
    }

    /** The refresh that ended last. */
    public record LastRefresh(Instant startedAt, Duration took, Outcome outcome) {}

    /** How a refresh ended; the label value of {@code mlflow_exporter_refreshes_total} is the name in lower case. */
    public enum Outcome {
        COMPLETE,
        PARTIAL,
        FAILED
    }

    /**
     * The data now served.
     *
     * @param readAt when its oldest part was read
     * @param withdrawnAfter the last instant at which any of it is served
     * @param incomplete one line for each reason why it is not complete, empty where it is
     * @param suspicions one line for each thing that looks wrong though all was read, such as an account that sees nothing
     * @param experimentsByRuns the biggest, in descending order
     * @param experimentsByHours the biggest, in descending order
     */
    public record Snapshot(
            Instant readAt,
            Instant withdrawnAfter,
            List<String> incomplete,
            List<String> suspicions,
            long experiments,
            long runs,
            long models,
            long versions,
            List<ExperimentRow> experimentsByRuns,
            List<ExperimentRow> experimentsByHours) {}

    /**
     * One experiment in the lists of the biggest.
     *
     * @param hours durations of all its runs that are not deleted, added up
     */
    public record ExperimentRow(
            String workspace, String experiment, String experimentId, long runs, long active, double hours) {}

    /** How many series a family has now. */
    public record FamilySeries(String family, int series, int dropped) {}
}
