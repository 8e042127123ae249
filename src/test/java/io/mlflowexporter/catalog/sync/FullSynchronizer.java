package io.mlflowexporter.catalog.sync;

import io.mlflowexporter.catalog.Catalog;
import io.mlflowexporter.catalog.CatalogMemory;
import io.mlflowexporter.catalog.reading.RunNeeds;
import io.mlflowexporter.config.Config;
import io.mlflowexporter.metric.Times;
import io.mlflowexporter.mlflow.Experiment;
import io.mlflowexporter.mlflow.MlflowException;
import io.mlflowexporter.mlflow.MlflowSource;
import io.mlflowexporter.mlflow.RunProjection;
import io.mlflowexporter.mlflow.RunQuery;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/** Reads everything anew each time: the reference that reading by increments is compared with. */
public final class FullSynchronizer implements Synchronizer {
    private static final int EXPERIMENTS_PER_QUERY = 100;

    private final MlflowSource source;
    private final CatalogReader reader;
    private final Supplier<RunNeeds> needs;
    private final InstantSource clock;

    /**
     * Sets out to read.
     *
     * @param needs asked at the start of each reading, so that it may change
     * @param clock tells when runs are looked at
     */
    public FullSynchronizer(MlflowSource source, Config config, Supplier<RunNeeds> needs, InstantSource clock) {
        this.source = source;
        this.reader = new CatalogReader(source, config.sync(), new CatalogMemory(Long.MAX_VALUE / 2));
        this.needs = needs;
        this.clock = clock;
    }

    @Override
    public List<String> tracking(List<String> workspaces, Catalog catalog, Listener listener) throws MlflowException {
        long now = clock.millis();
        if (catalog.reading().upToMillis == Times.ABSENT) {
            catalog.reading().upToMillis = now;
        }
        RunNeeds need = needs.get();
        List<Experiment> experiments = reader.experiments(workspaces, catalog, need.tags(), new HashMap<>());
        catalog.know(experiments);
        catalog.runs().marks().begin(0);
        RunProjection projection = reader.projection(need);
        for (String workspace : workspaces) {
            List<String> ids = experiments.stream()
                    .filter(experiment -> experiment.workspace().equals(workspace))
                    .map(Experiment::id)
                    .toList();
            for (int from = 0; from < ids.size(); from += EXPERIMENTS_PER_QUERY) {
                List<String> batch = ids.subList(from, Math.min(ids.size(), from + EXPERIMENTS_PER_QUERY));
                Set<String> asked = Set.copyOf(batch);
                source.runs(RunQuery.all(workspace, batch), projection, run -> {
                    if (asked.contains(run.experimentId())) {
                        reader.put(catalog, run, need, now);
                    }
                });
            }
        }
        catalog.replaceExperiments(experiments);
        catalog.kept(need);
        catalog.reading().upToMillis = now;
        return reader.incomplete(catalog.runs().presence().endReading(reader.maxRuns()));
    }

    @Override
    public Map<String, String> registry(List<String> workspaces, Catalog catalog) throws MlflowException {
        return reader.registry(workspaces, catalog);
    }
}
