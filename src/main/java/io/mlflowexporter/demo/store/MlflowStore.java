package io.mlflowexporter.demo.store;

import io.mlflowexporter.demo.store.PageToken.Page;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Workspaces, experiments and runs, as MLflow's SQL store holds them. Times are Unix milliseconds and come from the
 * caller. Not safe for use by several threads: {@code SimulatedMlflow} lets one in at a time.
 */
public final class MlflowStore {
    public static final String DEFAULT_WORKSPACE = "default";
    public static final String RUN_NAME_TAG = "mlflow.runName";

    private static final String ARTIFACT_ROOT = "mlflow-artifacts:/";
    private static final Comparator<ExperimentRow> NEWEST_FIRST =
            Comparator.<ExperimentRow>comparingLong(e -> e.created).reversed().thenComparing(e -> e.id);

    private final Map<String, String> workspaces = new LinkedHashMap<>();
    private final TreeMap<Long, ExperimentRow> experiments = new TreeMap<>();
    private final Map<String, RunRow> runs = new HashMap<>();
    private final Map<String, String> keys = new HashMap<>();
    private final SplittableRandom random;
    private final ModelStore models = new ModelStore();

    /** A store with the default workspace and the experiment {@code Default} in it, numbered 0. */
    public MlflowStore(long seed, long nowMillis) {
        // Not the numbers the world draws its own ids from: a client's run must not get the id of one of its runs.
        this.random = new SplittableRandom(~seed);
        createWorkspace(DEFAULT_WORKSPACE, "Default workspace for legacy resources");
        ExperimentRow initial = new ExperimentRow(DEFAULT_WORKSPACE, 0, "Default", ARTIFACT_ROOT + "0", nowMillis);
        experiments.put(0L, initial);
    }

    public ModelStore models() {
        return models;
    }

    /** Names and descriptions, in order of creation. */
    public Map<String, String> workspaces() {
        return workspaces;
    }

    public void createWorkspace(String name, String description) {
        if (workspaces.putIfAbsent(name, description) != null) {
            throw ApiException.exists("Workspace '" + name + "' already exists.");
        }
    }

    public Collection<ExperimentRow> experiments() {
        return experiments.values();
    }

    public int runCount() {
        return runs.size();
    }

    public ExperimentRow createExperiment(String workspace, String name, String artifactLocation, long nowMillis) {
        if (experimentNamed(workspace, name) != null) {
            throw ApiException.exists("Experiment(name=" + name + ") already exists.");
        }
        long id = experiments.isEmpty() ? 1 : Math.max(0, experiments.lastKey()) + 1;
        String location = artifactLocation.isEmpty() ? ARTIFACT_ROOT + id : artifactLocation;
        ExperimentRow experiment = new ExperimentRow(workspace, id, name, location, nowMillis);
        experiments.put(id, experiment);
        return experiment;
    }

    /** Active or deleted. */
    public ExperimentRow experiment(String workspace, String id) {
        ExperimentRow experiment;
        try {
            experiment = experiments.get(Long.parseLong(id));
        } catch (NumberFormatException e) {
            throw ApiException.invalid("Invalid experiment ID '" + id + "'. Experiment ID must be a valid integer.");
        }
        if (experiment == null || !experiment.workspace.equals(workspace)) {
            throw ApiException.missing("No Experiment with id=" + id + " exists");
        }
        return experiment;
    }

    @Nullable
    public ExperimentRow experimentNamed(String workspace, String name) {
        return experiments.values().stream()
                .filter(e -> e.name.equals(name) && e.workspace.equals(workspace))
                .findFirst()
                .orElse(null);
    }

    public void renameExperiment(ExperimentRow experiment, String name, long nowMillis) {
        if (experiment.deleted) {
            throw ApiException.state("Cannot rename a non-active experiment.");
        }
        if (!name.equals(experiment.name) && experimentNamed(experiment.workspace, name) != null) {
            throw ApiException.exists("Experiment(name=" + name + ") already exists.");
        }
        experiment.name = name;
        experiment.lastUpdated = nowMillis;
    }

    /** Soft-deletes an experiment, its runs with it. */
    public void deleteExperiment(ExperimentRow experiment, long nowMillis) {
        if (experiment.deleted) {
            throw ApiException.missing("No Experiment with id=" + experiment.id + " exists");
        }
        setDeleted(experiment, true, nowMillis);
    }

    public void restoreExperiment(ExperimentRow experiment, long nowMillis) {
        if (!experiment.deleted) {
            throw ApiException.missing("No Experiment with id=" + experiment.id + " exists");
        }
        setDeleted(experiment, false, nowMillis);
    }

    private static void setDeleted(ExperimentRow experiment, boolean deleted, long nowMillis) {
        experiment.deleted = deleted;
        experiment.lastUpdated = nowMillis;
        experiment.runs.all().forEach(run -> run.deleted = deleted);
    }

