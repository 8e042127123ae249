package io.mlflowexporter.catalog.sync;

import io.mlflowexporter.catalog.Catalog;
import io.mlflowexporter.metric.Family;
import io.mlflowexporter.metric.FamilyDeclaration;
import io.mlflowexporter.metric.FamilyDeclaration.Fold;
import io.mlflowexporter.metric.FamilyDeclaration.Stability;
import io.mlflowexporter.metric.Samples;
import io.mlflowexporter.metric.Times;
import java.util.List;

/** How far known runs were read again, and what of them cannot be read. */
public final class ResyncFamilies {
    private static final double MILLIS_PER_SECOND = 1_000;

    static final FamilyDeclaration PROGRESS = family(
            FamilyDeclaration.Type.GAUGE,
            "mlflow_exporter_resync_progress_ratio",
            "Share of all runs that were read since the resync under way began; 1 if one has just ended.");
    static final FamilyDeclaration COMPLETED = family(
            FamilyDeclaration.Type.GAUGE,
            "mlflow_exporter_resync_completed_timestamp_seconds",
            "When the last resync of all runs ended, Unix time.");
    static final FamilyDeclaration LONGEST_UNREAD = family(
            FamilyDeclaration.Type.GAUGE,
            "mlflow_exporter_resync_oldest_read_timestamp_seconds",
            "When the run that was not read for the longest time was last read, Unix time: an edit that leaves no"
                    + " trace in MLflow can be unseen for that long.");
    static final FamilyDeclaration SPENT = family(
            FamilyDeclaration.Type.COUNTER,
            "mlflow_exporter_resync_answer_seconds_total",
            "Time that MLflow took to answer the requests of resyncs; its rate is the share of one worker of the"
                    + " server, which refresh.resync_share limits.");
    static final FamilyDeclaration EXPECTED = family(
            FamilyDeclaration.Type.GAUGE,
            "mlflow_exporter_resync_expected_seconds",
            "Time that a resync of all runs takes if it uses all of refresh.resync_share, at the speed at which MLflow"
                    + " answered lately; more than is wanted means that the server is too slow for the share.");
    static final FamilyDeclaration SET_ASIDE = family(
            FamilyDeclaration.Type.GAUGE,
            "mlflow_exporter_experiments_set_aside",
            "Experiments whose runs are not read for a while, as one of them is larger than mlflow.max_response_size"
                    + " or an eighth of the heap, or as they did not come within mlflow.read_timeout while others did.");

    private ResyncFamilies() {}

    private static FamilyDeclaration family(FamilyDeclaration.Type type, String name, String help) {
        return new FamilyDeclaration(name, type, help, List.of(), Stability.EXPERIMENTAL, Fold.NEVER);
    }

    /** All families of this subject. */
    public static List<FamilyDeclaration> declarations() {
        return List.of(PROGRESS, COMPLETED, LONGEST_UNREAD, SPENT, EXPECTED, SET_ASIDE);
    }

    /**
     * All families.
     *
     * @param share of the server's time, which rereading may take
     */
    public static List<Family> of(Catalog catalog, double share) {
        ResyncProgress resync = ResyncProgress.of(catalog, share);
        return List.of(
                one(PROGRESS, resync.ratio()),
                time(COMPLETED, resync.completedMillis()),
                time(LONGEST_UNREAD, resync.longestUnreadMillis()),
                one(SPENT, resync.spent().toMillis() / MILLIS_PER_SECOND),
                one(EXPECTED, resync.expected().toMillis() / MILLIS_PER_SECOND),
                one(SET_ASIDE, catalog.setAside().size()));
    }

    private static Family time(FamilyDeclaration declaration, long millis) {
        return millis == Times.ABSENT
                ? new Samples().family(declaration)
                : one(declaration, millis / MILLIS_PER_SECOND);
    }

    private static Family one(FamilyDeclaration declaration, double value) {
        Samples samples = new Samples();
        samples.max("", value);
        return samples.family(declaration);
    }
}
