package io.mlflowexporter.llm.objects;

import io.mlflowexporter.catalog.Catalog;
import io.mlflowexporter.metric.Family;
import io.mlflowexporter.metric.FamilyDeclaration;
import io.mlflowexporter.mlflow.Experiment;
import io.mlflowexporter.mlflow.LifecycleStage;
import io.mlflowexporter.mlflow.MlflowException;
import io.mlflowexporter.mlflow.MlflowSource;
import io.mlflowexporter.mlflow.ObjectSource;
import io.mlflowexporter.mlflow.objects.GatewayBudget;
import io.mlflowexporter.mlflow.objects.LoggedModels;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Counts MLflow 3's other objects now and then: they change seldom, and each kind takes a request or two. All kinds are read at
 * first, later one at a time. Nothing is counted where the server does not have them. Belongs to the refresh thread.
 */
public final class OtherObjects {
    /** Between two readings of one kind at least. */
    private static final Duration INTERVAL = Duration.ofMinutes(10);

    private final Optional<ObjectSource> source;
    private final List<Kind> kinds;

    /** One kind of objects, and what was counted last; nothing where that failed. */
    private static final class Kind {
        private final Counter counter;
        private Instant readAt = Instant.MIN;
        private ObjectFamilies counted = new ObjectFamilies();

        Kind(Counter counter) {
            this.counter = counter;
        }

        void forget() {
            readAt = Instant.MIN;
            counted = new ObjectFamilies();
        }

        boolean isDue(Instant now) {
            return now.isBefore(readAt) || !readAt.isAfter(now.minus(INTERVAL));
        }
    }

    /** Counts one kind of objects of one workspace. */
    private interface Counter {
        void count(ObjectSource source, Place place, ObjectFamilies counted) throws MlflowException;
    }

    /** @param experiments names of the active experiments that are read, by id */
    private record Place(String workspace, Map<String, String> experiments) {}

    /**
     * Reads nothing yet.
     *
     * @param first whether this is the first shard, which alone counts what belongs to no experiment
     */
    public OtherObjects(MlflowSource source, boolean first) {
        this.source = source.objects();
        Stream<Counter> ofExperiments = Stream.of(OtherObjects::loggedModels, OtherObjects::scorers);
        Stream<Counter> ofAll = Stream.of(OtherObjects::prompts, OtherObjects::datasets, OtherObjects::gatewayBudgets);
        this.kinds = Stream.concat(ofExperiments, first ? ofAll : Stream.of())
                .map(Kind::new)
                .toList();
    }

    /** All families of this subject. */
    public static List<FamilyDeclaration> declarations() {
        return ObjectFamilies.declarations();
    }

    /** What was counted last. */
    public List<Family> families() {
        return ObjectFamilies.all(kinds.stream().map(kind -> kind.counted).toList());
    }

    /** Forgets all: it was of another server. */
    public void forget() {
        kinds.forEach(Kind::forget);
    }

    /** Counts what there is of a kind that was not counted lately. */
    public void read(List<String> workspaces, Catalog catalog, Instant now) throws MlflowException {
        if (source.isEmpty()) {
            return;
        }
        boolean begins = kinds.stream().allMatch(kind -> kind.readAt.equals(Instant.MIN));
        List<Kind> due = kinds.stream()
                .filter(kind -> kind.isDue(now))
                .sorted(Comparator.comparing(kind -> kind.readAt))
                .limit(begins ? kinds.size() : 1)
                .toList();
        if (due.isEmpty()) {
            return;
        }
        List<Place> places =
                workspaces.stream().map(workspace -> place(workspace, catalog)).toList();
        for (Kind kind : due) {
            kind.forget();
            ObjectFamilies counted = new ObjectFamilies();
            for (Place place : places) {
                kind.counter.count(source.get(), place, counted);
            }
            kind.counted = counted;
            kind.readAt = now;
        }
    }

    private static Place place(String workspace, Catalog catalog) {
        Map<String, String> names = new LinkedHashMap<>();
        for (Experiment experiment : catalog.experiments()) {
            if (experiment.workspace().equals(workspace) && experiment.lifecycleStage() == LifecycleStage.ACTIVE) {
                names.put(experiment.id(), experiment.name());
            }
        }
        return new Place(workspace, names);
    }

    private static void loggedModels(ObjectSource source, Place place, ObjectFamilies counted) throws MlflowException {
        if (place.experiments().isEmpty()) {
            return;
        }
        List<String> ids = List.copyOf(place.experiments().keySet());
        for (LoggedModels some : source.loggedModels(place.workspace(), ids).orElse(List.of())) {
            Optional.ofNullable(place.experiments().get(some.experimentId()))
                    .ifPresent(name -> counted.loggedModels.add(place.workspace(), some.count(), name, some.status()));
        }
    }

    private static void scorers(ObjectSource source, Place place, ObjectFamilies counted) throws MlflowException {
        source.scorers(place.workspace())
                .orElse(Map.of())
                .forEach((id, count) -> Optional.ofNullable(place.experiments().get(id))
                        .ifPresent(name -> counted.scorers.add(place.workspace(), count, name)));
    }

    private static void prompts(ObjectSource source, Place place, ObjectFamilies counted) throws MlflowException {
        source.promptVersions(place.workspace()).ifPresent(prompts -> {
            counted.prompts.add(place.workspace(), prompts.size());
            prompts.forEach((prompt, versions) -> counted.promptVersions.add(place.workspace(), versions, prompt));
        });
    }

    private static void datasets(ObjectSource source, Place place, ObjectFamilies counted) throws MlflowException {
        source.evaluationDatasets(place.workspace()).ifPresent(count -> counted.datasets.add(place.workspace(), count));
    }

    private static void gatewayBudgets(ObjectSource source, Place place, ObjectFamilies counted)
            throws MlflowException {
        for (GatewayBudget budget : source.gatewayBudgets(place.workspace()).orElse(List.of())) {
            String[] labels = {budget.policy(), budget.scope(), budget.target(), budget.currency()};
            if (Double.isFinite(budget.amount())) {
                counted.budget.max(place.workspace(), budget.amount(), labels);
            }
            if (Double.isFinite(budget.spent())) {
                counted.spent.max(place.workspace(), budget.spent(), labels);
            }
        }
    }
}
