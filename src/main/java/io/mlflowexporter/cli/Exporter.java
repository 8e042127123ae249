package io.mlflowexporter.cli;

import io.mlflowexporter.catalog.sync.IncrementalSynchronizer;
import io.mlflowexporter.checkpoint.CheckpointFile;
import io.mlflowexporter.checkpoint.CheckpointIdentity;
import io.mlflowexporter.config.Config;
import io.mlflowexporter.config.LoadedConfig;
import io.mlflowexporter.cost.CostModel;
import io.mlflowexporter.estimate.Estimates;
import io.mlflowexporter.mlflow.MlflowException;
import io.mlflowexporter.mlflow.MlflowSource;
import io.mlflowexporter.mlflow.ShardedSource;
import io.mlflowexporter.mlflow.connection.ServerAddress;
import io.mlflowexporter.mlflow.connection.ShardConfig;
import io.mlflowexporter.mlflow.rest.RestMlflowSource;
import io.mlflowexporter.otlp.OtlpPush;
import io.mlflowexporter.pipeline.Engines;
import io.mlflowexporter.refresh.ExporterContext;
import io.mlflowexporter.refresh.ObservedRuns;
import io.mlflowexporter.refresh.Refresher;
import io.mlflowexporter.reload.ReloadAnswer;
import io.mlflowexporter.reload.Reloads;
import io.mlflowexporter.web.access.AccessGate;
import io.mlflowexporter.web.access.AccessGates;
import io.mlflowexporter.web.metrics.MetricsServer;
import io.mlflowexporter.web.metrics.ScrapeCounts;
import io.mlflowexporter.web.pages.ConfigLine;
import io.mlflowexporter.web.pages.WebServer;
import io.prometheus.metrics.instrumentation.jvm.JvmMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The running service: everything is wired here. */
final class Exporter {
    private static final Logger LOG = LoggerFactory.getLogger(Exporter.class);
    private static final long STOP_MILLIS = 20_000;

    private Exporter() {}

    /**
     * Runs until the process is told to stop.
     *
     * @param beside closed after the listeners, such as the demo's server
     * @throws IOException if a listener cannot be bound, or the refresh thread ends by itself, with a line for the user
     * @throws MlflowException if certificates or a profile cannot be read, with a line for the user
     */
    static void run(LoadedConfig loaded, List<AutoCloseable> beside) throws IOException, MlflowException {
        Config config = loaded.config();
        InstantSource clock = InstantSource.system();
        PrometheusRegistry live = new PrometheusRegistry();
        JvmMetrics.builder().register(live);
        ShardConfig shard = config.shard();
        Reloads reloads = new Reloads(live, clock, System::nanoTime);
        MlflowSource source = ShardedSource.of(
                RestMlflowSource.open(config.mlflow(), live, clock, reloads), shard.index(), shard.total());
        ReloadedFiles files = new ReloadedFiles(loaded, reloads);
        SighupReload.handle(reloads::reload);
        Engines engines = Engines.of(config, files::prices, files::kpis);
        BuildInfo build = BuildInfo.read();
        Optional<CheckpointFile> checkpoint = Optional.empty();
        if (config.checkpoint().file().isPresent()) {
            Path file = config.checkpoint().file().get();
            checkpoint = Optional.of(CheckpointFile.open(file, identity(config), build.version(), clock));
        }
        Refresher refresher = new Refresher(
                new ExporterContext(config, clock, live, build.version(), build.revision()),
                source,
                new IncrementalSynchronizer(source, config.sync(), engines::needs, clock),
                engines,
                checkpoint);
        refresher.serveLast();
        List<AutoCloseable> open = new ArrayList<>(beside);
        open.add(source);
        Supplier<ScrapeCounts> scrapes = () -> ScrapeCounts.NONE;
        AccessGates gates = AccessGates.of(loaded.webFiles(), config.web(), live, clock, reloads);
        try {
            if (config.web().metricsListen().enabled()) {
                MetricsServer metrics = new MetricsServer(
                        config.web().metricsListen(), refresher::exposition, live, clock, gates.metrics());
                open.add(metrics);
                scrapes = metrics::scrapes;
                LOG.info("/metrics is served on port {}{}", metrics.port(), secured(gates.metrics()));
            }
            if (config.otlp().endpoint().isPresent()) {
                OtlpPush push = new OtlpPush(
                        config.otlp(),
                        refresher::exposition,
                        live,
                        clock,
                        build.version(),
                        Integer.toString(shard.index()),
                        reloads);
                open.add(push);
                push.start();
            }
            if (config.web().webListen().enabled()) {
                List<ConfigLine> lines = loaded.entries().stream()
                        .map(entry -> new ConfigLine(entry.path(), entry.shown(), entry.source()))
                        .toList();
                Optional<Supplier<ReloadAnswer>> reload =
                        config.web().reload() ? Optional.of(reloads::reload) : Optional.empty();
                Estimates estimates = new Estimates(
                        () -> files.prices().map(CostModel::prices),
                        wanted -> refresher.ask(view -> view.history(wanted)),
                        clock);
                WebServer web = new WebServer(
                        config.web().webListen(),
                        refresher::status,
                        scrapes,
                        lines,
                        reload,
                        estimates,
                        () -> refresher.ask(ObservedRuns::of),
                        clock,
                        gates.web());
                open.add(web);
                LOG.info("The status page is served on port {}{}", web.port(), secured(gates.web()));
            }
        } catch (IOException e) {
            close(open);
            throw e;
        }
        Thread refreshing = new Thread(
                () -> {
                    refresher.restore();
                    refresher.run();
                },
                "refresh");
        Thread main = Thread.currentThread();
        AtomicBoolean stopping = new AtomicBoolean();
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> {
                            stopping.set(true);
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
        if (!stopping.get()) {
            // Out of memory, most likely. The listeners would go on to serve what nobody renews.
            throw new IOException(
                    "reading MLflow has ended by an error, see the log; if memory was short, give more with java -Xmx");
        }
    }

    private static String secured(AccessGate gate) {
        return gate.summary().isEmpty() ? "" : ": " + gate.summary();
    }

    /** Whose checkpoint it is; what filters leave out of it is no part of that. */
    private static CheckpointIdentity identity(Config config) {
        String tracking = withoutUserInfo(config.mlflow().trackingUri());
        return new CheckpointIdentity(
                tracking,
                config.mlflow().registryUri().map(Exporter::withoutUserInfo).orElse(tracking),
                config.mlflow().workspaces(),
                config.shard().index() + "/" + config.shard().total());
    }

    private static String withoutUserInfo(ServerAddress address) {
        return address.uri().toString().replaceFirst("//[^/]*@", "//");
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
