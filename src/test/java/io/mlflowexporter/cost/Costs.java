package io.mlflowexporter.cost;

import io.mlflowexporter.catalog.Catalog;
import io.mlflowexporter.catalog.TimeRules;
import io.mlflowexporter.catalog.reading.RunNeeds;
import io.mlflowexporter.catalog.sync.FullSynchronizer;
import io.mlflowexporter.checkpoint.fields.SectionBytes;
import io.mlflowexporter.config.Config;
import io.mlflowexporter.config.ConfigLoader;
import io.mlflowexporter.exposition.Exposition;
import io.mlflowexporter.exposition.ExpositionConfig;
import io.mlflowexporter.exposition.ExpositionRenderer;
import io.mlflowexporter.exposition.ScrapeRequest;
import io.mlflowexporter.exposition.SectionInput;
import io.mlflowexporter.metric.Family;
import io.mlflowexporter.metric.Family.Value;
import io.mlflowexporter.mlflow.MlflowException;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The way from a fake MLflow and a cost book to families and to the text of a scrape. */
public final class Costs {
    static final Duration STALE_AFTER = Duration.ofDays(1);
    static final TimeRules RULES = ConfigLoader.defaults().times();

    private final FakeMlflow mlflow;
    private Catalog catalog = new Catalog();
    private final Ledger ledger;
    private final FullSynchronizer synchronizer;
    private final TimeRules rules;
    private CostModel model;
    private Ledger.Report report = Ledger.Report.NOTHING;

    public Costs(FakeMlflow mlflow, CostModel model) {
        this(mlflow, model, Map.of());
    }

    /** With settings of the exporter, by key. */
    public Costs(FakeMlflow mlflow, CostModel model, Map<String, String> settings) {
        this(mlflow, model, settings, RunNeeds.NOTHING);
    }

    /** Reads more of the runs than costs need. */
    public Costs(FakeMlflow mlflow, CostModel model, Map<String, String> settings, RunNeeds more) {
        this.mlflow = mlflow;
        this.model = model;
        this.ledger = new Ledger(() -> Optional.of(this.model));
        Config config;
        try {
            config = ConfigLoader.load(Optional.empty(), Map.of(), settings).config();
        } catch (Exception e) {
            throw new IllegalArgumentException(e);
        }
        this.rules = config.times();
        this.synchronizer = new FullSynchronizer(
                mlflow, config, () -> ledger.needs().and(more), () -> Instant.ofEpochMilli(mlflow.nowMillis()));
    }

    Catalog catalog() {
        return catalog;
    }

    Ledger ledger() {
        return ledger;
    }

    /** As a reload does. */
    void reload(CostModel changed) {
        model = changed;
    }

    /** As a process that ends and one that goes on from its checkpoint. */
    void restart() {
        try {
            catalog = SectionBytes.again(catalog::write, Catalog::read);
            ledger.restore(SectionBytes.again(ledger::write, Ledger::read));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads MLflow, as of a time. */
    void read(Instant now) {
        mlflow.at(now);
        try {
            synchronizer.tracking(mlflow.workspaces(), catalog, (step, done, total, runs) -> {});
        } catch (MlflowException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Reads MLflow and computes. */
    public Ledger.Report refresh(Instant now) {
        read(now);
        return compute(now);
    }

    /** Computes from what was read before. */
    Ledger.Report compute(Instant now) {
        report = ledger.refresh(catalog, now.toEpochMilli(), rules);
        return report;
    }

    /** The samples of a family after the last refresh. */
    List<Value> samples(String family) {
        return report.families().stream()
                .filter(it -> it.declaration().name().equals(family))
                .flatMap(it -> it.samples().stream())
                .map(Value.class::cast)
                .toList();
    }

    /** Sum of the samples of a family that have all these label values. */
    public double sum(String family, String... labelValues) {
        return samples(family).stream()
                .filter(value -> value.labelValues().containsAll(List.of(labelValues)))
                .mapToDouble(Value::value)
                .sum();
    }

    /** The lines a scrape shows of some families, without comments; all of them where none is named. */
    String scrape(String... families) {
        Set<String> asked = Set.of(families);
        List<Family> shown = report.families().stream()
                .filter(it -> asked.isEmpty() || asked.contains(it.declaration().name()))
                .toList();
        return scrape(shown, mlflow.workspaces().stream().anyMatch(name -> !name.isEmpty()));
    }

    /** The lines a scrape shows of these families, without comments. */
    static String scrape(List<Family> shown, boolean workspaces) {
        Exposition exposition = new ExpositionRenderer(new ExpositionConfig(1000, 100, 20, 200))
                .render(List.of(new SectionInput("costs", shown, Instant.MAX)), workspaces);
        StringBuilder text = new StringBuilder();
        exposition
                .scrape(new ScrapeRequest("", false, Set.of()), new PrometheusRegistry(), Instant.EPOCH)
                .segments()
                .forEach(segment -> text.append(new String(segment, StandardCharsets.UTF_8)));
        StringBuilder lines = new StringBuilder();
        text.toString()
                .lines()
                .filter(line -> !line.startsWith("#") && !line.startsWith("mlflow_exporter_series"))
                .forEach(line -> lines.append(line).append('\n'));
        return lines.toString();
    }
}
