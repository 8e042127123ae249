package io.mlflowexporter.pipeline;

import io.mlflowexporter.catalog.reading.RunNeeds;
import io.mlflowexporter.checkpoint.fields.FieldReader;
import io.mlflowexporter.checkpoint.fields.Section;
import io.mlflowexporter.config.Config;
import io.mlflowexporter.cost.CostModel;
import io.mlflowexporter.cost.Ledger;
import io.mlflowexporter.kpi.KpiFile;
import io.mlflowexporter.kpi.Kpis;
import io.mlflowexporter.kpi.StepDurations;
import io.mlflowexporter.llm.TraceEngine;
import io.mlflowexporter.llm.TracesConfig;
import io.mlflowexporter.llm.sync.TraceSyncSettings;
import io.mlflowexporter.registry.Deployments;
import io.mlflowexporter.runs.QueueTimes;
import java.io.IOException;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Those who compute from the catalog and keep what it does not. They start, are written to a checkpoint and are restored
 * together. Another engine is a component here, a section below, and what {@link Pipeline} publishes of it.
 */
public record Engines(
        Ledger ledger, Kpis kpis, StepDurations steps, QueueTimes queues, Deployments deployments, TraceEngine traces) {
    private static final String LEDGER = "ledger";
    private static final String DEPLOYMENTS = "deliveries";
    private static final String STEPS = "steps";
    private static final String QUEUES = "queues";
    private static final String TRACES = "traces";

    /**
     * Engines that have seen nothing yet.
     *
     * @param prices asked at each refresh; empty for no costs
     */
    public static Engines of(Config config, Supplier<Optional<CostModel>> prices, KpiFile kpis) {
        return of(config, prices, () -> kpis);
    }

    /** As the other, of KPIs that are asked for at the start of each reading. */
    public static Engines of(Config config, Supplier<Optional<CostModel>> prices, Supplier<KpiFile> kpis) {
        return new Engines(
                new Ledger(prices, config.shard().publishesShared()),
                new Kpis(kpis, config.kpi().builtIn()),
                new StepDurations(config.steps()),
                new QueueTimes(),
                new Deployments(config.delivery(), config.exposition().versionsPerModel()),
                traces(config, prices));
    }

    private static TraceEngine traces(Config config, Supplier<Optional<CostModel>> prices) {
        TraceSyncSettings settings = new TraceSyncSettings(
                config.traces().maxPerRefresh(),
                config.traces().horizon(),
                config.refresh().overlap(),
                config.refresh().interval(),
                config.refresh().timeout(),
                TracesConfig.PART_OF_SHARE
                        * config.refresh().resyncShare().doubleValue()
                        / config.shard().total());
        return new TraceEngine(
                config.traces(),
                settings,
                prices,
                config.refresh().maxStaleness(),
                Runtime.getRuntime().maxMemory());
    }

    /** What of the runs they look at. */
    public RunNeeds needs() {
        return ledger.needs().and(kpis.needs()).and(steps.needs());
    }

    /** What they write into a checkpoint, by the name of the section. */
    public Map<String, Section> sections() {
        Map<String, Section> sections = new LinkedHashMap<>();
        sections.put(LEDGER, ledger::write);
        sections.put(DEPLOYMENTS, deployments::write);
        sections.put(STEPS, steps::write);
        sections.put(QUEUES, queues::write);
        sections.put(TRACES, traces::write);
        return sections;
    }

    /** What a checkpoint holds of them, as it is read section by section; at first nothing. */
    public static final class Saved {
        private final Set<String> missing = new HashSet<>(Set.of(LEDGER, DEPLOYMENTS, STEPS, QUEUES));
        private Ledger.Saved ledger = Ledger.Saved.nothing();
        private Deployments.Saved deployments = Deployments.Saved.nothing();
        private StepDurations.Saved steps = StepDurations.Saved.nothing();
        private QueueTimes.Saved queues = QueueTimes.Saved.nothing();
        /** A checkpoint of an earlier version has none. */
        private TraceEngine.Saved traces = TraceEngine.Saved.nothing();

        /** Takes a section that {@link Engines#sections} wrote; any other is passed over. */
        public void read(String section, FieldReader in) throws IOException {
            switch (section) {
                case LEDGER -> ledger = Ledger.read(in);
                case DEPLOYMENTS -> deployments = Deployments.read(in);
                case STEPS -> steps = StepDurations.read(in);
                case QUEUES -> queues = QueueTimes.read(in);
                case TRACES -> traces = TraceEngine.read(in);
                default -> {
                    return;
                }
            }
            missing.remove(section);
        }

        /** Whether every section was read that each checkpoint has. */
        public boolean complete() {
            return missing.isEmpty();
        }
    }

    /** Goes on from a checkpoint; whatever was seen since the start is forgotten. */
    public void restore(Saved saved) {
        ledger.restore(saved.ledger);
        steps.restore(saved.steps);
        queues.restore(saved.queues);
        deployments.restore(saved.deployments);
        traces.restore(saved.traces);
    }
}
