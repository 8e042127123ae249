package io.mlflowexporter.catalog;

import io.mlflowexporter.catalog.reading.ReadingState;
import io.mlflowexporter.catalog.reading.RunNeeds;
import io.mlflowexporter.checkpoint.fields.FieldReader;
import io.mlflowexporter.checkpoint.fields.FieldWriter;
import io.mlflowexporter.metric.Times;
import io.mlflowexporter.mlflow.Experiment;
import io.mlflowexporter.mlflow.MlflowException;
import io.mlflowexporter.mlflow.ModelVersion;
import io.mlflowexporter.mlflow.RegisteredModel;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** Everything known of MLflow. Belongs to the refresh thread. */
public final class Catalog {
    /** Fewer are not worth a look at all runs. */
    private static final int GONE_AT_LEAST = 100;

    private final RunTable runs;
    private final LoggedMetrics logged;
    private final ReadingState reading;
    /** Those that are there and those that rows of runs point to. */
    private final Map<String, Experiment> everyExperiment = new LinkedHashMap<>();

    private long experimentsWeight;
    private long registryWeight;
    private List<String> registryLeftOut = List.of();
    private List<String> registryTooLarge = List.of();
    private RunNeeds kept = RunNeeds.NOTHING;
    private Set<String> closedWorkspaces = Set.of();
    private List<Experiment> experiments = List.of();
    private List<RegisteredModel> models = List.of();
    private List<ModelVersion> versions = List.of();

    /** Nothing read yet. */
    public Catalog() {
        this(new RunTable(), new LoggedMetrics(), new ReadingState());
    }

    private Catalog(RunTable runs, LoggedMetrics logged, ReadingState reading) {
        this.runs = runs;
        this.logged = logged;
        this.reading = reading;
    }

    /** Writes everything, how far it has been read included, so that reading goes on from there. */
    public void write(FieldWriter out) throws IOException {
        out.object("runs", table -> RunTableCodec.write(runs, table));
        out.object("logged", logged::write);
        out.object("reading", reading::write);
        out.object("kept", kept::write);
        out.list("everyExperiment", everyExperiment.values(), Entities::experiment);
        out.texts("experiments", experiments.stream().map(Experiment::id).toList());
        out.list("models", models, Entities::model);
        out.list("versions", versions, Entities::version);
        out.texts("registryLeftOut", registryLeftOut);
    }

    /**
     * What {@link #write} wrote.
     *
     * @throws IOException if it cannot be true, as far as that can be told
     */
    public static Catalog read(FieldReader in) throws IOException {
        RunTable runs = new RunTable();
        LoggedMetrics logged = new LoggedMetrics();
        ReadingState reading = new ReadingState();
        RunNeeds kept = RunNeeds.NOTHING;
        List<Experiment> every = List.of();
        List<String> present = List.of();
        List<RegisteredModel> models = List.of();
        List<ModelVersion> versions = List.of();
        List<String> leftOut = List.of();
        while (in.next()) {
            switch (in.name()) {
                case "runs" -> runs = in.object(RunTableCodec::read);
                case "logged" -> logged = in.object(LoggedMetrics::read);
                case "reading" -> reading = in.object(ReadingState::read);
                case "kept" -> kept = in.object(RunNeeds::read);
                case "everyExperiment" -> every = in.list(Entities::experiment);
                case "experiments" -> present = in.texts();
                case "models" -> models = in.list(Entities::model);
                case "versions" -> versions = in.list(Entities::version);
                case "registryLeftOut" -> leftOut = in.texts();
                default -> {
                    // Of another version.
                }
            }
        }
        Catalog read = new Catalog(runs, logged, reading);
        read.kept = kept;
        read.know(every);
        read.replaceRegistry(models, versions, leftOut);
        read.check(present);
        return read;
    }

    private void check(List<String> present) throws IOException {
        List<Experiment> selected = new ArrayList<>();
        for (String id : present) {
            Experiment experiment = everyExperiment.get(id);
            if (experiment == null) {
                throw new IOException("an experiment is missing");
            }
            selected.add(experiment);
        }
        replaceExperiments(selected);
        for (int row = 0; row < runs.size(); row++) {
            if (!everyExperiment.containsKey(runs.experimentId(row))) {
                throw new IOException("a run's experiment is missing");
            }
        }
    }

    /** Whether the last reading read known runs again, or tried to. */
    public boolean resyncTried() {
        return reading.resync.outcome().tried();
    }

    /** Why known runs could not be read again in the last reading, which did not fail of it; empty where they could. */
    public Optional<MlflowException> resyncFailure() {
        return reading.resync.outcome().failure();
    }

