package io.mlflowexporter.metrics;

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
import io.mlflowexporter.kpi.KpiFileLoader;
import io.mlflowexporter.mlflow.rest.RestMlflowSource;
import io.mlflowexporter.otlp.OtlpMetrics;
import io.mlflowexporter.pipeline.Engines;
import io.mlflowexporter.refresh.ExporterContext;
import io.mlflowexporter.refresh.ExporterStatus.Outcome;
import io.mlflowexporter.refresh.Refresher;
import io.mlflowexporter.reload.Reloads;
import io.mlflowexporter.settings.value.ListenAddress;
import io.mlflowexporter.web.access.AccessGate;
import io.mlflowexporter.web.access.AccessMetrics;
import io.mlflowexporter.web.metrics.MetricsServer;
import io.prometheus.metrics.instrumentation.jvm.JvmMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One scrape of everything, after two refreshes from the simulated server: its text, and its families by name. */
record Scrape(String text, Map<String, ScrapedFamily> families) {
    /**
     * A family as the text says it.
     *
     * @param samples each sample's labels in the order of the text
     */
    record ScrapedFamily(String name, String help, String type, List<Map<String, String>> samples) {}

    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final Duration BETWEEN_REFRESHES = Duration.ofHours(12);
    private static final LocalDate TODAY = LocalDate.ofInstant(NOW, ZoneOffset.UTC);
    private static final Pattern META = Pattern.compile("# (HELP|TYPE) (\\S+) (.*)");
    private static final Pattern SAMPLE = Pattern.compile("([a-z_:0-9]+)(?:\\{(.*)})? \\S+");
    private static final Pattern LABEL = Pattern.compile("([a-z_]+)=\"((?:[^\"\\\\]|\\\\.)*)\",?");

    static Scrape take(boolean workspaces) throws Exception {
        AtomicReference<Instant> now = new AtomicReference<>(NOW.minus(BETWEEN_REFRESHES));
        InstantSource clock = now::get;
        PrometheusRegistry live = new PrometheusRegistry();
        JvmMetrics.builder().register(live);
        SimulationOptions options =
                SimulationOptions.defaults().withClock(clock).withWorkspaces(workspaces);
        try (SimulatedMlflow mlflow = SimulatedMlflow.start(options)) {
            Map<String, String> settings = new LinkedHashMap<>();
            settings.put("mlflow.tracking_uri", mlflow.uri().toString());
            settings.put("traces.group_by", "metadata:mlflow.trace.user");
            if (workspaces) {
                settings.put("mlflow.workspaces", "*");
            }
            Config config =
                    ConfigLoader.load(Optional.empty(), Map.of(), settings).config();
            RestMlflowSource source = RestMlflowSource.open(config.mlflow(), live, clock);
            new Reloads(live, clock, System::nanoTime);
            Optional<CostModel> costs = Optional.of(CostModel.of(PricingFileLoader.load(DemoPricingFile.file(TODAY))));
            Engines engines = Engines.of(config, () -> costs, KpiFileLoader.load(DemoKpis.file()));
            CheckpointFile checkpoint = CheckpointFile.open(
                    Files.createTempDirectory("scrape").resolve("checkpoint"),
                    new CheckpointIdentity("http://mlflow", "http://mlflow", List.of(), "0/1"),
                    "1",
                    clock);
            Refresher refresher = new Refresher(
                    new ExporterContext(config, clock, live, "1", "r"),
                    source,
                    new IncrementalSynchronizer(source, config.sync(), engines::needs, clock),
                    engines,
                    Optional.of(checkpoint));
            new OtlpMetrics(live);
            AccessMetrics access = new AccessMetrics(live);
            access.certificate("metrics", NOW);
            AccessGate gate = AccessGate.open("metrics", access);
            try (MetricsServer server =
                    new MetricsServer(ListenAddress.of("127.0.0.1:0"), refresher::exposition, live, clock, gate)) {
                refresh(refresher);
                // What happened in between is told only by those who looked before.
                now.set(NOW);
                refresh(refresher);
                URI address = URI.create("http://127.0.0.1:" + server.port() + "/metrics");
                HttpResponse<String> answer = HttpClient.newHttpClient()
                        .send(HttpRequest.newBuilder(address).build(), HttpResponse.BodyHandlers.ofString());
                return parse(answer.body());
            }
        }
    }

    private static void refresh(Refresher refresher) {
        if (refresher.refresh() != Outcome.COMPLETE) {
            throw new AssertionError(refresher.status().toString());
        }
    }

    /** Samples belong to the family whose TYPE line came last. */
    private static Scrape parse(String text) {
        Map<String, ScrapedFamily> families = new LinkedHashMap<>();
        String help = "";
        ScrapedFamily family = new ScrapedFamily("", "", "", new ArrayList<>());
        for (String line : text.lines().toList()) {
            Matcher meta = META.matcher(line);
            Matcher sample = SAMPLE.matcher(line);
            if (meta.matches() && meta.group(1).equals("HELP")) {
                help = meta.group(3);
            } else if (meta.matches()) {
                family = new ScrapedFamily(meta.group(2), help, meta.group(3), new ArrayList<>());
                if (families.put(family.name(), family) != null) {
                    throw new AssertionError(family.name() + " is there twice");
                }
            } else if (sample.matches() && sample.group(1).startsWith(family.name())) {
                family.samples().add(labels(sample.group(2)));
            } else {
                throw new AssertionError("not understood: " + line);
            }
        }
        return new Scrape(text, families);
    }

    private static Map<String, String> labels(String text) {
        Map<String, String> labels = new LinkedHashMap<>();
        Matcher label = LABEL.matcher(text == null ? "" : text);
        while (label.find()) {
            labels.put(label.group(1), label.group(2));
        }
        return labels;
    }

    /** A histogram's bounds, ascending, without the infinite one. */
    List<String> bounds(String histogram) {
        return families.get(histogram).samples().stream()
                .filter(labels -> labels.containsKey("le"))
                .map(labels -> labels.get("le"))
                .filter(bound -> !bound.equals("+Inf"))
                .distinct()
                .toList();
    }
}
