package io.mlflowexporter.cost;

import io.mlflowexporter.catalog.BillableTime.Stretch;
import io.mlflowexporter.catalog.RunTable;
import io.mlflowexporter.catalog.SystemUse;
import io.mlflowexporter.cost.pricing.Tariff;
import io.mlflowexporter.cost.usage.CostClock;
import io.mlflowexporter.cost.usage.CostRun;
import io.mlflowexporter.cost.usage.CostSink;
import io.mlflowexporter.cost.usage.UsagePart;
import io.mlflowexporter.metric.ExactSum;
import io.mlflowexporter.metric.Family;
import io.mlflowexporter.metric.FamilyDeclaration;
import io.mlflowexporter.metric.FamilyDeclaration.Fold;
import io.mlflowexporter.metric.FamilyDeclaration.Stability;
import io.mlflowexporter.metric.KeyedHash;
import io.mlflowexporter.metric.Samples;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Mean use of machines over the last 30 days, each run weighted by what it cost in them: half a use of an expensive
 * machine says more than half a use of a cheap one. Where costs of several currencies or none at all are known, busy
 * seconds are the weight.
 */
final class Utilization implements CostSink {
    static final FamilyDeclaration FAMILY = new FamilyDeclaration(
            "mlflow_resource_utilization_ratio",
            FamilyDeclaration.Type.GAUGE,
            "Mean use of CPU, memory and GPU by logged system metrics of what ran in the last 30 days, weighted by cost,"
                    + " as of the snapshot.",
            List.of("experiment", "phase", "resource"),
            Stability.STABLE,
            Fold.drop("experiment"));

    private record Key(String workspace, String experiment, String phase, String resource) implements Comparable<Key> {
        private static final Comparator<Key> ORDER = Comparator.comparing(Key::experiment)
                .thenComparing(Key::phase)
                .thenComparing(Key::resource)
                .thenComparing(Key::workspace);

        @Override
        public int hashCode() {
            return KeyedHash.place(experiment, phase);
        }

        @Override
        public int compareTo(Key other) {
            return ORDER.compare(this, other);
        }
    }

    private static final class Mean {
        /** Currency to how often it was met. */
        private final Map<String, Integer> currencies = new HashMap<>();

        private final ExactSum costs = new ExactSum();
        private final ExactSum usedCosts = new ExactSum();
        private final ExactSum seconds = new ExactSum();
        private final ExactSum usedSeconds = new ExactSum();

        double ratio() {
            return costs.value() > 0 && currencies.size() == 1
                    ? usedCosts.value() / costs.value()
                    : usedSeconds.value() / seconds.value();
        }

        void currency(String currency, int times) {
            currencies.merge(currency, times, (before, more) -> before + more == 0 ? null : before + more);
        }
    }

    private CostClock now;
    private final RunTable runs;
    private final Map<Key, Mean> means = new LinkedHashMap<>();

    Utilization(CostClock now, RunTable runs) {
        this.now = now;
        this.runs = runs;
    }

    @Override
    public void at(CostClock later) {
        now = later;
    }

    private long from(long fromMillis) {
        return Math.max(fromMillis, now.last30Days.fromMillis());
    }

    @Override
    public void run(CostRun run) {
        if (!run.time().plausible()) {
            return;
        }
        for (Stretch stretch : run.time().stretches()) {
            double seconds = (Math.min(now.nowMillis, stretch.untilMillis()) - from(stretch.fromMillis())) / 1000.0;
            if (seconds > 0) {
                each(run, (mean, used) -> {
                    mean.seconds.add(seconds, run.times());
                    mean.usedSeconds.add(seconds * used, run.times());
                });
            }
        }
    }

    @Override
    public void priced(CostRun run, UsagePart part, Tariff.Piece piece, long from, long until) {
        double cost = CostSink.cost(run, part, piece, from(from), Math.min(until, now.nowMillis));
        if (cost > 0) {
            each(run, (mean, used) -> {
                mean.currency(piece.currency(), run.times());
                mean.costs.add(cost, run.times());
                mean.usedCosts.add(cost * used, run.times());
            });
        }
    }

    private interface Add {
        void to(Mean mean, double used);
    }

    private void each(CostRun run, Add add) {
        SystemUse use = runs.use(run.row());
        one(run, "cpu", use.cpuRatio(), add);
        one(run, "memory", use.memoryRatio(), add);
        one(run, "gpu", use.gpuRatio(), add);
    }

    private void one(CostRun run, String resource, double used, Add add) {
        if (!Double.isNaN(used)) {
            Key key = new Key(run.experiment().workspace(), run.experiment().name(), run.phase(), resource);
            add.to(means.computeIfAbsent(key, k -> new Mean()), used);
        }
    }

    Family family() {
        Samples samples = new Samples();
        means.forEach((key, mean) -> {
            if (!mean.seconds.isEmpty()) {
                samples.max(key.workspace(), mean.ratio(), key.experiment(), key.phase(), key.resource());
            }
        });
        return samples.family(FAMILY);
    }
}
