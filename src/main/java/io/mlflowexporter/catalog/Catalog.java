package io.mlflowexporter.catalog;

import io.mlflowexporter.mlflow.Experiment;
import io.mlflowexporter.mlflow.ModelVersion;
import io.mlflowexporter.mlflow.RegisteredModel;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Everything known of MLflow. Belongs to the refresh thread. */
public final class Catalog {
    private final RunTable runs = new RunTable();
    private final LoggedMetrics logged = new LoggedMetrics();
    /** Never shrinks: rows of runs point here. */
    private final Map<String, Experiment> everyExperiment = new LinkedHashMap<>();

    private RunNeeds kept = RunNeeds.NOTHING;
    private List<Experiment> experiments = List.of();
    private List<RegisteredModel> models = List.of();
    private List<ModelVersion> versions = List.of();

    /** All runs ever seen. */
    public RunTable runs() {
        return runs;
    }

    /** What they logged, of what something asked for. */
    public LoggedMetrics logged() {
        return logged;
    }

    /** What was kept of the runs at the last complete reading. */
    public RunNeeds kept() {
        return kept;
    }

    /** Experiments now in MLflow that the filters select, deleted ones included. */
    public List<Experiment> experiments() {
        return experiments;
    }

    /**
     * The experiment of a run, also when it is gone.
     *
     * @throws IllegalArgumentException for an id never seen
     */
    public Experiment experiment(String id) {
        Experiment known = everyExperiment.get(id);
        if (known == null) {
            throw new IllegalArgumentException("no experiment " + id);
        }
        return known;
    }

    /** Registered models that the filters select. */
    public List<RegisteredModel> models() {
        return models;
    }

    /** Versions of these models. */
    public List<ModelVersion> versions() {
        return versions;
    }

    /** Remembers experiments before their runs are read. */
    void know(List<Experiment> read) {
        read.forEach(experiment -> everyExperiment.put(experiment.id(), experiment));
    }

    void kept(RunNeeds needs) {
        kept = needs;
    }

    void replaceExperiments(List<Experiment> read) {
        experiments = List.copyOf(read);
    }

    void replaceRegistry(List<RegisteredModel> readModels, List<ModelVersion> readVersions) {
        models = List.copyOf(readModels);
        versions = List.copyOf(readVersions);
    }
}
