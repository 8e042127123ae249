package io.mlflowexporter.kpi;

import io.mlflowexporter.catalog.Catalog;
import io.mlflowexporter.catalog.KeptRows;
import io.mlflowexporter.mlflow.Experiment;
import java.util.List;

/**
 * What the runs say of all goals. Kept from one refresh to the next, see {@link KeptRows}; only where the best or latest run
 * of an experiment is no longer that are all runs looked at, for those experiments.
 */
final class KpiSums implements KeptRows.Sums {
    private final Catalog catalog;
    private final List<Findings> findings;

    KpiSums(List<Goal> goals, Catalog catalog) {
        this.catalog = catalog;
        this.findings = goals.stream().map(goal -> new Findings(goal, catalog)).toList();
    }

    /** In the order of the goals. Once all rows are put in. */
    List<Findings> findings() {
        List<Findings> lost = findings.stream().filter(Findings::beginSeeking).toList();
        for (int row = 0; row < catalog.runs().size() && !lost.isEmpty(); row++) {
            if (tells(row)) {
                for (Findings one : lost) {
                    one.seek(row);
                }
            }
        }
        lost.forEach(Findings::endSeeking);
        return findings;
    }

    private boolean tells(int row) {
        return Findings.counts(catalog.runs(), row)
                && !catalog.logged().of(row).names().isEmpty();
    }

    @Override
    public void at(long nowMillis) {
        findings.forEach(one -> one.at(nowMillis));
    }

    @Override
    public long put(int row) {
        long until = KeptRows.FOREVER;
        if (tells(row)) {
            for (Findings one : findings) {
                until = Math.min(until, one.run(row, 1));
            }
        }
        return until;
    }

    @Override
    public void take(int row) {
        if (tells(row)) {
            findings.forEach(one -> one.run(row, -1));
        }
    }

    @Override
    public Object seenOf(Experiment experiment) {
        return List.of(experiment.workspace(), experiment.name());
    }

    @Override
    public boolean whole() {
        return true;
    }
}
