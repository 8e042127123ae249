package io.mlflowexporter.refresh;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.mlflowexporter.catalog.sync.IncrementalSynchronizer;
import io.mlflowexporter.catalog.sync.Synchronizer;
import io.mlflowexporter.checkpoint.CheckpointFile;
import io.mlflowexporter.checkpoint.CheckpointIdentity;
import io.mlflowexporter.config.Config;
import io.mlflowexporter.config.ConfigLoader;
import io.mlflowexporter.config.LoadedConfig;
import io.mlflowexporter.cost.CostModel;
import io.mlflowexporter.cost.pricing.PricingFileLoader;
import io.mlflowexporter.estimate.NotNowException;
import io.mlflowexporter.exposition.ScrapeBody;
import io.mlflowexporter.exposition.ScrapeRequest;
import io.mlflowexporter.mlflow.MlflowSource;
import io.mlflowexporter.mlflow.rest.RestMlflowSource;
import io.mlflowexporter.pipeline.Engines;
import io.mlflowexporter.settings.SettingsException;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.slf4j.LoggerFactory;

/** A refresher on a clock moved by hand, with what it says and serves at hand. */
public final class RefreshBench implements AutoCloseable {
    public static final Instant START = Instant.parse("2026-03-01T12:00:00Z");

    final Refresher refresher;
    private final PrometheusRegistry live = new PrometheusRegistry();
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private final Logger logger = (Logger) LoggerFactory.getLogger(Refresher.class);
    private final Level levelBefore = logger.getLevel();
    private final Optional<CheckpointFile> checkpoint;
    private final String servedFirst;
    private final AtomicReference<Instant> now;

    /** Reads the address, without retries unless they are set; settings by their whole names. */
    public RefreshBench(Object address, Map<String, String> settings) throws Exception {
        this(address, settings, synchronizer -> synchronizer);
    }

    RefreshBench(Object address, Map<String, String> settings, UnaryOperator<Synchronizer> around) throws Exception {
        this(address, settings, around, START);
    }

    /** Reads the address at a time of its own. */
    public RefreshBench(Object address, Map<String, String> settings, Instant start) throws Exception {
        this(address, settings, synchronizer -> synchronizer, start);
    }

    /** Begins at a time of its own; goes on from {@code checkpoint.file} where that is set. */
    RefreshBench(Object address, Map<String, String> settings, UnaryOperator<Synchronizer> around, Instant start)
            throws Exception {
        this(loaded(address, settings), around, start);
    }

    /** Of a configuration as it stands. */
    RefreshBench(LoadedConfig loaded) throws Exception {
        this(loaded, synchronizer -> synchronizer, START);
    }

    private RefreshBench(LoadedConfig loaded, UnaryOperator<Synchronizer> around, Instant start) throws Exception {
        now = new AtomicReference<>(start);
        // Not the bench's own method: a connection kept open after the bench is closed would hold all of it.
        InstantSource clock = now::get;
        Config config = loaded.config();
        MlflowSource source = RestMlflowSource.open(config.mlflow(), live, clock);
        Optional<CostModel> prices = prices(config.cost().file());
        Engines engines = Engines.of(config, () -> prices, loaded.kpis());
        Synchronizer synchronizer =
                around.apply(new IncrementalSynchronizer(source, config.sync(), engines::needs, clock));
        Optional<Path> file = config.checkpoint().file();
        String address = config.mlflow().trackingUri().uri().toString();
        CheckpointIdentity identity = new CheckpointIdentity(address, address, List.of(), "0/1");
        checkpoint = file.isPresent()
                ? Optional.of(CheckpointFile.open(file.get(), identity, "1", clock))
                : Optional.empty();
        refresher = new Refresher(
                new ExporterContext(config, clock, live, "1", "r"), source, synchronizer, engines, checkpoint);
        logger.setLevel(Level.INFO);
        log.start();
        logger.addAppender(log);
        refresher.serveLast();
        servedFirst = scrape();
        refresher.restore();
    }

    private static LoadedConfig loaded(Object address, Map<String, String> settings) throws SettingsException {
        Map<String, String> all = new HashMap<>(settings);
        all.put("mlflow.tracking_uri", address.toString());
        all.putIfAbsent("mlflow.retries", "0");
        // No one to spare here, and the limit waits in real time.
        all.putIfAbsent("mlflow.max_requests_per_second", "10000");
        // Reads everything again at each refresh; how a resync goes on is tested where it is made.
        all.putIfAbsent("refresh.resync_share", "1");
        return ConfigLoader.load(Optional.empty(), Map.of(), all);
    }

    private static Optional<CostModel> prices(Optional<Path> file) throws SettingsException {
        return file.isEmpty() ? Optional.empty() : Optional.of(CostModel.of(PricingFileLoader.load(file.get())));
    }

    Instant now() {
        return now.get();
    }

    /** Refreshes after so much time. */
    public ExporterStatus.Outcome refresh(Duration later) {
        wait(later);
        return refresher.refresh();
    }

    ExporterStatus.Outcome refresh() {
        return refresh(Duration.ofMinutes(1));
    }

    void wait(Duration time) {
        now.set(now.get().plus(time));
    }

    /** What was logged since this was last asked for, as level and message. */
    List<String> said() {
        List<String> said = log.list.stream()
                .map(event -> event.getLevel() + " " + event.getFormattedMessage()
                        + (event.getThrowableProxy() == null ? "" : " WITH STACK TRACE"))
                .toList();
        log.list.clear();
        return said;
    }

    /** What was logged but for the first reading's progress. */
    List<String> problemsSaid() {
        return said().stream().filter(line -> !line.contains("First read")).toList();
    }

    /** The text that Prometheus reads now. */
    public String scrape() {
        ScrapeBody body = refresher.exposition().scrape(new ScrapeRequest("", false, Set.of()), live, now.get());
        StringBuilder text = new StringBuilder();
        for (byte[] segment : body.segments()) {
            text.append(new String(segment, StandardCharsets.UTF_8));
        }
        return text.toString();
    }

    /** What only the exporter saw of runs. */
    public ObservedRuns observed() throws NotNowException {
        return refresher.answer(ObservedRuns::of);
    }

    /** The text that was served before the checkpoint was read whole. */
    String servedFirst() {
        return servedFirst;
    }

    /** The value of one sample, named with its labels; {@code absent} where there is none. */
    String value(String sample) {
        return scrape().lines()
                .filter(line -> line.startsWith(sample + " "))
                .map(line -> line.substring(sample.length() + 1))
                .findFirst()
                .orElse("absent");
    }

    @Override
    public void close() {
        try {
            if (checkpoint.isPresent()) {
                checkpoint.get().close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        logger.detachAppender(log);
        logger.setLevel(levelBefore);
    }
}
