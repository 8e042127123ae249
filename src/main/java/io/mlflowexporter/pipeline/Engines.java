package io.mlflowexporter.pipeline;

import io.mlflowexporter.catalog.RunNeeds;
import io.mlflowexporter.config.Config;
import io.mlflowexporter.cost.Ledger;
import io.mlflowexporter.kpi.Kpis;
import io.mlflowexporter.kpi.StepDurations;
import io.mlflowexporter.registry.Deployments;
import io.mlflowexporter.runs.QueueTimes;

/** Those who compute from the catalog and keep what it does not: they start, are restored and forget together. */
public record Engines(Ledger ledger, Kpis kpis, StepDurations steps, QueueTimes queues, Deployments deliveries) {
    /** What they hold when a checkpoint is written. */
    public record Saved(
            Ledger.Saved ledger, StepDurations.Saved steps, QueueTimes.Saved queues, Deployments.Saved deliveries) {
        public static Saved nothing() {
            return new Saved(
                    Ledger.Saved.nothing(),
                    StepDurations.Saved.nothing(),
                    QueueTimes.Saved.nothing(),
                    Deployments.Saved.nothing());
        }
    }

    /** Books with nothing in them. */
    public static Engines of(Config config, Ledger ledger, Kpis kpis) {
        return new Engines(
                ledger,
                kpis,
                new StepDurations(config.steps()),
                new QueueTimes(),
                new Deployments(config.delivery(), config.exposition().versionsPerModel()));
    }

    /** What of the runs they look at. */
    public RunNeeds needs() {
        return ledger.needs().and(kpis.needs()).and(steps.needs());
    }

    public void restore(Saved saved) {
        ledger.restore(saved.ledger());
        steps.restore(saved.steps());
        queues.restore(saved.queues());
        deliveries.restore(saved.deliveries());
    }
}
