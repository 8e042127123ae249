package io.mlflowexporter.registry;

import io.mlflowexporter.catalog.Catalog;
import io.mlflowexporter.catalog.reading.RunNeeds;
import io.mlflowexporter.catalog.sync.FullSynchronizer;
import io.mlflowexporter.checkpoint.fields.SectionBytes;
import io.mlflowexporter.config.Config;
import io.mlflowexporter.config.ConfigLoader;
import io.mlflowexporter.cost.WindowCost;
import io.mlflowexporter.metric.DurationHistogram;
import io.mlflowexporter.metric.Family;
import io.mlflowexporter.metric.Family.Distribution;
import io.mlflowexporter.metric.Family.Sample;
import io.mlflowexporter.metric.Family.Value;
import io.mlflowexporter.metric.Times;
import io.mlflowexporter.mlflow.Experiment;
import io.mlflowexporter.mlflow.LifecycleStage;
import io.mlflowexporter.mlflow.Listing;
import io.mlflowexporter.mlflow.MlflowException;
import io.mlflowexporter.mlflow.ModelVersion;
import io.mlflowexporter.mlflow.RegisteredModel;
import io.mlflowexporter.mlflow.Run;
import io.mlflowexporter.mlflow.RunProjection;
import io.mlflowexporter.mlflow.RunQuery;
import io.mlflowexporter.mlflow.RunStatus;
import io.mlflowexporter.mlflow.ViewType;
import io.mlflowexporter.settings.SettingsException;
import io.mlflowexporter.testing.MlflowInMemory;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** A registry that a test changes step by step, and what the exporter says when it looks. Workspaces are off. */
final class DeploymentStory {
    static final Instant BEGIN = Instant.parse("2026-03-01T00:00:00Z");

    private final Map<String, RegisteredModel> models = new LinkedHashMap<>();
    private final Map<String, ModelVersion> versions = new LinkedHashMap<>();
    private final Map<String, Run> runs = new LinkedHashMap<>();
    private Map<String, String> settings;
    private final Catalog catalog = new Catalog();
    private final Fake mlflow = new Fake();
    private Deployments deliveries;
    /** 12 euros a day, for ever. */
    private static final List<WindowCost> COSTS = List.of(
            cost("1d", "a", 8), cost("1d", "b", 4), cost("7d", "a", 84), cost("30d", "a", 360), cost("month", "a", 99));

    private Deployments.Report report = new Deployments.Report(List.of(), List.of());
    private Instant now = BEGIN;

    DeploymentStory() {
        this(Map.of());
    }

    DeploymentStory(Map<String, String> settings) {
        this.settings = settings;
        this.deliveries = new Deployments(config().delivery(), 100);
    }

    private static WindowCost cost(String window, String experiment, double amount) {
        return new WindowCost("", window, experiment, "training", "finished", "EUR", amount);
    }

    private Config config() {
        try {
            return ConfigLoader.load(Optional.empty(), Map.of(), settings).config();
        } catch (SettingsException e) {
            throw new IllegalArgumentException(e);
        }
    }

    /** Time goes by. */
    DeploymentStory later(String duration) {
        now = now.plus(Duration.parse("PT" + duration));
        return this;
    }

    /** Registers a model now. */
    DeploymentStory model(String name) {
        models.put(name, new RegisteredModel("", name, now.toEpochMilli(), now.toEpochMilli(), Map.of()));
        return this;
    }

    DeploymentStory removeModel(String name) {
        models.remove(name);
        versions.values().removeIf(version -> version.model().equals(name));
        return this;
    }

    DeploymentStory rename(String from, String to) {
        RegisteredModel old = models.remove(from);
        models.put(to, new RegisteredModel("", to, old.createdMillis(), now.toEpochMilli(), old.aliases()));
        List.copyOf(versions.values()).stream()
                .filter(version -> version.model().equals(from))
                .forEach(version -> {
                    versions.remove(from + "/" + version.version());
                    put(to, version.version(), version.runId(), version.stage(), version.createdMillis());
                });
        return this;
    }

    /** A run starts now, and becomes a version at once. */
    DeploymentStory version(String model, String version) {
        String id = "run-of-" + model + "-" + version;
        run(id, Map.of());
        return put(model, version, id, "None", now.toEpochMilli());
    }

    /** The version's run is one of so many that are nested in one more. */
    DeploymentStory search(String model, String version, int runsOfTheSearch) {
        String parent = "search-of-" + model + "-" + version;
        run(parent, Map.of());
        run("run-of-" + model + "-" + version, Map.of("mlflow.parentRunId", parent));
        for (int i = 1; i < runsOfTheSearch; i++) {
            run(parent + "-" + i, Map.of("mlflow.parentRunId", parent));
        }
        return this;
    }

    private void run(String id, Map<String, String> tags) {
        runs.put(
                id,
                new Run(
                        "",
                        id,
                        "1",
                        id,
                        "u",
                        RunStatus.FINISHED,
                        LifecycleStage.ACTIVE,
                        now.toEpochMilli(),
                        now.toEpochMilli() + 60_000,
                        Times.ABSENT,
                        tags,
                        Map.of(),
                        Map.of(),
                        0,
                        0));
    }

