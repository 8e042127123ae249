package io.mlflowexporter.cli;

import io.mlflowexporter.cost.CostModel;
import io.mlflowexporter.cost.pricing.LoadedPricingFile;
import io.mlflowexporter.cost.pricing.PricingFileLoader;
import io.mlflowexporter.refresh.ReloadMetrics;
import io.mlflowexporter.settings.Problem;
import io.mlflowexporter.settings.SettingsException;
import io.mlflowexporter.web.pages.ReloadAnswer;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The cost book in force. Any thread may read it or have it read again; the next refresh computes with it. */
final class PricingReload {
    private static final Logger LOG = LoggerFactory.getLogger(PricingReload.class);

    private final Optional<Path> file;
    private final InstantSource clock;
    private final ReloadMetrics metrics;
    private volatile Optional<CostModel> model;

    /** Begins with the book that was loaded with the configuration, if that names one. */
    PricingReload(Optional<LoadedPricingFile> loaded, PrometheusRegistry registry, InstantSource clock) {
        this.file = loaded.map(LoadedPricingFile::file);
        this.clock = clock;
        this.metrics = new ReloadMetrics(registry);
        this.model = loaded.map(CostModel::of);
        metrics.succeeded(clock.instant());
    }

    /** Empty where none is configured. */
    Optional<CostModel> model() {
        return model;
    }

    /** Reads the file again. If anything is wrong with it, the book in force stays, and everything wrong is logged. */
    synchronized ReloadAnswer reload() {
        if (file.isEmpty()) {
            LOG.info("There is nothing to reload: cost.file is not set");
            return new ReloadAnswer(true, "nothing to reload: cost.file is not set");
        }
        try {
            LoadedPricingFile loaded = PricingFileLoader.load(file.get());
            model = Optional.of(CostModel.of(loaded));
            metrics.succeeded(clock.instant());
            loaded.warnings().forEach(warning -> LOG.warn("{}", warning));
            LOG.info("Reloaded {}: {}", file.get(), loaded.summary());
            return new ReloadAnswer(true, "reloaded " + file.get() + ": " + loaded.summary());
        } catch (SettingsException e) {
            return failed(e.problems());
        } catch (RuntimeException e) {
            LOG.debug("internal error", e);
            return failed(List.of(new Problem(
                    file.get().toString(),
                    "",
                    "internal error, please report it: " + e.getClass().getSimpleName())));
        }
    }

    private ReloadAnswer failed(List<Problem> problems) {
        metrics.failed();
        problems.forEach(problem -> LOG.error("{}", problem));
        LOG.error("The cost book was not reloaded; the one read before stays in force");
        return new ReloadAnswer(
                false,
                problems.stream().map(Problem::toString).collect(Collectors.joining("\n"))
                        + "\nnot reloaded; the cost book read before stays in force");
    }
}
