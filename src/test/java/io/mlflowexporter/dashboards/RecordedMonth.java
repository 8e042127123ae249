package io.mlflowexporter.dashboards;

import io.mlflowexporter.catalog.sync.IncrementalSynchronizer;
import io.mlflowexporter.checkpoint.CheckpointFile;
import io.mlflowexporter.checkpoint.CheckpointIdentity;
import io.mlflowexporter.config.Config;
import io.mlflowexporter.config.ConfigLoader;
import io.mlflowexporter.cost.CostModel;
import io.mlflowexporter.cost.pricing.PricingFileLoader;
import io.mlflowexporter.demo.SimulatedMlflow;
import io.mlflowexporter.demo.life.DemoKpis;
import io.mlflowexporter.demo.life.DemoPricingFile;
import io.mlflowexporter.demo.life.SimulationOptions;
import io.mlflowexporter.exposition.ScrapeRequest;
import io.mlflowexporter.kpi.KpiFileLoader;
import io.mlflowexporter.mlflow.rest.RestMlflowSource;
import io.mlflowexporter.pipeline.Engines;
import io.mlflowexporter.refresh.ExporterContext;
import io.mlflowexporter.refresh.Refresher;
import io.mlflowexporter.reload.Reloads;
import io.prometheus.metrics.instrumentation.jvm.JvmMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What a Prometheus would hold that had scraped the demo for a month: the exporter reads the simulated MLflow with a clock
 * that is moved on, and each scrape is written down with its time, as OpenMetrics for {@code promtool tsdb
 * create-blocks-from openmetrics}. For the pictures of the dashboards; unlike a backfill it has seen aliases move.
 */
final class RecordedMonth {
    private static final Duration MONTH = Duration.ofDays(31);
    private static final Duration SELDOM = Duration.ofHours(1);
    /** The dashboard of the exporter itself shows the last hours. */
    private static final Duration CLOSELY = Duration.ofHours(7);

    private static final Duration OFTEN = Duration.ofMinutes(2);

    private static final String START = "process_start_time_seconds";

    private static final String TARGET = "instance=\"exporter:9818\",job=\"mlflow\"";

    /** The time, which goes on by itself from where it was set. */
    private static final class Clock implements InstantSource {
        private Instant set;
        private long setNanos = System.nanoTime();

        Clock(Instant start) {
            this.set = start;
        }

        @Override
        public synchronized Instant instant() {
            return set.plusNanos(System.nanoTime() - setNanos);
        }

        synchronized void move(Instant to) {
            set = to;
            setNanos = System.nanoTime();
        }
    }

    private RecordedMonth() {}

    /** Takes the file to write. */
    public static void main(String[] arguments) throws Exception {
        Instant end = lastAfternoon(Instant.now());
        Clock clock = new Clock(end.minus(MONTH));
        SimulationOptions options = SimulationOptions.defaults()
                .withRuns(2_000)
                .withLivingWorkPerHour(0)
                .withClock(clock);
        try (SimulatedMlflow mlflow = SimulatedMlflow.start(options);
                PrintStream out = new PrintStream(Path.of(arguments[0]).toFile(), StandardCharsets.UTF_8)) {
            PrometheusRegistry live = new PrometheusRegistry();
            JvmMetrics.builder().register(live);
            Refresher refresher = refresher(mlflow, live, clock, LocalDate.ofInstant(end, ZoneOffset.UTC));
            Set<String> wanted = wanted();
            int scrape = 0;
            for (Instant at = end.minus(MONTH); !at.isAfter(end); ) {
                // A scrape finds data of any age up to a minute.
                clock.move(at.minusSeconds(scrape % 59));
                refresher.refresh();
                clock.move(at);
                write(refresher, live, end.minus(MONTH), at, wanted, out);
                scrape++;
                at = at.plus(at.isBefore(end.minus(CLOSELY)) ? SELDOM : OFTEN);
            }
            out.print("# EOF\n");
        }
    }

    private static Refresher refresher(
            SimulatedMlflow mlflow, PrometheusRegistry live, InstantSource clock, LocalDate today) throws Exception {
        Config config = ConfigLoader.load(
                        Optional.empty(),
                        Map.of(),
                        Map.of(
                                "mlflow.tracking_uri",
                                mlflow.uri().toString(),
                                "mlflow.max_requests_per_second",
                                "10000",
                                "exposition.recent_runs",
                                "150"))
                .config();
        RestMlflowSource source = RestMlflowSource.open(config.mlflow(), live, clock);
        new Reloads(live, clock, System::nanoTime);
        Optional<CostModel> costs = Optional.of(CostModel.of(PricingFileLoader.load(costBook(today))));
        Engines engines = Engines.of(config, () -> costs, KpiFileLoader.load(DemoKpis.file()));
        CheckpointFile checkpoint = CheckpointFile.open(
                Files.createTempDirectory("recorded-month").resolve("checkpoint"),
                new CheckpointIdentity("http://mlflow", "http://mlflow", List.of(), "0/1"),
                "1",
                clock);
        return new Refresher(
                new ExporterContext(config, clock, live, "1.0.0", "preview"),
                source,
                new IncrementalSynchronizer(source, config.sync(), engines::needs, clock),
                engines,
                Optional.of(checkpoint));
    }

    /** Of the last working day, when something runs. */
    private static Instant lastAfternoon(Instant now) {
        ZonedDateTime end =
                now.atZone(ZoneOffset.UTC).truncatedTo(ChronoUnit.DAYS).plusHours(15);
        while (end.toInstant().isAfter(now) || end.getDayOfWeek().getValue() > DayOfWeek.FRIDAY.getValue()) {
            end = end.minusDays(1);
        }
        return end.toInstant();
    }

    /** The demo's, with budgets for as much as is done here. */
    private static Path costBook(LocalDate today) throws IOException {
        String text = DemoPricingFile.text(today)
                .replace("amount: 60\n", "amount: 190\n")
                .replace("amount: 12\n", "amount: 40\n");
        return Files.writeString(Files.createTempFile("recorded-month", ".yaml"), text);
    }

    /** Series that some dashboard asks for. */
    private static Set<String> wanted() {
        Set<String> names = new HashSet<>();
        Stream.concat(Dashboards.queries().stream(), Dashboards.variableQueries().stream())
                .forEach(query -> Selector.of(query.expression()).forEach(selector -> names.add(selector.metric())));
        // Of this process, not of the month.
        names.remove(START);
        return names;
    }

    private static void write(
            Refresher refresher,
            PrometheusRegistry live,
            Instant began,
            Instant at,
            Set<String> wanted,
            PrintStream out)
            throws IOException {
        StringBuilder text = new StringBuilder();
        for (byte[] segment : refresher
                .exposition()
                .scrape(new ScrapeRequest("", false, Set.of()), live, at)
                .segments()) {
            text.append(new String(segment, StandardCharsets.UTF_8));
        }
        out.print(START + "{" + TARGET + "} " + began.getEpochSecond() + " " + at.getEpochSecond() + "\n");
        text.toString().lines().filter(line -> !line.startsWith("#")).forEach(line -> {
            int value = line.lastIndexOf(' ');
            int brace = line.indexOf('{');
            boolean labels = brace >= 0 && brace < value;
            String name = line.substring(0, labels ? brace : value);
            if (wanted.contains(name)) {
                out.print(name + "{" + TARGET + (labels ? "," + line.substring(brace + 1, value) : "}")
                        + line.substring(value) + " " + at.getEpochSecond() + "\n");
            }
        });
    }
}