    DeploymentStory removeVersion(String model, String version) {
        versions.remove(model + "/" + version);
        return this;
    }

    DeploymentStory stage(String model, String version, String stage) {
        ModelVersion old = versions.get(model + "/" + version);
        return put(model, version, old.runId(), stage, old.createdMillis());
    }

    private DeploymentStory put(String model, String version, String runId, String stage, long createdMillis) {
        versions.put(
                model + "/" + version,
                new ModelVersion("", model, version, runId, stage, "READY", createdMillis, now.toEpochMilli()));
        return this;
    }

    DeploymentStory alias(String model, String alias, String version) {
        Map<String, String> aliases = new LinkedHashMap<>(models.get(model).aliases());
        aliases.put(alias, version);
        return aliases(model, aliases);
    }

    DeploymentStory removeAlias(String model, String alias) {
        Map<String, String> aliases = new LinkedHashMap<>(models.get(model).aliases());
        aliases.remove(alias);
        return aliases(model, aliases);
    }

    private DeploymentStory aliases(String model, Map<String, String> aliases) {
        RegisteredModel old = models.get(model);
        models.put(model, new RegisteredModel("", model, old.createdMillis(), old.lastUpdatedMillis(), aliases));
        return this;
    }

    /** The exporter reads MLflow now; a run of n minutes costs n euros. */
    DeploymentStory look() {
        Config config = config();
        FullSynchronizer synchronizer = new FullSynchronizer(mlflow, config, () -> RunNeeds.NOTHING, () -> now);
        try {
            synchronizer.tracking(List.of(""), catalog, (step, done, total, read) -> {});
            synchronizer.registry(List.of(""), catalog);
        } catch (MlflowException e) {
            throw new IllegalStateException(e);
        }
        report = deliveries.refresh(
                catalog,
                now.toEpochMilli(),
                run -> catalog.runs().row(run).isPresent() ? Map.of("EUR", 1.0) : Map.of(),
                COSTS);
        return this;
    }

    byte[] state() {
        try {
            return SectionBytes.of(deliveries::write);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The exporter stops, and starts with the state it left. */
    /** A restart with other settings. */
    DeploymentStory restart(Map<String, String> others) {
        settings = others;
        return restart();
    }

    DeploymentStory restart() {
        byte[] state = state();
        deliveries = new Deployments(config().delivery(), 100);
        try {
            deliveries.restore(SectionBytes.read(state, Deployments::read));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        return this;
    }

    List<AliasMove> moves() {
        return report.moves();
    }

    /** A family's value for these labels; of a histogram count and sum; {@code absent} where there is none. */
    String says(String family, String... labels) {
        return report.families().stream()
                .filter(it -> it.declaration().name().equals(family))
                .flatMap(it -> it.samples().stream())
                .filter(sample -> sample.labelValues().equals(List.of(labels)))
                .map(DeploymentStory::text)
                .collect(Collectors.collectingAndThen(
                        Collectors.joining(" and "), text -> text.isEmpty() ? "absent" : text));
    }

    private static String text(Sample sample) {
        if (sample instanceof Value value) {
            return number(value.value());
        }
        DurationHistogram histogram = ((Distribution) sample).histogram();
        return histogram.count() + " of " + number(histogram.sum()) + " s";
    }

    private static String number(double value) {
        return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
    }

    /** How often new versions came into production: alias, deployments and days observed. */
    List<String> paces(Duration longest) {
        return deliveries.paces(catalog, now.toEpochMilli(), longest).stream()
                .map(pace -> pace.alias() + " " + pace.deployments() + " in "
                        + pace.observed().toDays() + " d")
                .toList();
    }

    /** What of the registry cannot be true, by kind. */
    String anomalies() {
        return RegistryAnomalies.of(catalog).toString();
    }

    /** Every sample, for comparisons. */
    List<String> everything() {
        return report.families().stream()
                .flatMap((Family family) -> family.samples().stream()
                        .map(sample -> family.declaration().name() + sample.labelValues() + " " + text(sample)))
                .toList();
    }

    private final class Fake extends MlflowInMemory {

        @Override
        public void experiments(String workspace, ViewType view, Predicate<String> tags, Listing<Experiment> sink) {
            sink.accept(new Experiment("", "1", "e", LifecycleStage.ACTIVE, Times.ABSENT, Times.ABSENT, Map.of()));
        }

        @Override
        public void runs(RunQuery query, RunProjection projection, Consumer<Run> sink) {
            runs.values().forEach(element -> sink.accept(element));
        }

        @Override
        public void registeredModels(String workspace, Listing<RegisteredModel> sink) {
            models.values().forEach(element -> sink.accept(element));
        }

        @Override
        public void modelVersions(String workspace, Listing<ModelVersion> sink) {
            versions.values().forEach(element -> sink.accept(element));
        }
    }
}
