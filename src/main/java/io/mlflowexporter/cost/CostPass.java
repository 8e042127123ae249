package io.mlflowexporter.cost;

import io.mlflowexporter.catalog.Catalog;
import io.mlflowexporter.catalog.RunTable;
import io.mlflowexporter.mlflow.Experiment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Goes once over all runs and tells the sinks what each cost. Holds what rules said of unchanged runs. */
final class CostPass {
    private static final int DEEPEST_NESTING = 100;
    private static final int NO_ROW = -1;

    private final UsageRules rules;
    private @Nullable RunUsage[] usages = new RunUsage[0];
    private int[] revisions = new int[0];
    private @Nullable String[] experiments = new String[0];
    /** Row of the parent plus one, 0 where none was found yet. */
    private int[] parents = new int[0];

    CostPass(UsageRules rules) {
        this.rules = rules;
    }

    void run(Catalog catalog, long nowMillis, long staleAfterMillis, List<CostSink> sinks) {
        grow(catalog.runs());
        for (int row = 0; row < catalog.runs().size(); row++) {
            run(catalog, row, nowMillis, staleAfterMillis, sinks);
        }
    }

    private void grow(RunTable runs) {
        usages = Arrays.copyOf(usages, runs.size());
        revisions = Arrays.copyOf(revisions, runs.size());
        experiments = Arrays.copyOf(experiments, runs.size());
        parents = Arrays.copyOf(parents, runs.size());
    }

    /** What one run cost so far, by currency; empty where no price covers any of it. */
    Map<String, Double> cost(Catalog catalog, int row, long nowMillis, long staleAfterMillis) {
        grow(catalog.runs());
        Map<String, Double> byCurrency = new TreeMap<>();
        run(catalog, row, nowMillis, staleAfterMillis, List.of(new CostSink() {
            @Override
            public void priced(CostRun run, Part part, Tariff.Piece piece, long fromMillis, long untilMillis) {
                double amount = CostSink.cost(part, piece, fromMillis, untilMillis);
                byCurrency.merge(piece.currency(), amount, Double::sum);
            }
        }));
        return byCurrency;
    }

    private void run(Catalog catalog, int row, long nowMillis, long staleAfterMillis, List<CostSink> sinks) {
        RunTable runs = catalog.runs();
        if (!runs.counted(row) || !ownClock(catalog, row)) {
            return;
        }
        Optional<Span> span = Span.of(runs, row, nowMillis, staleAfterMillis);
        if (span.isPresent()) {
            Experiment experiment = catalog.experiment(runs.experimentId(row));
            CostRun run = new CostRun(
                    row, experiment, runs.phase(row), runs.countedPhase(row), span.get(), usage(catalog, row));
            for (CostSink sink : sinks) {
                sink.run(run);
            }
            tell(run, sinks);
        }
    }

    private RunUsage usage(Catalog catalog, int row) {
        RunTable runs = catalog.runs();
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

    /**
     * Whether the run's own time costs: it is nested in no run that is known and has a clock, or the rule of the nearest
     * such run says that children have machines of their own, or its parents go round in a circle or too deep.
     */
    private boolean ownClock(Catalog catalog, int row) {
        boolean inherited = false;
        int ancestor = parent(catalog.runs(), row);
        for (int depth = 0; ancestor != NO_ROW; depth++) {
            if (ancestor == row || depth == DEEPEST_NESTING) {
                return true;
            }
            if (!inherited) {
                if (usage(catalog, ancestor).distributedChildren()) {
                    return true;
                }
                inherited = Span.begun(catalog.runs(), ancestor);
            }
            ancestor = parent(catalog.runs(), ancestor);
        }
        return !inherited;
    }

    /** The row of the run it is nested in, or {@link #NO_ROW} where that is not known or not counted. */
    private int parent(RunTable runs, int row) {
        String id = runs.parentId(row);
        if (id.isEmpty()) {
            return NO_ROW;
        }
        // Rows never change, so that only ids have to be compared once a parent was found.
        int known = parents[row] - 1;
        int parent = known >= 0 && runs.is(known, id) ? known : runs.row(id).orElse(NO_ROW);
        parents[row] = parent + 1;
        return parent != NO_ROW && runs.counted(parent) ? parent : NO_ROW;
    }

    private static void tell(CostRun run, List<CostSink> sinks) {
        long from = run.span().fromMillis();
        long until = run.span().untilMillis();
        if (from >= until) {
            return;
        }
        if (!run.usage().known()) {
            sinks.forEach(sink -> sink.unpriced(run, from, until));
            return;
        }
        List<Gap> gaps = new ArrayList<>();
        for (Part part : run.usage().parts()) {
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
