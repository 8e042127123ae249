package io.mlflowexporter.bench;

import com.sun.net.httpserver.HttpServer;
import io.mlflowexporter.exposition.Exposition;
import io.mlflowexporter.exposition.ExpositionConfig;
import io.mlflowexporter.exposition.ExpositionRenderer;
import io.mlflowexporter.exposition.SectionInput;
import io.mlflowexporter.exposition.StockSnapshots;
import io.mlflowexporter.metric.Family;
import io.mlflowexporter.settings.value.ListenAddress;
import io.mlflowexporter.web.metrics.MetricsServer;
import io.prometheus.metrics.exporter.httpserver.HTTPServer;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;

/** How many scrapes a second the listener answers, beside client_java's own and one that only sends bytes. */
final class Scraping {
    /** What Prometheus 2.42 sends. */
    static final String ACCEPT = "Accept: application/openmetrics-text;version=1.0.0,"
            + "application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1";

    private static final int SERIES = 50_000;
    private static final String[] PLAIN = {ACCEPT};
    private static final String[] GZIP = {ACCEPT, "Accept-Encoding: gzip"};

    private Scraping() {}

    static void run(Report report, int rounds, double secondsEach) throws IOException {
        List<Family> families = Families.of(SERIES);
        Exposition exposition = new ExpositionRenderer(new ExpositionConfig(10_000_000, 100, 20, 200))
                .render(List.of(new SectionInput("all", families, Instant.MAX)), false);
        MetricSnapshots snapshots = StockSnapshots.of(families);
        MultiCollector collector = () -> snapshots;
        PrometheusRegistry stockRegistry = new PrometheusRegistry();
        stockRegistry.register(collector);
        try (HTTPServer stock = HTTPServer.builder()
                        .inetAddress(InetAddress.getLoopbackAddress())
                        .port(0)
                        .registry(stockRegistry)
                        .buildAndStart();
                MetricsServer ours = new MetricsServer(
                        ListenAddress.of("127.0.0.1:0"),
                        () -> exposition,
                        new PrometheusRegistry(),
                        InstantSource.system())) {
            HttpServer bytes = bytesServer(exposition);
            Map<String, double[]> perSecond = new LinkedHashMap<>();
            // Round by round, so that a busy neighbour slows all of them.
            for (int round = 0; round < rounds; round++) {
                put(perSecond, "ours gzip", round, rounds, throughput(uri(ours.port()), GZIP, secondsEach));
                put(perSecond, "stock gzip", round, rounds, throughput(uri(stock.getPort()), GZIP, secondsEach));
                put(perSecond, "static gzip", round, rounds, throughput(uri(bytes), "/gzip", GZIP, secondsEach));
                put(perSecond, "ours plain", round, rounds, throughput(uri(ours.port()), PLAIN, secondsEach));
                put(perSecond, "stock plain", round, rounds, throughput(uri(stock.getPort()), PLAIN, secondsEach));
                put(perSecond, "static plain", round, rounds, throughput(uri(bytes), "/plain", PLAIN, secondsEach));
            }
            bytes.stop(0);
            ratio(report, "scrape_gzip_50k", "≥ 30", perSecond, "ours gzip", "stock gzip");
            ratio(report, "scrape_plain_50k", "≥ 2.5", perSecond, "ours plain", "stock plain");
            ratio(report, "scrape_gzip_vs_static", "about 1", perSecond, "ours gzip", "static gzip");
            ratio(report, "scrape_plain_vs_static", "about 1", perSecond, "ours plain", "static plain");
        }
    }

    private static void ratio(
            Report report, String name, String goal, Map<String, double[]> perSecond, String one, String other) {
        double[] ones = perSecond.get(one);
        double[] others = perSecond.get(other);
        report.add(
                name,
                Report.median(ones) / Report.median(others),
                goal,
                String.format(
                        "%s %.1f/s (%.2f ms each), %s %.1f/s (%.2f ms each)",
                        one,
                        Report.median(ones),
                        1000 / Report.median(ones),
                        other,
                        Report.median(others),
                        1000 / Report.median(others)));
    }

    private static void put(Map<String, double[]> all, String name, int round, int rounds, double value) {
        all.computeIfAbsent(name, n -> new double[rounds])[round] = value;
    }

    private static HttpServer bytesServer(Exposition exposition) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newFixedThreadPool(2, task -> {
            Thread thread = new Thread(task, "bytes");
            thread.setDaemon(true);
            return thread;
        }));
        for (boolean gzip : List.of(true, false)) {
            byte[] body = body(exposition, gzip);
            server.createContext(gzip ? "/gzip" : "/plain", exchange -> {
                exchange.sendResponseHeaders(200, body.length);
                exchange.getResponseBody().write(body);
                exchange.close();
            });
        }
        server.start();
        return server;
    }

    private static byte[] body(Exposition exposition, boolean gzip) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        String accept = ACCEPT.substring("Accept: ".length());
        exposition
                .scrape(
                        new io.mlflowexporter.exposition.ScrapeRequest(accept, gzip, Set.of()),
                        new PrometheusRegistry(),
                        Instant.EPOCH)
                .segments()
                .forEach(body::writeBytes);
        return body.toByteArray();
    }

    private static URI uri(int port) {
        return URI.create("http://127.0.0.1:" + port);
    }

    private static URI uri(HttpServer server) {
        return uri(server.getAddress().getPort());
    }

    private static double throughput(URI server, String[] headers, double seconds) throws IOException {
        return throughput(server, "/metrics", headers, seconds);
    }

    /** Scrapes a second, one after the other on a kept connection. */
    private static double throughput(URI server, String path, String[] headers, double seconds) throws IOException {
        byte[] request = Reader.get(path, headers);
        List<Long> took = new ArrayList<>();
        try (Reader reader = new Reader(server)) {
            long length = reader.exchange(request);
            long end = System.nanoTime() + (long) (seconds * 1e9);
            while (System.nanoTime() < end || took.size() < 5) {
                long began = System.nanoTime();
                if (reader.exchange(request) < length / 2) {
                    throw new IOException("a scrape is much shorter than the one before");
                }
                took.add(System.nanoTime() - began);
            }
        }
        return took.size() / (took.stream().mapToLong(Long::longValue).sum() / 1e9);
    }
}
