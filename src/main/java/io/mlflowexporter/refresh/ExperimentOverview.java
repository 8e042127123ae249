package io.mlflowexporter.refresh;

import io.mlflowexporter.catalog.Catalog;
import io.mlflowexporter.mlflow.Experiment;
import io.mlflowexporter.refresh.ExporterStatus.ExperimentRow;
import io.mlflowexporter.runs.RunSums;
import io.mlflowexporter.runs.RunSums.ExperimentRuns;
import java.util.Comparator;
import java.util.List;

/** The biggest experiments, for people. */
final class ExperimentOverview {
    private static final int SHOWN = 10;
    private static final double MILLIS_PER_HOUR = 3_600_000;

    private ExperimentOverview() {}

    static List<ExperimentRow> experiments(Catalog catalog, RunSums sums) {
        return sums.experiments().entrySet().stream()
                .filter(entry -> entry.getValue().runs() > 0)
                .map(entry -> {
                    Experiment experiment = catalog.experiment(entry.getKey());
                    ExperimentRuns runs = entry.getValue();
                    return new ExperimentRow(
                            experiment.workspace(),
                            experiment.name(),
                            experiment.id(),
                            runs.runs(),
                            runs.active(),
                            runs.millis() / MILLIS_PER_HOUR);
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
