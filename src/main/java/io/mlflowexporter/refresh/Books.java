package io.mlflowexporter.refresh;

import io.mlflowexporter.catalog.RunNeeds;
import io.mlflowexporter.config.Config;
import io.mlflowexporter.cost.Ledger;
import io.mlflowexporter.delivery.Deliveries;
import io.mlflowexporter.indicators.QueueTimes;
import io.mlflowexporter.kpi.Kpis;
import io.mlflowexporter.kpi.StepDurations;

/** Those who compute from the catalog and keep what it does not: they start, are restored and forget together. */
public record Books(Ledger ledger, Kpis kpis, StepDurations steps, QueueTimes queues, Deliveries deliveries) {
    /** What they hold when a checkpoint is written. */
    record Saved(Ledger.Saved ledger, StepDurations.Saved steps, QueueTimes.Saved queues, Deliveries.Saved deliveries) {
        static Saved nothing() {
            return new Saved(
                    Ledger.Saved.nothing(),
                    StepDurations.Saved.nothing(),
                    QueueTimes.Saved.nothing(),
                    Deliveries.Saved.nothing());
        }
    }

    /** Books with nothing in them. */
    public static Books of(Config config, Ledger ledger, Kpis kpis) {
        return new Books(
                ledger,
                kpis,
                new StepDurations(config.steps()),
                new QueueTimes(),
                new Deliveries(config.delivery(), config.exposition().versionsPerModel()));
    }

    /** What of the runs they look at. */
    public RunNeeds needs() {
        return ledger.needs().and(kpis.needs()).and(steps.needs());
    }

    void restore(Saved saved) {
        ledger.restore(saved.ledger());
        steps.restore(saved.steps());
        queues.restore(saved.queues());
        deliveries.restore(saved.deliveries());
    }
}
