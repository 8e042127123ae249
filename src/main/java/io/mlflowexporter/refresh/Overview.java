package io.mlflowexporter.refresh;

import io.mlflowexporter.catalog.Catalog;
import io.mlflowexporter.catalog.RunState;
import io.mlflowexporter.catalog.RunTable;
import io.mlflowexporter.mlflow.Experiment;
import io.mlflowexporter.mlflow.Times;
import io.mlflowexporter.refresh.ExporterStatus.ExperimentRow;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The biggest experiments, for people. */
final class Overview {
    private static final int SHOWN = 10;
    private static final double MILLIS_PER_HOUR = 3_600_000;

    private Overview() {}

    static List<ExperimentRow> experiments(Catalog catalog, long nowMillis, long staleAfterMillis) {
        RunTable runs = catalog.runs();
        Map<String, long[]> sums = new HashMap<>();
        for (int row = 0; row < runs.size(); row++) {
            if (runs.state(row) != RunState.ACTIVE) {
                continue;
            }
            long[] sum = sums.computeIfAbsent(runs.experimentId(row), id -> new long[3]);
            sum[0]++;
            sum[1] += runs.status(row).active() ? 1 : 0;
            long millis = runs.durationMillis(row, nowMillis, staleAfterMillis);
            sum[2] += millis == Times.ABSENT ? 0 : millis;
        }
        return sums.entrySet().stream()
                .map(entry -> {
                    Experiment experiment = catalog.experiment(entry.getKey());
                    long[] sum = entry.getValue();
                    return new ExperimentRow(
                            experiment.workspace(),
                            experiment.name(),
                            experiment.id(),
                            sum[0],
                            sum[1],
                            sum[2] / MILLIS_PER_HOUR);
                })
                .toList();
    }

    static List<ExperimentRow> biggest(List<ExperimentRow> rows, Comparator<ExperimentRow> ascending) {
        return rows.stream()
                .sorted(ascending.reversed().thenComparing(ExperimentRow::experimentId))
                .limit(SHOWN)
                .toList();
    }
}
