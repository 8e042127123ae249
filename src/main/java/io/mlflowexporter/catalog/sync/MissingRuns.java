package io.mlflowexporter.catalog.sync;

import io.mlflowexporter.catalog.Catalog;
import io.mlflowexporter.catalog.RunTable;
import io.mlflowexporter.catalog.reading.ExperimentBatch;
import io.mlflowexporter.metric.Times;
import io.mlflowexporter.mlflow.Experiment;
import io.mlflowexporter.mlflow.MlflowException;
import io.mlflowexporter.mlflow.RunQuery;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Asks by id for known runs that a question did not bring though they were as it asks: what became of them. */
final class MissingRuns {
    private static final int RUN_IDS_PER_QUERY = 200;
    private static final String PLAIN_ID = "[0-9A-Za-z_-]+";

    private MissingRuns() {}

    /**
     * Asks for those that were not met since the reading began. One that does not come back is gone.
     *
     * @param rows of runs to ask for
     * @param experiments only runs of these are asked for
     */
    static void ask(Catalog catalog, RunReading reading, IntStream rows, List<Experiment> experiments)
            throws MlflowException {
        RunTable runs = catalog.runs();
        Set<String> among = experiments.stream()
                .map(Experiment::id)
                .filter(id -> !reading.setAside(id))
                .collect(Collectors.toSet());
        Map<String, List<Integer>> byWorkspace = new LinkedHashMap<>();
        rows.filter(row -> !runs.marks().isRead(row)
                        && !runs.isGone(row)
                        && among.contains(runs.experimentId(row))
                        && runs.id(row).matches(PLAIN_ID))
                .forEach(row -> byWorkspace
                        .computeIfAbsent(
                                catalog.experiment(runs.experimentId(row)).workspace(), w -> new ArrayList<>())
                        .add(row));
        for (Map.Entry<String, List<Integer>> entry : byWorkspace.entrySet()) {
            List<Integer> missing = entry.getValue();
            for (int at = 0; at < missing.size(); at += RUN_IDS_PER_QUERY) {
                List<Integer> some = missing.subList(at, Math.min(missing.size(), at + RUN_IDS_PER_QUERY));
                List<String> ids =
                        some.stream().map(runs::experimentId).distinct().toList();
                reading.read(
                        new ExperimentBatch(entry.getKey(), ids),
                        RunQuery.idFilter(some.stream().map(runs::id).toList()),
                        Times.ABSENT);
                for (int row : some) {
                    if (!runs.marks().isRead(row) && !reading.setAside(runs.experimentId(row))) {
                        runs.presence().gone(row);
                    }
                }
            }
        }
    }
}
