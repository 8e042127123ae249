package io.mlflowexporter.refresh;

import io.mlflowexporter.metric.FamilyDeclaration;
import io.mlflowexporter.metric.FamilyDeclaration.Stability;
import io.mlflowexporter.metric.LiveFamilies;
import io.mlflowexporter.mlflow.connection.ShardConfig;
import io.mlflowexporter.refresh.ExporterStatus.Outcome;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.List;
import java.util.Locale;

/** What is true of this moment and not of a snapshot. */
final class LiveMetrics {
    static final FamilyDeclaration UP = live(
            "mlflow_up",
            FamilyDeclaration.Type.GAUGE,
            "1 if the last refresh read MLflow's experiments and runs to the end, else 0; 0 before the first ended.");
    static final FamilyDeclaration BUILD = live(
            "mlflow_exporter_build_info",
            FamilyDeclaration.Type.INFO,
            "Always 1: what is running.",
            "version",
            "revision");
    static final FamilyDeclaration SHARDS = live(
            "mlflow_exporter_shards",
            FamilyDeclaration.Type.GAUGE,
            "How many exporters share one MLflow as configured; the label says which of them this one is.",
            "shard");
    static final FamilyDeclaration REFRESHES = live(
            "mlflow_exporter_refreshes_total",
            FamilyDeclaration.Type.COUNTER,
            "Refreshes that ended, by outcome.",
            "outcome");
    static final FamilyDeclaration DURATION = live(
            "mlflow_exporter_refresh_duration_seconds",
            FamilyDeclaration.Type.HISTOGRAM,
            "How long refreshes took, failed ones too.");
    static final FamilyDeclaration PROGRESS = live(
            "mlflow_exporter_refresh_progress_ratio",
            FamilyDeclaration.Type.GAUGE,
            "Experiments whose runs the refresh under way has read, of all it will read; 1 between refreshes.");
    static final FamilyDeclaration READ = live(
            "mlflow_exporter_refresh_runs_read",
            FamilyDeclaration.Type.GAUGE,
            "Runs the refresh under way, or the last one, has read.");

    static final FamilyDeclaration OTHER_DATABASES = live(
            "mlflow_exporter_database_changes_total",
            FamilyDeclaration.Type.COUNTER,
            "How often MLflow was found to hold another database than before, upon which all is read anew and the"
                    + " counters about MLflow begin again.");

    static final FamilyDeclaration RESYNC_FAILURES = live(
            "mlflow_exporter_resync_failures_total",
            FamilyDeclaration.Type.COUNTER,
            "Refreshes that read all they had to but failed to reread known runs; what failed is asked for again.");

    private final Gauge up;
    private final Counter refreshes;
    private final Counter otherDatabases;
    private final Counter resyncFailures;
    private final Histogram duration;
    private final Gauge progress;
    private final Gauge runsRead;

    LiveMetrics(ExporterContext context) {
        PrometheusRegistry registry = context.live();
        ShardConfig shard = context.config().shard();
        up = LiveFamilies.gauge(UP, registry);
        progress = LiveFamilies.gauge(PROGRESS, registry);
        runsRead = LiveFamilies.gauge(READ, registry);
        refreshes = LiveFamilies.counter(REFRESHES, registry);
        for (Outcome outcome : Outcome.values()) {
            refreshes.initLabelValues(label(outcome));
        }
        otherDatabases = LiveFamilies.counter(OTHER_DATABASES, registry);
        resyncFailures = LiveFamilies.counter(RESYNC_FAILURES, registry);
        duration =
                LiveFamilies.histogram(DURATION, registry, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800);
        LiveFamilies.gauge(BUILD, registry)
                .labelValues(context.version(), context.revision())
                .set(1);
        LiveFamilies.gauge(SHARDS, registry)
                .labelValues(Integer.toString(shard.index()))
                .set(shard.total());
    }

    static List<FamilyDeclaration> declarations() {
        return List.of(UP, BUILD, SHARDS, REFRESHES, DURATION, PROGRESS, READ, OTHER_DATABASES, RESYNC_FAILURES);
    }

    private static FamilyDeclaration live(String name, FamilyDeclaration.Type type, String help, String... labels) {
        return FamilyDeclaration.live(name, type, help, Stability.STABLE, labels);
    }

    private static String label(Outcome outcome) {
        return outcome.name().toLowerCase(Locale.ROOT);
    }

    void otherDatabase() {
        otherDatabases.inc();
    }

    void resyncFailed() {
        resyncFailures.inc();
    }

    void progress(int done, int total, long runs) {
        progress.set(total == 0 ? 0 : (double) done / total);
        runsRead.set((double) runs);
    }

    void ended(Outcome outcome, boolean reached, double seconds) {
        up.set(reached ? 1 : 0);
        progress.set(1);
        refreshes.labelValues(label(outcome)).inc();
        duration.observe(seconds);
    }
}