    public Page<ExperimentRow> searchExperiments(
            String workspace,
            Predicate<Boolean> deletedView,
            SearchFilter filter,
            List<OrderBy> orders,
            int offset,
            int max) {
        Comparator<ExperimentRow> order = orders.isEmpty()
                ? NEWEST_FIRST
                : OrderBy.comparator(
                        orders,
                        MlflowStore::sortValue,
                        Comparator.<ExperimentRow>comparingLong(e -> e.id).reversed());
        List<ExperimentRow> found = experiments.values().stream()
                .filter(e -> e.workspace.equals(workspace) && deletedView.test(e.deleted))
                .filter(e -> filter.matches(subject -> value(e, subject)))
                .sorted(order)
                .toList();
        return Page.of(found, offset, max);
    }

    private static @Nullable Object value(ExperimentRow experiment, SearchDialect.Subject subject) {
        if (subject.entity() == SearchDialect.Entity.TAG) {
            return experiment.tags.get(subject.key());
        }
        return switch (subject.key()) {
            case "name" -> experiment.name;
            case "experiment_id" -> Long.toString(experiment.id);
            case "creation_time" -> experiment.created;
            case "last_update_time" -> experiment.lastUpdated;
            default -> null;
        };
    }

    private static @Nullable Object sortValue(ExperimentRow experiment, SearchDialect.Subject subject) {
        return subject.isAttribute("experiment_id") ? (Object) experiment.id : value(experiment, subject);
    }

    /**
     * Starts a run.
     *
     * @param id empty for a new random one
     * @param name empty for a random one
     * @param startMillis {@link RunRow#ABSENT} for none
     */
    public RunRow createRun(
            ExperimentRow experiment, String id, String user, String name, String status, long startMillis) {
        if (experiment.deleted) {
            throw ApiException.invalid(
                    "The experiment " + experiment.id + " must be in the 'active' state. Current state is deleted.");
        }
        RunRow run = new RunRow(id.isEmpty() ? newId(random) : id, experiment, user, startMillis);
        run.name = name.isEmpty() ? DemoNames.randomRunName(random) : name;
        run.status = status;
        runs.put(run.id, run);
        experiment.runs.add(run);
        return run;
    }

    public static String newId(SplittableRandom random) {
        return String.format("%016x%016x", random.nextLong(), random.nextLong());
    }

    @Nullable
    public RunRow findRun(String id) {
        return runs.get(id);
    }

    /** Active or deleted. */
    public RunRow run(String workspace, String id) {
        RunRow run = runs.get(id);
        if (run == null || !run.experiment().workspace.equals(workspace)) {
            throw ApiException.missing("Run with id=" + id + " not found");
        }
        return run;
    }

    public RunRow activeRun(String workspace, String id) {
        RunRow run = run(workspace, id);
        if (run.deleted) {
            throw ApiException.invalid("The run " + id + " must be in the 'active' state. Current state is deleted.");
        }
        return run;
    }

    public void updateRun(RunRow run, String status, long endMillis) {
        run.experiment().runs.update(run, status, endMillis);
    }

    public void setTag(RunRow run, String key, String value) {
        run.tags.put(shared(key), value);
        if (key.equals(RUN_NAME_TAG)) {
            run.name = value;
        }
    }

    public void setParam(RunRow run, String key, String value) {
        run.params.put(shared(key), value);
    }

    public void logMetric(RunRow run, String key, MetricLog.Point point, boolean keepHistory) {
        run.metrics.log(shared(key), point, keepHistory);
    }

    public Page<RunRow> searchRuns(
            String workspace,
            List<String> experimentIds,
            Predicate<RunRow> view,
            SearchFilter filter,
            List<OrderBy> orders,
            int offset,
            int max) {
        List<ExperimentRow> among = experimentIds.stream()
                .distinct()
                .map(MlflowStore::number)
                .filter(Objects::nonNull)
                .map(experiments::get)
                .filter(e -> e != null && e.workspace.equals(workspace))
                .toList();
        return new RunSearch(among, view, filter, orders).page(runs::get, offset, max);
    }

    private static @Nullable Long number(String text) {
        try {
            return Long.valueOf(text);
        } catch (NumberFormatException e) {
            return null;
        }
    }

    /** What {@code mlflow gc} does: deleted runs and experiments are gone for good. */
    public void purgeDeleted() {
        runs.values().removeIf(run -> {
            if (run.deleted) {
                run.experiment().runs.remove(run);
            }
            return run.deleted;
        });
        experiments.values().removeIf(experiment -> experiment.deleted);
    }

    /** One copy of each key, however many runs have it. */
    private String shared(String key) {
        return keys.computeIfAbsent(key, k -> k);
    }
}
