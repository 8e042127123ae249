package io.mlflowexporter.cost;

import io.mlflowexporter.catalog.BillableTime;
import io.mlflowexporter.catalog.Catalog;
import io.mlflowexporter.catalog.RunTable;
import io.mlflowexporter.catalog.TimeRules;
import io.mlflowexporter.cost.pricing.Tariff;
import io.mlflowexporter.cost.usage.CostRun;
import io.mlflowexporter.cost.usage.CostSink;
import io.mlflowexporter.cost.usage.MachineShare;
import io.mlflowexporter.cost.usage.Outcome;
import io.mlflowexporter.cost.usage.RunUsage;
import io.mlflowexporter.cost.usage.RunUse;
import io.mlflowexporter.cost.usage.UsagePart;
import io.mlflowexporter.cost.usage.UsageRules;
import io.mlflowexporter.mlflow.Experiment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Tells sinks what a run costs. Holds what rules said of unchanged runs. */
final class CostPass {
    private final UsageRules rules;
    private @Nullable RunUsage[] usages = new RunUsage[0];
    private int[] revisions = new int[0];
    private @Nullable String[] experiments = new String[0];

    CostPass(UsageRules rules) {
        this.rules = rules;
    }

    /** What a run with a clock of its own cost so far, by currency; empty where no price covers any of it. */
    Map<String, Double> cost(Catalog catalog, int row, MachineShare machine, long nowMillis, TimeRules rules) {
        Map<String, Double> byCurrency = new TreeMap<>();
        run(catalog, row, 1, machine, nowMillis, rules, List.of(new CostSink() {
            @Override
            public void priced(CostRun run, UsagePart part, Tariff.Piece piece, long fromMillis, long untilMillis) {
                double amount = CostSink.cost(run, part, piece, fromMillis, untilMillis);
                byCurrency.merge(piece.currency(), amount, Double::sum);
            }
        }));
        return byCurrency;
    }

    /**
     * What a run uses by the rules.
     *
     * @param ownClock whether its own time costs
     * @param share its mean part of what it uses
     */
    RunUse use(Catalog catalog, int row, boolean ownClock, double share) {
        Map<String, Double> units = new TreeMap<>();
        RunUsage usage = usage(catalog, row);
        usage.parts().forEach(part -> units.merge(part.tariff().resource(), part.quantity() * share, Double::sum));
        return new RunUse(ownClock, usage.known(), units);
    }

    /**
     * Tells what a run with a clock of its own costs.
     *
     * @param times see {@link CostRun#times}
     * @param machine see {@link CostRun#machine}
     * @return the time it is told for, empty where the run is not counted or has not begun
     */
    Optional<BillableTime> run(
            Catalog catalog,
            int row,
            int times,
            MachineShare machine,
            long nowMillis,
            TimeRules timeRules,
            List<CostSink> sinks) {
        RunTable runs = catalog.runs();
        if (!runs.counted(row) || !BillableTime.begun(runs, row)) {
            return Optional.empty();
        }
        BillableTime time = BillableTime.of(runs, row, nowMillis, timeRules);
        CostRun run = new CostRun(
                row,
                catalog.experiment(runs.experimentId(row)),
                runs.phase(row),
                runs.countedPhase(row),
                time,
                Outcome.of(runs.status(row), time),
                usage(catalog, row),
                machine,
                times);
        for (CostSink sink : sinks) {
            sink.run(run);
        }
        time.stretches().forEach(stretch -> tell(run, stretch.fromMillis(), stretch.untilMillis(), sinks));
        return Optional.of(time);
    }

    RunUsage usage(Catalog catalog, int row) {
        RunTable runs = catalog.runs();
        if (row >= usages.length) {
            int room = runs.size() + runs.size() / 4;
            usages = Arrays.copyOf(usages, room);
            revisions = Arrays.copyOf(revisions, room);
            experiments = Arrays.copyOf(experiments, room);
        }
        RunUsage known = usages[row];
        Experiment experiment = catalog.experiment(runs.experimentId(row));
        // Renaming an experiment changes no run.
        if (known == null
                || revisions[row] != runs.revision(row)
                || !experiment.name().equals(experiments[row])) {
            known = rules.usage(runs, row, experiment);
            usages[row] = known;
            revisions[row] = runs.revision(row);
            experiments[row] = experiment.name();
        }
        return known;
    }

    private static void tell(CostRun run, long from, long until, List<CostSink> sinks) {
        if (!run.usage().known() || (!run.time().plausible() && run.usage().usesAny())) {
            sinks.forEach(sink -> sink.unpriced(run, from, until));
            return;
        }
        List<Gap> gaps = new ArrayList<>();
        for (UsagePart part : run.usage().parts()) {
            if (part.quantity() == 0) {
                // Nothing of it was used: it needs no price.
                continue;
            }
            long at = from;
            for (Tariff.Piece piece : part.tariff().pieces()) {
                long begin = Math.max(from, piece.fromMillis());
                long end = Math.min(until, piece.untilMillis());
                if (begin < end) {
                    if (at < begin) {
                        gaps.add(new Gap(at, begin));
                    }
                    at = end;
                    for (CostSink sink : sinks) {
                        sink.priced(run, part, piece, begin, end);
                    }
                }
            }
            if (at < until) {
                gaps.add(new Gap(at, until));
            }
        }
        if (gaps.isEmpty()) {
            return;
        }
        union(gaps).forEach(gap -> sinks.forEach(sink -> sink.unpriced(run, gap.from, gap.until)));
    }

    private record Gap(long from, long until) {}

    /** Stretches that overlap become one, so that no moment counts twice. */
    private static List<Gap> union(List<Gap> gaps) {
        List<Gap> union = new ArrayList<>();
        for (Gap gap : gaps.stream().sorted(Comparator.comparingLong(Gap::from)).toList()) {
            Gap last = union.isEmpty() ? null : union.get(union.size() - 1);
            if (last != null && gap.from <= last.until) {
                union.set(union.size() - 1, new Gap(last.from, Math.max(last.until, gap.until)));
            } else {
                union.add(gap);
            }
        }
        return union;
    }
}