    /** Ids of experiments whose runs could not be read and are not asked for for a while. */
    public Set<String> setAside() {
        return Set.copyOf(reading.quarantined.keySet());
    }

    /** Workspaces that the last reading of experiments and runs left out, as they were deleted or are forbidden. */
    public Set<String> closedWorkspaces() {
        return closedWorkspaces;
    }

    public void closedWorkspaces(Set<String> closed) {
        closedWorkspaces = Set.copyOf(closed);
    }

    /** How far it has been read. */
    public ReadingState reading() {
        return reading;
    }

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

    /** Experiments of which the runs were asked for at the last reading, or would have been had it not broken off. */
    public List<Experiment> met() {
        return reading.met.keySet().stream()
                .map(everyExperiment::get)
                .filter(Objects::nonNull)
                .toList();
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

    /** Whether another experiment of the same id was seen before: ids are given anew in another database. */
    public boolean contradicts(Experiment read) {
        Experiment known = everyExperiment.get(read.id());
        return known != null && comparable(read) && known.createdMillis() != read.createdMillis();
    }

    /** Whether this very experiment was seen before. */
    public boolean confirms(Experiment read) {
        return comparable(read) && !contradicts(read);
    }

    private boolean comparable(Experiment read) {
        Experiment known = everyExperiment.get(read.id());
        return known != null && known.createdMillis() != Times.ABSENT && read.createdMillis() != Times.ABSENT;
    }

    /** Registered models that the filters select. */
    public List<RegisteredModel> models() {
        return models;
    }

    /** Versions of these models. */
    public List<ModelVersion> versions() {
        return versions;
    }

    /** Why these are not all that the filters select. */
    public List<String> registryLeftOut() {
        return registryLeftOut;
    }

    /** Which of the registry's objects are larger than an answer may be, and so left out or as they were before. */
    public List<String> registryTooLarge() {
        return registryTooLarge;
    }

    public void registryTooLarge(List<String> lines) {
        registryTooLarge = List.copyOf(lines);
    }

    /** Remembers experiments before their runs are read; forgets those that are gone and have no runs. */
    public void know(List<Experiment> read) {
        read.forEach(experiment -> everyExperiment.put(experiment.id(), experiment));
        if (everyExperiment.size() > 2 * read.size() + GONE_AT_LEAST) {
            Set<String> wanted = runs.storage.experimentIds();
            read.forEach(experiment -> wanted.add(experiment.id()));
            everyExperiment.keySet().retainAll(wanted);
        }
        experimentsWeight = everyExperiment.values().stream()
                .mapToLong(CatalogMemory::weight)
                .sum();
    }

    /** About what runs take, bytes. */
    public long runsWeight() {
        return runs.weight() + logged.weight();
    }

    /** About what experiments take, those that are gone included, bytes. */
    public long experimentsWeight() {
        return experimentsWeight;
    }

    /** About what models and versions take, bytes. */
    public long registryWeight() {
        return registryWeight;
    }

    /**
     * Whether so much may be held and more, after what nobody needs was forgotten.
     *
     * @param bytes of all together
     */
    public boolean hasRoom(long bytes) {
        if (weight() <= bytes) {
            return true;
        }
        forgetUnused();
        // Some more than none, or every run would have it looked at again what nobody needs.
        return weight() <= bytes - bytes / 64;
    }

    /** Forgets what runs that changed left behind. */
    public void forgetUnused() {
        runs.storage.forgetUnused();
        logged.forgetUnused();
    }

    private long weight() {
        return runsWeight() + experimentsWeight + registryWeight;
    }

    /** Forgets the last rows of runs, which were added since the last refresh and that nobody else has heard of. */
    public void truncateRuns(int rows) {
        runs.truncate(rows);
        logged.truncate(rows);
    }

    public void kept(RunNeeds needs) {
        kept = needs;
    }

    public void replaceExperiments(List<Experiment> read) {
        experiments = List.copyOf(read);
    }

    /**
     * Takes what was read of the registry in place of what was known.
     *
     * @param leftOut a line for each reason why that is not all
     */
    public void replaceRegistry(
            List<RegisteredModel> readModels, List<ModelVersion> readVersions, List<String> leftOut) {
        registryLeftOut = List.copyOf(leftOut);
        models = List.copyOf(readModels);
        versions = List.copyOf(readVersions);
        registryWeight = models.stream().mapToLong(CatalogMemory::weight).sum()
                + versions.stream().mapToLong(CatalogMemory::weight).sum();
    }
}
