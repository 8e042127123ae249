package io.mlflowexporter.catalog.sync;

import io.mlflowexporter.catalog.Catalog;
import io.mlflowexporter.catalog.CatalogMemory;
import io.mlflowexporter.catalog.Gaps;
import io.mlflowexporter.catalog.PhaseRules;
import io.mlflowexporter.catalog.RunNotes;
import io.mlflowexporter.catalog.RunTable;
import io.mlflowexporter.catalog.RunsConfig;
import io.mlflowexporter.catalog.SystemUse;
import io.mlflowexporter.catalog.TimeRules;
import io.mlflowexporter.catalog.reading.RunNeeds;
import io.mlflowexporter.mlflow.Experiment;
import io.mlflowexporter.mlflow.Listing;
import io.mlflowexporter.mlflow.MlflowException;
import io.mlflowexporter.mlflow.MlflowException.Kind;
import io.mlflowexporter.mlflow.MlflowSource;
import io.mlflowexporter.mlflow.ModelVersion;
import io.mlflowexporter.mlflow.RegisteredModel;
import io.mlflowexporter.mlflow.Run;
import io.mlflowexporter.mlflow.RunProjection;
import io.mlflowexporter.mlflow.ViewType;
import io.mlflowexporter.text.OneLine;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** What every way of reading shares: the filters, and how what MLflow says becomes the catalog. */
final class CatalogReader {
    private static final String ESTIMATOR_CLASS = "estimator_class";
    private static final String ESTIMATOR_NAME = "estimator_name";

    private static final Comparator<RegisteredModel> MODEL =
            Comparator.comparing(RegisteredModel::workspace).thenComparing(RegisteredModel::name);

    private static final Comparator<ModelVersion> VERSION = Comparator.comparing(ModelVersion::workspace)
            .thenComparing(ModelVersion::model)
            .thenComparing(ModelVersion::version);

    private final MlflowSource source;
    private final ReadConfig read;
    private final TimeRules times;
    private final CatalogMemory room;
    private final PhaseRules phases;
    private final Optional<String> estimatorTag;
    private final Optional<String> estimatorParam;
    private final long mostBytes;
    private List<String> experimentsLeftOut = List.of();
    private final boolean mayHaveNoRegistry;

    CatalogReader(MlflowSource source, SyncSettings config, CatalogMemory room) {
        this.source = source;
        this.times = config.times();
        this.room = room;
        this.read = config.read();
        this.mostBytes = config.mlflow().maxResponseSize().bytes();
        RunsConfig runs = config.runs();
        // Who names a registry's address has one.
        this.mayHaveNoRegistry = read.registry() == ReadConfig.Registry.AUTO
                && config.mlflow().registryUri().isEmpty();
        this.phases = new PhaseRules(runs);
        this.estimatorTag = runs.estimatorTag();
        this.estimatorParam = runs.estimatorParam();
    }

    /** Everything that decides what is made of a run, as a text that is equal for equal rules in every process. */
    static String rules(RunsConfig runs) {
        StringBuilder text = new StringBuilder();
        for (RunsConfig.PhaseRule rule : runs.phases()) {
            text.append(rule.phase()).append(rule.runName()).append(rule.experiment());
            text.append(new TreeMap<>(rule.tags())).append('\n');
        }
        return text.append(runs.phasesAppendDefaults())
                .append(runs.estimatorTag())
                .append(runs.estimatorParam())
                .toString();
    }

    int maxRuns() {
        return read.maxRuns().orElse(Integer.MAX_VALUE);
    }

    /** Why the catalog holds less than the filters select; empty where it holds all. */
    List<String> incomplete(int leftOut) {
        List<String> incomplete = new ArrayList<>(experimentsLeftOut);
        if (leftOut > 0) {
            incomplete.add("the oldest runs are left out, as read.max_runs is " + maxRuns());
        }
        return incomplete;
    }

    /** What may be held of runs and all else. */
    CatalogMemory room() {
        return room;
    }

    /** Where there is no room for a list as a whole. */
    private static List<String> noRoomFor(String what, CatalogMemory.Bounded<?> list) {
        return list.cut()
                ? List.of("there are more " + what + " than memory has room for, so that some are left"
                        + " out; give more with java -Xmx, or read fewer with read."
                        + (what.equals("experiments") ? "experiments" : "models"))
                : List.of();
    }

