package io.mlflowexporter.audit;

import io.mlflowexporter.audit.expected.AuditPhases;
import io.mlflowexporter.audit.expected.SeriesName;
import io.mlflowexporter.audit.server.AuditedServer;
import io.mlflowexporter.audit.server.MlflowContent;
import io.mlflowexporter.audit.server.Observed;
import io.mlflowexporter.audit.server.ServerReading;
import io.mlflowexporter.catalog.RunsConfig.PhaseRule;
import io.mlflowexporter.config.LoadedConfig;
import java.io.IOException;
import java.io.Writer;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Recomputes what an exporter says from MLflow itself, by another way: the messages of MLflow's own client, exact decimals,
 * the documented formulas. Nothing here is shared with what the exporter computes.
 */
public final class Audit {
    /** An exporter may have read what began in the moments after its snapshot's time. So many are tried. */
    private static final int MOMENTS = 5;

    /** Of the year 9999. */
    private static final double LAST_SECOND = 253_402_300_799.0;

    private final LoadedConfig loaded;
    private final ServerReading reading;
    private final InstantSource clock;
    private final Optional<AuditPricing> book;

    /**
     * Sets out to audit.
     *
     * @param registry may be the same
     * @param phaseRules all of them, the built-in ones included
     */
    public Audit(
            LoadedConfig loaded,
            AuditedServer tracking,
            AuditedServer registry,
            List<PhaseRule> phaseRules,
            InstantSource clock) {
        this.loaded = loaded;
        this.reading = new ServerReading(tracking, registry, loaded.config(), new AuditPhases(phaseRules));
        this.clock = clock;
        this.book = loaded.costBook().map(AuditPricing::new);
    }

    /** As {@link #check(String, Optional)}, where nobody asks the exporter what it saw. */
    public AuditResult check(String scrape) throws IOException {
        return check(scrape, Optional.empty());
    }

    /**
     * Reads MLflow now and holds a scrape of a moment ago against it. As a snapshot is stamped when its reading begins, what
     * was read may be as of a little later: the moment at which the least differs is the one that is told.
     *
     * @param scrape in Prometheus's text format
     * @param observed what only the exporter saw; of use where it is of the same snapshot and nothing is left out
     * @throws IOException if MLflow cannot be read or the scrape is none of an exporter that has read it, with a line
     *     for the user
     */
    public AuditResult check(String scrape, Optional<Observed> observed) throws IOException {
        Map<SeriesName, Double> scraped = scraped(scrape);
        Double snapshot = scraped.get(SeriesName.of("mlflow_snapshot_timestamp_seconds"));
        if (snapshot == null || !(snapshot >= 0 && snapshot < LAST_SECOND)) {
            throw new IOException("the exporter serves no snapshot; see its /readyz for what it waits for");
        }
        if (scraped.keySet().stream().anyMatch(series -> series.labels().containsKey("workspace"))) {
            throw new IOException(
                    "the exporter reads an MLflow with workspaces, which cannot be audited: MLflow's Java client does not"
                            + " know them");
        }
        long now = Math.round(snapshot * 1000);
        long scrapedBy = clock.millis();
        Optional<Observed> usable =
                observed.filter(it -> it.complete() && it.snapshot().toEpochMilli() == now);
        MlflowContent mlflow = reading.read();
        MlflowContent read = usable.map(mlflow::with).orElse(mlflow);
        long readBy = clock.millis();
        List<Long> moments = SnapshotMoments.likeliest(read, now, scrapedBy, readBy, scraped);
        AuditResult closest = compared(scraped, usable.isPresent(), now, read.asOf(moments.get(0), readBy));
        for (int i = 1;
                i < Math.min(MOMENTS, moments.size()) && !closest.differences().isEmpty();
                i++) {
            AuditResult result = compared(scraped, usable.isPresent(), now, read.asOf(moments.get(i), readBy));
            if (result.differences().size() < closest.differences().size()) {
                closest = result;
            }
        }
        return closest;
    }

    private AuditResult compared(Map<SeriesName, Double> scraped, boolean observed, long now, MlflowContent mlflow) {
        Recomputation recomputed = new Recomputation(loaded, mlflow, observed, now, scraped);
        recomputed.counts();
        book.ifPresent(recomputed::costs);
        recomputed.achievements();
        List<AuditResult.Difference> differences = recomputed.differences();
        return new AuditResult(
                Instant.ofEpochMilli(now),
                recomputed.series(),
                mlflow.runs().size(),
                recomputed.countersEqual(),
                recomputed.timesKnown(),
                differences);
    }

    private static Map<SeriesName, Double> scraped(String scrape) throws IOException {
        try {
            return SeriesName.read(scrape);
        } catch (IllegalArgumentException e) {
            throw new IOException("the exporter's answer is not a scrape: " + e.getMessage(), e);
        }
    }

    /**
     * Writes what each run has cost by now, for whoever must book it.
     *
     * @throws IOException if MLflow cannot be read or nothing can be written; also without a cost book
     */
    public void write(Writer csv) throws IOException {
        if (book.isEmpty()) {
            throw new IOException("without a cost book (cost.file) runs have no costs");
        }
        long now = clock.millis();
        RunsCsv.write(new RunCosts(book.get(), reading.read().runs(), now, loaded.config()).all(), csv);
    }
}
