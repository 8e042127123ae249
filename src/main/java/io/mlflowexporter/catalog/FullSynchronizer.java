package io.mlflowexporter.catalog;

import io.mlflowexporter.config.ReadConfig;
import io.mlflowexporter.config.RunsConfig;
import io.mlflowexporter.mlflow.Experiment;
import io.mlflowexporter.mlflow.MlflowException;
import io.mlflowexporter.mlflow.MlflowSource;
import io.mlflowexporter.mlflow.ModelVersion;
import io.mlflowexporter.mlflow.RegisteredModel;
import io.mlflowexporter.mlflow.Run;
import io.mlflowexporter.mlflow.RunProjection;
import io.mlflowexporter.mlflow.RunQuery;
import io.mlflowexporter.mlflow.ViewType;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** Reads everything anew each time. */
public final class FullSynchronizer implements Synchronizer {
    /** Few enough for a request body of some kilobytes, enough that idle experiments cost no request each. */
    private static final int EXPERIMENTS_PER_QUERY = 100;

    private static final int RUNS_PER_REPORT = 1_000;
    private static final String ESTIMATOR_CLASS = "estimator_class";
    private static final String ESTIMATOR_NAME = "estimator_name";

    private final MlflowSource source;
    private final ReadConfig read;
    private final PhaseRules phases;
    private final Optional<String> estimatorTag;
    private final Optional<String> estimatorParam;
    private final Supplier<RunNeeds> needs;

    /**
     * Sets out to read.
     *
     * @param needs asked at the start of each reading, so that it may change while the exporter runs
     */
    public FullSynchronizer(MlflowSource source, ReadConfig read, RunsConfig runs, Supplier<RunNeeds> needs) {
        this.source = source;
        this.needs = needs;
        this.read = read;
        this.phases = new PhaseRules(runs);
        this.estimatorTag = runs.estimatorTag();
        this.estimatorParam = runs.estimatorParam();
    }

    private RunProjection projection(RunNeeds need) {
        Set<String> tags = new HashSet<>(phases.tags());
        tags.add(ESTIMATOR_CLASS);
        tags.add(ESTIMATOR_NAME);
        tags.add(RunTable.PARENT_TAG);
        tags.add(RunTable.SOURCE_TAG);
        estimatorTag.ifPresent(tags::add);
        tags.addAll(need.tags());
        Set<String> params = new HashSet<>(need.params());
        estimatorParam.ifPresent(params::add);
        NamedMetrics named = new NamedMetrics(need.metrics());
        return new RunProjection(
                tags::contains,
                params::contains,
                key -> (need.systemMetrics() && SystemUse.isSystemMetric(key)) || named.test(key));
    }

    @Override
    public List<String> tracking(List<String> workspaces, Catalog catalog, Listener listener) throws MlflowException {
        listener.progress("experiments", 0, 0, 0);
        List<Experiment> experiments = new ArrayList<>();
        for (String workspace : workspaces) {
            source.experiments(workspace, ViewType.ALL, experiment -> {
                if (read.experiments().accepts(experiment.name())) {
                    experiments.add(experiment);
                }
            });
        }
        catalog.know(experiments);
        RunTable runs = catalog.runs();
        runs.beginReading();
        int done = 0;
        long[] count = {0};
        RunNeeds need = needs.get();
        RunProjection projection = projection(need);
        for (String workspace : workspaces) {
            List<String> ids = experiments.stream()
                    .filter(experiment -> experiment.workspace().equals(workspace))
                    .map(Experiment::id)
                    .toList();
            for (int from = 0; from < ids.size(); from += EXPERIMENTS_PER_QUERY) {
                List<String> batch = ids.subList(from, Math.min(ids.size(), from + EXPERIMENTS_PER_QUERY));
                int doneBefore = done;
                listener.progress("runs", doneBefore, experiments.size(), count[0]);
                Set<String> asked = Set.copyOf(batch);
                source.runs(RunQuery.all(workspace, batch), projection, run -> {
                    if (asked.contains(run.experimentId())) {
                        put(catalog, run, need);
                        if (++count[0] % RUNS_PER_REPORT == 0) {
                            listener.progress("runs", doneBefore, experiments.size(), count[0]);
                        }
                    }
                });
                done += batch.size();
            }
        }
        listener.progress("runs", done, experiments.size(), count[0]);
        catalog.replaceExperiments(experiments);
        catalog.kept(need);
        int maxRuns = read.maxRuns().orElse(Integer.MAX_VALUE);
        int leftOut = runs.endReading(maxRuns);
        return leftOut == 0 ? List.of() : List.of("the oldest runs are left out, as read.max_runs is " + maxRuns);
    }

    private void put(Catalog catalog, Run run, RunNeeds need) {
        String experiment = catalog.experiment(run.experimentId()).name();
        catalog.runs()
                .put(
                        run,
                        phases.phase(run.name(), experiment, run.tags()),
                        estimatorClass(run),
                        RunNotes.of(run, need));
        catalog.logged().put(catalog.runs().row(run.id()).orElseThrow(), run.metrics());
    }

    private String estimatorClass(Run run) {
        String name = run.tags().getOrDefault(ESTIMATOR_CLASS, "");
        if (name.isEmpty()) {
            name = run.tags().getOrDefault(ESTIMATOR_NAME, "");
        }
        if (name.isEmpty() && estimatorTag.isPresent()) {
            name = run.tags().getOrDefault(estimatorTag.get(), "");
        }
        if (name.isEmpty() && estimatorParam.isPresent()) {
            name = run.params().getOrDefault(estimatorParam.get(), "");
        }
        return name;
    }

    @Override
    public void registry(List<String> workspaces, Catalog catalog) throws MlflowException {
        List<RegisteredModel> models = new ArrayList<>();
        List<ModelVersion> versions = new ArrayList<>();
        for (String workspace : workspaces) {
            source.registeredModels(workspace, model -> {
                if (read.models().accepts(model.name())) {
                    models.add(model);
                }
            });
            source.modelVersions(workspace, version -> {
                if (read.models().accepts(version.model())) {
                    versions.add(version);
                }
            });
        }
        catalog.replaceRegistry(models, versions);
    }
}
