package io.mlflowexporter.cli;

import io.mlflowexporter.catalog.FullSynchronizer;
import io.mlflowexporter.config.Config;
import io.mlflowexporter.config.LoadedConfig;
import io.mlflowexporter.cost.Ledger;
import io.mlflowexporter.kpi.Kpis;
import io.mlflowexporter.kpi.StepDurations;
import io.mlflowexporter.mlflow.MlflowException;
import io.mlflowexporter.mlflow.MlflowSource;
import io.mlflowexporter.mlflow.rest.RestMlflowSource;
import io.mlflowexporter.refresh.Refresher;
import io.mlflowexporter.web.ConfigLine;
import io.mlflowexporter.web.MetricsServer;
import io.mlflowexporter.web.ReloadAnswer;
import io.mlflowexporter.web.ScrapeCounts;
import io.mlflowexporter.web.WebServer;
import io.prometheus.metrics.instrumentation.jvm.JvmMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The running service: everything is wired here. */
final class Exporter {
    private static final Logger LOG = LoggerFactory.getLogger(Exporter.class);
    private static final long STOP_MILLIS = 5_000;

    private Exporter() {}

    /**
     * Runs until the process is told to stop.
     *
     * @param beside closed after the listeners, such as the demo's server
     * @throws IOException if a listener cannot be bound, with a line for the user
     * @throws MlflowException if certificates or a profile cannot be read, with a line for the user
     */
    static void run(LoadedConfig loaded, List<AutoCloseable> beside) throws IOException, MlflowException {
        MetricsServer.limitConnections();
        Config config = loaded.config();
        InstantSource clock = InstantSource.system();
        PrometheusRegistry live = new PrometheusRegistry();
        JvmMetrics.builder().register(live);
        MlflowSource source = RestMlflowSource.open(config.mlflow(), live, clock);
        CostBookHolder costBook = new CostBookHolder(loaded.costBook(), live, clock);
        HangUp.handle(costBook::reload);
        Ledger ledger = new Ledger(costBook::model);
        Kpis kpis = Kpis.of(loaded.kpis(), config.kpi().builtIn());
        StepDurations steps = new StepDurations(config.steps());
        BuildInfo build = BuildInfo.read();
        Refresher refresher = new Refresher(
                config,
                source,
                new FullSynchronizer(
                        source,
                        config.read(),
                        config.runs(),
                        () -> ledger.needs().and(kpis.needs()).and(steps.needs())),
                ledger,
                kpis,
                steps,
                live,
                clock,
                build.version(),
                build.revision());
        List<AutoCloseable> open = new ArrayList<>(beside);
        open.add(source);
        Supplier<ScrapeCounts> scrapes = () -> ScrapeCounts.NONE;
        try {
            if (config.web().metricsListen().enabled()) {
                MetricsServer metrics =
                        new MetricsServer(config.web().metricsListen(), refresher::exposition, live, clock);
                open.add(metrics);
                scrapes = metrics::scrapes;
                LOG.info("/metrics is served on port {}", metrics.port());
            }
            if (config.web().webListen().enabled()) {
                List<ConfigLine> lines = loaded.entries().stream()
                        .map(entry -> new ConfigLine(entry.path(), entry.shown(), entry.source()))
                        .toList();
                Optional<Supplier<ReloadAnswer>> reload =
                        config.web().reload() ? Optional.of(costBook::reload) : Optional.empty();
                WebServer web =
                        new WebServer(config.web().webListen(), refresher::status, scrapes, lines, reload, clock);
                open.add(web);
                LOG.info("The status page is served on port {}", web.port());
            }
        } catch (IOException e) {
            close(open);
            throw e;
        }
        Thread refreshing = new Thread(refresher::run, "refresh");
        Thread main = Thread.currentThread();
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> {
                            LOG.info("Stopping");
                            refreshing.interrupt();
                            close(open);
                            join(refreshing);
                            LOG.info("Stopped");
                            main.interrupt();
                        },
                        "stop"));
        refreshing.start();
        try {
            refreshing.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void join(Thread thread) {
        try {
            thread.join(STOP_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void close(List<AutoCloseable> open) {
        List<AutoCloseable> newestFirst = new ArrayList<>(open);
        Collections.reverse(newestFirst);
        for (AutoCloseable part : newestFirst) {
            try {
                part.close();
            } catch (Exception e) {
                LOG.warn("Closing {}: {}", part.getClass().getSimpleName(), e.getMessage());
            }
        }
    }
}
