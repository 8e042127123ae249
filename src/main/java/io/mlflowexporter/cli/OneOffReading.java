package io.mlflowexporter.cli;

import io.mlflowexporter.catalog.Catalog;
import io.mlflowexporter.catalog.sync.IncrementalSynchronizer;
import io.mlflowexporter.cli.log.LogSetup;
import io.mlflowexporter.config.Config;
import io.mlflowexporter.config.LoadedConfig;
import io.mlflowexporter.config.LogConfig;
import io.mlflowexporter.cost.CostModel;
import io.mlflowexporter.estimate.NameSuggestions;
import io.mlflowexporter.estimate.NotNowException;
import io.mlflowexporter.estimate.RunHistory;
import io.mlflowexporter.mlflow.Experiment;
import io.mlflowexporter.mlflow.MlflowException;
import io.mlflowexporter.mlflow.MlflowSource;
import io.mlflowexporter.mlflow.SomeExperiments;
import io.mlflowexporter.mlflow.ViewType;
import io.mlflowexporter.mlflow.rest.RestMlflowSource;
import io.mlflowexporter.pipeline.Engines;
import io.mlflowexporter.pipeline.Pipeline;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads of MLflow what one question needs: the runs of one experiment. What aliases did nobody watched. */
final class OneOffReading {
    private final LoadedConfig loaded;
    private final Config config;
    private final Optional<CostModel> book;
    private final InstantSource clock;

    OneOffReading(LoadedConfig loaded, Optional<CostModel> book, InstantSource clock) {
        this.loaded = loaded;
        this.config = loaded.config();
        this.book = book;
        this.clock = clock;
    }

    RunHistory past(RunHistory.Wanted wanted) throws NotNowException {
        if (wanted.experiment().isEmpty()) {
            return RunHistory.missing(clock.instant(), List.of());
        }
        // Whoever asks wants the answer, and of the reading only what went wrong.
        LogSetup.install(new LogConfig(config.log().format(), LogConfig.Level.WARN));
        try (MlflowSource source = RestMlflowSource.open(config.mlflow(), new PrometheusRegistry(), clock)) {
            source.deadline(config.refresh().timeout());
            return read(wanted, source);
        } catch (MlflowException e) {
            throw new NotNowException(String.valueOf(e.getMessage()));
        }
    }

    private RunHistory read(RunHistory.Wanted wanted, MlflowSource source) throws MlflowException, NotNowException {
        Instant now = clock.instant();
        List<String> workspaces = source.workspaces();
        List<Experiment> all = new ArrayList<>();
        for (String workspace : workspaces) {
            source.experiments(workspace, ViewType.ALL, tag -> false, all::add);
        }
        Optional<String> missing = NameSuggestions.missingWorkspace(wanted.workspace(), workspaces)
                .or(() -> NameSuggestions.missingExperiment(wanted.workspace(), wanted.experiment(), all));
        if (missing.isPresent()) {
            return RunHistory.missing(now, List.of(missing.get()));
        }
        MlflowSource one = new SomeExperiments(
                source,
                experiment -> experiment.name().equals(wanted.experiment())
                        && (wanted.workspace().isEmpty()
                                || experiment.workspace().equals(wanted.workspace())));
        Engines engines = Engines.of(config, () -> book, loaded.kpis());
        Catalog catalog = new Catalog();
        new IncrementalSynchronizer(one, config.sync(), engines::needs, clock)
                .tracking(workspaces, catalog, (step, done, total, runs) -> {});
        if (catalog.experiments().isEmpty()) {
            throw new NotNowException(
                    "the experiment is in MLflow, but read.experiments of the configuration leaves it out");
        }
        Pipeline pipeline = new Pipeline(config, engines);
        pipeline.tracking(catalog, workspaces, now.toEpochMilli());
        return pipeline.history(catalog, wanted, now, now, false);
    }
}