    /** Where objects alone are larger than an answer may be. */
    private <T> List<String> tooLarge(String what, CatalogMemory.Bounded<T> list, Function<T, String> name) {
        if (list.tooLargeCount() == 0) {
            return List.of();
        }
        String names = list.tooLarge().stream().map(name).map(OneLine::of).collect(Collectors.joining(", "));
        long more = list.tooLargeCount() - list.tooLarge().size();
        return List.of(what + " larger than mlflow.max_response_size (" + mostBytes
                + " bytes) are left out, or stay as they were: " + names + (more == 0 ? "" : " and " + more + " more")
                + "; delete some of their tags, exclude them with read."
                + (what.equals("experiments") ? "experiments" : "models") + ", or raise mlflow.max_response_size");
    }

    RunProjection projection(RunNeeds need) {
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

    /**
     * Those the filters select, deleted ones included.
     *
     * @param tags names of those that are kept
     * @param closed takes the workspaces that are not there or may not be read, with the reason
     * @throws MlflowException also of kind {@code OTHER_DATABASE}, if they cannot be of the server the catalog was read
     *     from
     */
    List<Experiment> experiments(List<String> workspaces, Catalog catalog, Set<String> tags, Map<String, String> closed)
            throws MlflowException {
        catalog.forgetUnused();
        List<Experiment> experiments = new ArrayList<>();
        List<Experiment> all = new ArrayList<>();
        int[] sameAndOther = {0, 0};
        CatalogMemory.Left left =
                new CatalogMemory.Left(room.bytes() - catalog.runsWeight() - catalog.registryWeight());
        Predicate<Experiment> accepted = experiment -> read.experiments().accepts(experiment.name());
        CatalogMemory.Bounded<Experiment> bounded = new CatalogMemory.Bounded<>(
                left, CatalogMemory::weight, Comparator.comparing(Experiment::id), catalog.met(), experiment -> {
                    all.add(experiment);
                    sameAndOther[0] += catalog.confirms(experiment) ? 1 : 0;
                    sameAndOther[1] += catalog.contradicts(experiment) ? 1 : 0;
                    if (accepted.test(experiment)) {
                        experiments.add(experiment);
                    }
                });
        Listing<Experiment> listing = only(experiment -> true, accepted, bounded);
        closed.putAll(
                inEach(workspaces, workspace -> source.experiments(workspace, ViewType.ALL, tags::contains, listing)));
        experimentsLeftOut = new ArrayList<>(noRoomFor("experiments", bounded));
        experimentsLeftOut.addAll(
                tooLarge("experiments", bounded, experiment -> experiment.id() + " \"" + experiment.name() + '"'));
        // On SQLite the id of the newest experiment is given again once it was purged: that alone is no other database.
        if (sameAndOther[1] > 0 && sameAndOther[0] == 0) {
            throw new MlflowException(
                    Kind.OTHER_DATABASE,
                    "the server now holds other experiments under the same ids, so another database");
        }
        for (Experiment known : bounded.kept()) {
            if (!closed.containsKey(known.workspace()) && read.experiments().accepts(known.name())) {
                all.add(known);
                experiments.add(known);
            }
        }
        // Those that are filtered out too: they may be the only ones that tell another database.
        catalog.know(all);
        return experiments;
    }

    void put(Catalog catalog, Run run, RunNeeds need, long nowMillis) {
        String experiment = catalog.experiment(run.experimentId()).name();
        catalog.runs()
                .put(
                        run,
                        phases.phase(run.name(), experiment, run.tags()),
                        estimatorClass(run),
                        RunNotes.of(run, need),
                        new Gaps.Look(nowMillis, catalog.reading().upToMillis, times));
        catalog.runs().logged(catalog.logged(), run);
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

    private interface OfWorkspace {
        void read(String workspace) throws MlflowException;
    }

    /**
     * Reads each workspace by itself, so that one that was deleted or is forbidden does not hide the others.
     *
     * @return those that could not be read, with the reason
     * @throws MlflowException if none could be, or the reason is another
     */
    private static Map<String, String> inEach(List<String> workspaces, OfWorkspace reading) throws MlflowException {
        Map<String, String> closed = new TreeMap<>();
        for (String workspace : workspaces) {
            try {
                reading.read(workspace);
            } catch (MlflowException e) {
                if ((e.kind() != Kind.FORBIDDEN && e.kind() != Kind.MISSING)
                        || closed.size() == workspaces.size() - 1) {
                    throw e;
                }
                closed.put(workspace, String.valueOf(e.getMessage()));
            }
        }
        return closed;
    }

    /** Why a workspace is not in the catalog. */
    static String leftOut(String workspace, String why) {
        return "workspace " + workspace + " is left out: " + why
                + "; grant the exporter's account access to it, or take it out of mlflow.workspaces";
    }

    /** As {@link Synchronizer#registry} says. */
    Map<String, String> registry(List<String> workspaces, Catalog catalog) throws MlflowException {
        if (read.registry() == ReadConfig.Registry.OFF) {
            return Map.of();
        }
        List<RegisteredModel> models = new ArrayList<>();
        List<ModelVersion> versions = new ArrayList<>();
        CatalogMemory.Left left =
                new CatalogMemory.Left(room.bytes() - catalog.runsWeight() - catalog.experimentsWeight());
        CatalogMemory.Bounded<RegisteredModel> someModels =
                new CatalogMemory.Bounded<>(left, CatalogMemory::weight, MODEL, catalog.models(), models::add);
        CatalogMemory.Bounded<ModelVersion> someVersions =
                new CatalogMemory.Bounded<>(left, CatalogMemory::weight, VERSION, catalog.versions(), versions::add);
        Map<String, String> closed =
                inEach(workspaces, workspace -> registry(workspace, catalog, someModels, someVersions));
        someModels.kept().stream()
                .filter(model -> read.models().accepts(model.name()))
                .forEach(models::add);
        someVersions.kept().stream()
                .filter(version -> read.models().accepts(version.model()) && !closed.containsKey(version.workspace()))
                .forEach(versions::add);
        models.removeIf(model -> closed.containsKey(model.workspace()));
        List<String> noRoom = new ArrayList<>(noRoomFor("models", someModels));
        noRoom.addAll(noRoomFor("model versions", someVersions));
        catalog.replaceRegistry(models, versions, noRoom);
        List<String> tooLarge = new ArrayList<>(tooLarge("models", someModels, model -> '"' + model.name() + '"'));
        tooLarge.addAll(tooLarge(
                "model versions", someVersions, version -> version.version() + " of \"" + version.model() + '"'));
        catalog.registryTooLarge(tooLarge);
        closed.replaceAll(CatalogReader::leftOut);
        return closed;
    }

    private void registry(
            String workspace,
            Catalog catalog,
            CatalogMemory.Bounded<RegisteredModel> models,
            CatalogMemory.Bounded<ModelVersion> versions)
            throws MlflowException {
        Optional<MlflowException> none = Optional.empty();
        try {
            Predicate<RegisteredModel> accepted = model -> read.models().accepts(model.name());
            source.registeredModels(workspace, only(accepted, accepted, models));
        } catch (MlflowException e) {
            if (e.kind() != Kind.UNSUPPORTED) {
                throw e;
            }
            none = Optional.of(e);
        }
        try {
            Predicate<ModelVersion> accepted = version -> read.models().accepts(version.model());
            source.modelVersions(workspace, only(accepted, accepted, versions));
        } catch (MlflowException e) {
            // What was known is not given up for an answer that a proxy may have made.
            boolean nothingKnown =
                    catalog.models().isEmpty() && catalog.versions().isEmpty();
            if (e.kind() == Kind.UNSUPPORTED && none.isPresent() && mayHaveNoRegistry && nothingKnown) {
                return;
            }
            throw e;
        }
        if (none.isPresent()) {
            throw none.get();
        }
    }

    /** @param named of which it is told that they are too large */
    private static <T> Listing<T> only(Predicate<T> wanted, Predicate<T> named, CatalogMemory.Bounded<T> bounded) {
        return new Listing<>() {
            @Override
            public void accept(T element) {
                if (wanted.test(element)) {
                    bounded.accept(element);
                }
            }

            @Override
            public void tooLarge(T element) {
                if (named.test(element)) {
                    bounded.tooLarge(element);
                }
            }

            @Override
            public boolean full() {
                return bounded.full();
            }
        };
    }
}
