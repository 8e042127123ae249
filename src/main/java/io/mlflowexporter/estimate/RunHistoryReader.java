package io.mlflowexporter.estimate;

import io.mlflowexporter.catalog.BillableTime;
import io.mlflowexporter.catalog.Catalog;
import io.mlflowexporter.catalog.NewestRows;
import io.mlflowexporter.catalog.RunState;
import io.mlflowexporter.catalog.RunTable;
import io.mlflowexporter.catalog.TimeRules;
import io.mlflowexporter.cost.Ledger;
import io.mlflowexporter.cost.usage.RunUse;
import io.mlflowexporter.estimate.RunHistory.Found;
import io.mlflowexporter.estimate.RunHistory.PhasePast;
import io.mlflowexporter.estimate.RunHistory.RunPast;
import io.mlflowexporter.estimate.RunHistory.Wanted;
import io.mlflowexporter.kpi.Kpis;
import io.mlflowexporter.metric.Times;
import io.mlflowexporter.mlflow.Experiment;
import io.mlflowexporter.mlflow.RegisteredModel;
import io.mlflowexporter.mlflow.RunStatus;
import io.mlflowexporter.registry.Deployments;
import io.mlflowexporter.registry.Deployments.Pace;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Gathers from the catalog what an estimate rests on. For whoever owns the catalog. */
public final class RunHistoryReader {
    /** Of each phase the newest so many runs. */
    static final int NEWEST = 50;

    private static final Duration LONGEST_LOOK_BACK = Duration.ofDays(90);

    private final Catalog catalog;
    private final Ledger ledger;
    private final Kpis kpis;
    private final TimeRules rules;
    private final Optional<Deployments> deliveries;

    /**
     * Sets out to gather.
     *
     * @param deliveries empty where nobody watched the registry
     */
    public RunHistoryReader(
            Catalog catalog, Ledger ledger, Kpis kpis, TimeRules rules, Optional<Deployments> deliveries) {
        this.catalog = catalog;
        this.ledger = ledger;
        this.kpis = kpis;
        this.rules = rules;
        this.deliveries = deliveries;
    }

    /**
     * Gathers.
     *
     * @param now up to when deployments are counted
     */
    public RunHistory read(Wanted wanted, Instant readAt, Instant now) {
        List<Experiment> named = catalog.experiments().stream()
                .filter(experiment -> experiment.name().equals(wanted.experiment()))
                .filter(experiment ->
                        wanted.workspace().isEmpty() || experiment.workspace().equals(wanted.workspace()))
                .toList();
        List<Found> found = new ArrayList<>();
        for (Experiment experiment : named) {
            found.add(new Found(experiment.workspace(), experiment.name(), phases(experiment)));
        }
        Set<String> models = models(wanted, named);
        Optional<List<Pace>> paces =
                deliveries.map(it -> it.paces(catalog, now.toEpochMilli(), LONGEST_LOOK_BACK).stream()
                        .filter(pace -> models.contains(pace.workspace() + "/" + pace.model()))
                        .toList());
        return new RunHistory(readAt, found, paces, missing(wanted));
    }

    private List<String> missing(Wanted wanted) {
        Optional<String> workspace = NameSuggestions.missingWorkspace(
                wanted.workspace(),
                Stream.concat(
                                catalog.experiments().stream().map(Experiment::workspace),
                                catalog.models().stream().map(RegisteredModel::workspace))
                        .collect(Collectors.toSet()));
        if (workspace.isPresent()) {
            return List.of(workspace.get());
        }
        Optional<String> experiment =
                NameSuggestions.missingExperiment(wanted.workspace(), wanted.experiment(), catalog.experiments());
        Optional<String> model = deliveries.isPresent()
                ? NameSuggestions.missingModel(wanted.workspace(), wanted.model(), catalog.models())
                : Optional.empty();
        return Stream.of(experiment, model).flatMap(Optional::stream).toList();
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
        // Runs with a clock of their own and those without are kept apart, so that neither crowds out the other.
        Map<String, List<NewestRows>> newest = new TreeMap<>();
        for (int row = 0; row < runs.size(); row++) {
            if (runs.state(row) != RunState.ACTIVE
                    || runs.status(row) != RunStatus.FINISHED
                    || runs.endMillis(row) == Times.ABSENT
                    || !runs.experimentId(row).equals(experiment.id())
                    || millis(row) == Times.ABSENT) {
                continue;
            }
            newest.computeIfAbsent(runs.phase(row), phase -> List.of(newest(runs), newest(runs)))
                    .get(runs.parentId(row).isEmpty() ? 0 : 1)
                    .offer(row);
        }
        List<PhasePast> phases = new ArrayList<>();
        newest.forEach((phase, rows) -> phases.add(new PhasePast(
                phase,
                rows.stream()
                        .flatMap(some -> some.newestFirst().stream())
                        .sorted(Comparator.<Integer>comparingLong(runs::endMillis)
                                .reversed())
                        .map(this::run)
                        .toList())));
        return phases;
    }

    private static NewestRows newest(RunTable runs) {
        return new NewestRows(NEWEST, runs::endMillis);
    }

    private long millis(int row) {
        RunTable runs = catalog.runs();
        return BillableTime.of(runs, row, runs.endMillis(row), rules).millis();
    }

    private RunPast run(int row) {
        RunTable runs = catalog.runs();
        Optional<RunUse> use = ledger.useOf(catalog, row);
        boolean nested = use.map(it -> !it.ownClock())
                .orElseGet(() -> !runs.parentId(row).isEmpty()
                        && runs.row(runs.parentId(row)).isPresent());
        return new RunPast(runs.endMillis(row), millis(row), nested, use, kpis.of(catalog, row));
    }
}
