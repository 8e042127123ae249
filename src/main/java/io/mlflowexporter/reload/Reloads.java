package io.mlflowexporter.reload;

import io.mlflowexporter.metric.FamilyDeclaration;
import io.mlflowexporter.metric.FamilyDeclaration.Fold;
import io.mlflowexporter.metric.FamilyDeclaration.Stability;
import io.mlflowexporter.metric.LiveFamilies;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All files that one exporter reads again, and how that went. Safe for use by any number of threads. */
public final class Reloads {
    private static final Logger LOG = LoggerFactory.getLogger(Reloads.class);
    private static final String NOTHING = "nothing to reload: no setting names a file that is read again";

    static final FamilyDeclaration SUCCESSFUL = new FamilyDeclaration(
            "mlflow_exporter_config_last_reload_successful",
            FamilyDeclaration.Type.GAUGE,
            "1 if every file that is read again was valid when it was last read; 0: of one or more an older version is in"
                    + " force.",
            List.of(),
            Stability.STABLE,
            Fold.NEVER);
    static final FamilyDeclaration SUCCESS_TIME = new FamilyDeclaration(
            "mlflow_exporter_config_last_reload_success_timestamp_seconds",
            FamilyDeclaration.Type.GAUGE,
            "When a file that is read again was last read and taken over, Unix time; at first, when the exporter started.",
            List.of(),
            Stability.STABLE,
            Fold.NEVER);
    static final FamilyDeclaration RELOADS = new FamilyDeclaration(
            "mlflow_exporter_file_reloads_total",
            FamilyDeclaration.Type.COUNTER,
            "Files read again that were taken over, or failed and left the version before in force.",
            List.of("file", "outcome"),
            Stability.EXPERIMENTAL,
            Fold.NEVER);

    private static final String DONE = "done";
    private static final String FAILED = "failed";

    private final InstantSource clock;
    private final LongSupplier nanos;
    private final Gauge successful;
    private final Gauge successTime;
    private final Counter reloads;
    private final List<WatchedFile<?>> files = new CopyOnWriteArrayList<>();
    private final Set<WatchedFile<?>> broken = new HashSet<>();

    /**
     * None yet.
     *
     * @param nanos monotonic, by which it is time to look: a clock set back must not keep a removed user for hours
     */
    public Reloads(PrometheusRegistry live, InstantSource clock, LongSupplier nanos) {
        this.clock = clock;
        this.nanos = nanos;
        successful = LiveFamilies.gauge(SUCCESSFUL, live);
        successTime = LiveFamilies.gauge(SUCCESS_TIME, live);
        reloads = LiveFamilies.counter(RELOADS, live);
        for (FileKind kind : FileKind.values()) {
            reloads.initLabelValues(kind.label(), DONE);
            reloads.initLabelValues(kind.label(), FAILED);
        }
        successful.set(1);
        succeeded(clock.instant());
    }

    /** For a command that ends soon, whose counts nobody reads. */
    public static Reloads uncounted() {
        return new Reloads(new PrometheusRegistry(), InstantSource.system(), System::nanoTime);
    }

    /** All families that are counted here. */
    public static List<FamilyDeclaration> declarations() {
        return List.of(SUCCESSFUL, SUCCESS_TIME, RELOADS);
    }

    /** Reads every file again, changed or not. */
    public ReloadAnswer reload() {
        if (files.isEmpty()) {
            LOG.info("Reload: {}", NOTHING);
            return new ReloadAnswer(true, NOTHING);
        }
        List<ReloadAnswer> answers = files.stream().map(WatchedFile::reload).toList();
        return new ReloadAnswer(
                answers.stream().allMatch(ReloadAnswer::done),
                answers.stream().map(ReloadAnswer::text).collect(Collectors.joining("\n")));
    }

    void add(WatchedFile<?> file) {
        files.add(file);
    }

    /** The monotonic clock. */
    public long nanos() {
        return nanos.getAsLong();
    }

    synchronized void done(WatchedFile<?> file, FileKind kind) {
        broken.remove(file);
        successful.set(broken.isEmpty() ? 1 : 0);
        succeeded(clock.instant());
        reloads.labelValues(kind.label(), DONE).inc();
    }

    synchronized void failed(WatchedFile<?> file, FileKind kind) {
        broken.add(file);
        successful.set(0);
        reloads.labelValues(kind.label(), FAILED).inc();
    }

    private void succeeded(Instant at) {
        successTime.set(at.toEpochMilli() / 1000.0);
    }
}
