package io.mlflowexporter.cost;

import io.mlflowexporter.catalog.RunTable;
import io.mlflowexporter.catalog.SystemUse;
import io.mlflowexporter.indicators.Family;
import io.mlflowexporter.indicators.FamilyDeclaration;
import io.mlflowexporter.indicators.FamilyDeclaration.Fold;
import io.mlflowexporter.indicators.FamilyDeclaration.Stability;
import io.mlflowexporter.indicators.Samples;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

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

    private record Key(String workspace, String experiment, String phase, String resource) {}

    private static final class Mean {
        private final Set<String> currencies = new HashSet<>();
        private double costs;
        private double usedCosts;
        private double seconds;
        private double usedSeconds;

        double ratio() {
            return costs > 0 && currencies.size() == 1 ? usedCosts / costs : usedSeconds / seconds;
        }
    }

    private final long fromMillis;
    private final long nowMillis;
    private final RunTable runs;
    private final Map<Key, Mean> means = new LinkedHashMap<>();

    Utilization(Window window, long nowMillis, RunTable runs) {
        this.fromMillis = window.fromMillis();
        this.nowMillis = nowMillis;
        this.runs = runs;
    }

    @Override
    public void run(CostRun run) {
        double seconds = (Math.min(nowMillis, run.span().untilMillis())
                        - Math.max(fromMillis, run.span().fromMillis()))
                / 1000.0;
        if (seconds > 0) {
            each(run, (mean, used) -> {
                mean.seconds += seconds;
                mean.usedSeconds += seconds * used;
            });
        }
    }

    @Override
    public void priced(CostRun run, Part part, Tariff.Piece piece, long from, long until) {
        double cost = CostSink.cost(part, piece, Math.max(from, fromMillis), Math.min(until, nowMillis));
        if (cost > 0) {
            each(run, (mean, used) -> {
                mean.currencies.add(piece.currency());
                mean.costs += cost;
                mean.usedCosts += cost * used;
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
        means.forEach((key, mean) ->
                samples.max(key.workspace(), mean.ratio(), key.experiment(), key.phase(), key.resource()));
        return samples.family(FAMILY);
    }
}
