package io.mlflowexporter.estimate;

import io.mlflowexporter.catalog.Catalog;
import io.mlflowexporter.catalog.RunState;
import io.mlflowexporter.catalog.RunTable;
import io.mlflowexporter.config.Suggestions;
import io.mlflowexporter.cost.Ledger;
import io.mlflowexporter.cost.RunUse;
import io.mlflowexporter.delivery.Deliveries;
import io.mlflowexporter.delivery.Deliveries.Pace;
import io.mlflowexporter.estimate.Past.Found;
import io.mlflowexporter.estimate.Past.PhasePast;
import io.mlflowexporter.estimate.Past.RunPast;
import io.mlflowexporter.estimate.Past.Wanted;
import io.mlflowexporter.kpi.Kpis;
import io.mlflowexporter.mlflow.Experiment;
import io.mlflowexporter.mlflow.RegisteredModel;
import io.mlflowexporter.mlflow.RunStatus;
import io.mlflowexporter.mlflow.Times;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeMap;

/** Gathers from the catalog what an estimate rests on. For whoever owns the catalog. */
public final class PastReader {
    /** Of each phase the newest so many runs. */
    static final int NEWEST = 50;

    private static final Duration LONGEST_LOOK_BACK = Duration.ofDays(90);
    private static final int NEARBY = 10;

    private final Catalog catalog;
    private final Ledger ledger;
    private final Kpis kpis;
    private final Optional<Deliveries> deliveries;

    /**
     * Sets out to gather.
     *
     * @param deliveries empty where nobody watched the registry
     */
    public PastReader(Catalog catalog, Ledger ledger, Kpis kpis, Optional<Deliveries> deliveries) {
        this.catalog = catalog;
        this.ledger = ledger;
        this.kpis = kpis;
        this.deliveries = deliveries;
    }

    /**
     * Gathers.
     *
     * @param now up to when deployments are counted
     */
    public Past read(Wanted wanted, Instant readAt, Instant now) {
        List<Experiment> named = catalog.experiments().stream()
                .filter(experiment -> experiment.name().equals(wanted.experiment()))
                .filter(experiment ->
                        wanted.workspace().isEmpty() || experiment.workspace().equals(wanted.workspace()))
                .toList();
        List<Found> found = new ArrayList<>();
        for (Experiment experiment : named) {
            found.add(new Found(experiment.workspace(), experiment.name(), phases(experiment)));
        }
        List<String> nearby = found.isEmpty() && !wanted.experiment().isEmpty()
                ? nearby(
                        wanted.experiment(),
                        catalog.experiments().stream().map(Experiment::name).toList())
                : List.of();
        Set<String> models = models(wanted, named);
        List<String> otherModels = wanted.model().isEmpty() || !models.isEmpty()
                ? List.of()
                : nearby(
                        wanted.model(),
                        catalog.models().stream().map(RegisteredModel::name).toList());
        Optional<List<Pace>> paces =
                deliveries.map(it -> it.paces(catalog, now.toEpochMilli(), LONGEST_LOOK_BACK).stream()
                        .filter(pace -> models.contains(pace.workspace() + "/" + pace.model()))
                        .toList());
        return new Past(readAt, found, nearby, paces, otherModels);
    }

    /** Names that could be meant: the nearest, if any is near, and the first by alphabet. */
    public static List<String> nearby(String asked, List<String> names) {
        List<String> nearby = new ArrayList<>();
        Suggestions.nearest(asked, names).ifPresent(nearby::add);
        names.stream()
                .distinct()
                .sorted()
                .filter(name -> !nearby.contains(name))
                .limit(NEARBY)
                .forEach(nearby::add);
        return nearby;
    }

    /** Workspace and name of the model asked for, else of those that runs of the experiments made. */
    private Set<String> models(Wanted wanted, List<Experiment> experiments) {
        Set<String> models = new HashSet<>();
        if (!wanted.model().isEmpty()) {
            catalog.models().stream()
                    .filter(model -> model.name().equals(wanted.model()))
                    .filter(model ->
                            wanted.workspace().isEmpty() || model.workspace().equals(wanted.workspace()))
                    .forEach(model -> models.add(model.workspace() + "/" + model.name()));
            return models;
        }
        Set<String> ids = new HashSet<>();
        experiments.forEach(experiment -> ids.add(experiment.id()));
        RunTable runs = catalog.runs();
        catalog.versions()
                .forEach(version -> runs.row(version.runId()).ifPresent(row -> {
                    if (ids.contains(runs.experimentId(row))) {
                        models.add(version.workspace() + "/" + version.model());
                    }
                }));
        return models;
    }

    private List<PhasePast> phases(Experiment experiment) {
        RunTable runs = catalog.runs();
        Comparator<Integer> oldestFirst = Comparator.comparingLong(runs::endMillis);
        // Runs with a clock of their own and those without are kept apart, so that neither crowds out the other.
        Map<String, List<PriorityQueue<Integer>>> newest = new TreeMap<>();
        for (int row = 0; row < runs.size(); row++) {
            if (runs.state(row) != RunState.ACTIVE
                    || runs.status(row) != RunStatus.FINISHED
                    || runs.endMillis(row) == Times.ABSENT
                    || runs.startMillis(row) == Times.ABSENT
                    || !runs.experimentId(row).equals(experiment.id())) {
                continue;
            }
            PriorityQueue<Integer> queue = newest.computeIfAbsent(
                            runs.phase(row),
                            phase -> List.of(new PriorityQueue<>(oldestFirst), new PriorityQueue<>(oldestFirst)))
                    .get(runs.parentId(row).isEmpty() ? 0 : 1);
            queue.add(row);
            if (queue.size() > NEWEST) {
                queue.poll();
            }
        }
        List<PhasePast> phases = new ArrayList<>();
        newest.forEach((phase, queues) -> phases.add(new PhasePast(
                phase,
                queues.stream()
                        .flatMap(PriorityQueue::stream)
                        .sorted(oldestFirst.reversed())
                        .map(this::run)
                        .toList())));
        return phases;
    }

    private RunPast run(int row) {
        RunTable runs = catalog.runs();
        Optional<RunUse> use = ledger.useOf(catalog, row);
        boolean nested = use.map(it -> !it.ownClock())
                .orElseGet(() -> !runs.parentId(row).isEmpty()
                        && runs.row(runs.parentId(row)).isPresent());
        return new RunPast(
                runs.endMillis(row),
                Math.max(0, runs.endMillis(row) - runs.startMillis(row)),
                nested,
                use,
                kpis.of(catalog, row));
    }
}
