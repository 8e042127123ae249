package io.mlflowexporter.refresh;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.mlflowexporter.catalog.FullSynchronizer;
import io.mlflowexporter.catalog.Synchronizer;
import io.mlflowexporter.config.Config;
import io.mlflowexporter.config.ConfigException;
import io.mlflowexporter.config.ConfigLoader;
import io.mlflowexporter.config.CostBookLoader;
import io.mlflowexporter.config.KpiBook;
import io.mlflowexporter.cost.CostModel;
import io.mlflowexporter.cost.Ledger;
import io.mlflowexporter.exposition.ScrapeBody;
import io.mlflowexporter.exposition.ScrapeRequest;
import io.mlflowexporter.kpi.Kpis;
import io.mlflowexporter.kpi.StepDurations;
import io.mlflowexporter.mlflow.MlflowSource;
import io.mlflowexporter.mlflow.rest.RestMlflowSource;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.slf4j.LoggerFactory;

/** A refresher on a clock moved by hand, with what it says and serves at hand. */
final class Bench implements AutoCloseable {
    static final Instant START = Instant.parse("2026-03-01T12:00:00Z");

    final Refresher refresher;
    private final PrometheusRegistry live = new PrometheusRegistry();
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private final Logger logger = (Logger) LoggerFactory.getLogger(Refresher.class);
    private final Level levelBefore = logger.getLevel();
    private volatile Instant now = START;

    /** Reads the address without retries; settings by their whole names. */
    Bench(Object address, Map<String, String> settings) throws Exception {
        this(address, settings, synchronizer -> synchronizer);
    }

    Bench(Object address, Map<String, String> settings, UnaryOperator<Synchronizer> around) throws Exception {
        Map<String, String> all = new HashMap<>(settings);
        all.put("mlflow.tracking_uri", address.toString());
        all.put("mlflow.retries", "0");
        Config config = ConfigLoader.load(Optional.empty(), Map.of(), all).config();
        MlflowSource source = RestMlflowSource.open(config.mlflow(), live, this::now);
        Ledger ledger = ledger(config.cost().file());
        Synchronizer synchronizer =
                around.apply(new FullSynchronizer(source, config.read(), config.runs(), ledger::needs));
        Kpis kpis = Kpis.of(KpiBook.EMPTY, true);
        refresher = new Refresher(
                config,
                source,
                synchronizer,
                ledger,
                kpis,
                new StepDurations(config.steps()),
                live,
                this::now,
                "1",
                "r");
        logger.setLevel(Level.INFO);
        log.start();
        logger.addAppender(log);
    }

    private static Ledger ledger(Optional<Path> book) throws ConfigException {
        if (book.isEmpty()) {
            return Ledger.none();
        }
        Optional<CostModel> model = Optional.of(CostModel.of(CostBookLoader.load(book.get())));
        return new Ledger(() -> model);
    }

    Instant now() {
        return now;
    }

    /** Refreshes after so much time. */
    ExporterStatus.Outcome refresh(Duration later) {
        now = now.plus(later);
        return refresher.refresh();
    }

    ExporterStatus.Outcome refresh() {
        return refresh(Duration.ofMinutes(1));
    }

    void wait(Duration time) {
        now = now.plus(time);
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
    String scrape() {
        ScrapeBody body = refresher.exposition().scrape(new ScrapeRequest("", false, Set.of()), live, now);
        StringBuilder text = new StringBuilder();
        for (byte[] segment : body.segments()) {
            text.append(new String(segment, StandardCharsets.UTF_8));
        }
        return text.toString();
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
        logger.detachAppender(log);
        logger.setLevel(levelBefore);
    }
}
