package io.mlflowexporter.web.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mlflowexporter.exposition.Exposition;
import io.mlflowexporter.exposition.ExpositionConfig;
import io.mlflowexporter.exposition.ExpositionRenderer;
import io.mlflowexporter.exposition.SectionInput;
import io.mlflowexporter.metric.Family;
import io.mlflowexporter.metric.Family.Sample;
import io.mlflowexporter.metric.Family.Value;
import io.mlflowexporter.metric.FamilyDeclaration;
import io.mlflowexporter.metric.FamilyDeclaration.Fold;
import io.mlflowexporter.metric.FamilyDeclaration.Stability;
import io.mlflowexporter.settings.value.ListenAddress;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class MetricsServerTest {
    private static final ListenAddress ANY_PORT = new ListenAddress("127.0.0.1", 0);
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final FamilyDeclaration RUNS = new FamilyDeclaration(
            "mlflow_runs",
            FamilyDeclaration.Type.GAUGE,
            "Runs.",
            List.of("experiment"),
            Stability.STABLE,
            Fold.sum("experiment"));

    private final AtomicReference<Exposition> exposition = new AtomicReference<>(Exposition.EMPTY);
    private final AtomicReference<Instant> now = new AtomicReference<>(NOW);
    private final PrometheusRegistry live = new PrometheusRegistry();
    private final HttpClient client = HttpClient.newHttpClient();
    private MetricsServer server;

    @BeforeEach
    void start() throws IOException {
        Gauge.builder().name("mlflow_up").help("Up.").register(live).set(0);
        server = new MetricsServer(ANY_PORT, exposition::get, live, (InstantSource) now::get);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void beforeTheFirstRefreshLiveMetricsAreServed() throws Exception {
        HttpResponse<String> response = get("/metrics");

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body())
                .contains("mlflow_up 0.0\n")
                .contains("mlflow_exporter_scrapes_total{outcome=\"served\"} 0.0\n");
        // Counted once it is written, which the client may see first.
        while (server.scrapes().served() == 0) {
            Thread.onSpinWait();
        }
        assertThat(get("/metrics").body()).contains("mlflow_exporter_scrapes_total{outcome=\"served\"} 1.0\n");
    }

    @Test
    void anExpositionIsServedUntilItExpires() throws Exception {
        exposition.set(render(1, NOW.plusSeconds(1)));

        assertThat(get("/metrics").body()).contains("mlflow_runs{experiment=\"e0\"} 1.0\n");
        now.set(NOW.plusSeconds(2));
        assertThat(get("/metrics").body()).doesNotContain("mlflow_runs{").contains("mlflow_up 0.0\n");
    }

    @Test
    void headersSayWhatTheBodyIs() throws Exception {
        exposition.set(render(1, Instant.MAX));

        HttpResponse<byte[]> response = client.send(
                request("/metrics")
                        .header("Accept", "application/openmetrics-text;version=1.0.0")
                        .header("Accept-Encoding", "deflate, gzip;q=0.8")
                        .build(),
                BodyHandlers.ofByteArray());

        assertThat(response.headers().firstValue("Content-Type"))
                .hasValue("application/openmetrics-text; version=1.0.0; charset=utf-8");
        assertThat(response.headers().firstValue("Content-Encoding")).hasValue("gzip");
        assertThat(response.headers().firstValue("Vary")).hasValue("Accept, Accept-Encoding");
        assertThat(response.headers().firstValueAsLong("Content-Length")).hasValue(response.body().length);
        try (GZIPInputStream body = new GZIPInputStream(new ByteArrayInputStream(response.body()))) {
            assertThat(new String(body.readAllBytes(), StandardCharsets.UTF_8))
                    .startsWith("# TYPE mlflow_runs gauge\n")
                    .endsWith("# EOF\n");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "gzip,true",
        "'deflate, GZIP ;q=1.0',true",
        "'gzip;q=0',false",
        "'gzip; q=0.00',false",
        "'identity',false",
        "'',false",
        "'x-gzipped',false"
    })
    void gzipIsUsedWhereItIsAccepted(String header, boolean accepted) {
        assertThat(RequestHead.acceptsGzip(header)).isEqualTo(accepted);
    }

    @Test
    void headHasTheHeadersAndNoBody() throws Exception {
        HttpResponse<String> head = client.send(
                request("/metrics").method("HEAD", BodyPublishers.noBody()).build(), BodyHandlers.ofString());

        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(head.body()).isEmpty();
        assertThat(head.headers().firstValueAsLong("Content-Length").orElseThrow())
                .isPositive();
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST", "PUT", "DELETE", "OPTIONS"})
    void otherMethodsAreNotAllowed(String method) throws Exception {
        HttpResponse<String> response = client.send(
                request("/metrics").method(method, BodyPublishers.ofString("x")).build(), BodyHandlers.ofString());

        assertThat(response.statusCode()).isEqualTo(405);
        assertThat(response.headers().firstValue("Allow")).hasValue("GET, HEAD");
    }

    @Test
    void namesSelectFamilies() throws Exception {
        exposition.set(render(1, Instant.MAX));

        assertThat(get("/metrics?name%5B%5D=mlflow_runs&name[]=mlflow_up".replace("[]", "%5b%5d"))
                        .body())
                .isEqualTo("""
                # HELP mlflow_runs Runs.
                # TYPE mlflow_runs gauge
                mlflow_runs{experiment="e0"} 1.0
                # HELP mlflow_up Up.
                # TYPE mlflow_up gauge
                mlflow_up 0.0
                """);
        assertThat(get("/metrics?name%5B%5D=nothing").body()).isEmpty();
        assertThat(get("/metrics?other=x").body()).contains("mlflow_runs{");
    }

    @Test
    void otherPages() throws Exception {
        exposition.set(render(1, Instant.MAX));

        assertThat(get("/").body()).contains("<a href=\"/metrics\">");
        assertThat(get("/-/healthy").statusCode()).isEqualTo(200);
        assertThat(get("/metrics/exporter").body()).contains("mlflow_up").doesNotContain("mlflow_runs");
        assertThat(get("/metricsx").statusCode()).isEqualTo(404);
        assertThat(get("/metrics/").statusCode()).isEqualTo(404);
        assertThat(get("/favicon.ico").statusCode()).isEqualTo(404);
    }

    @Test
    void aFailureIsCountedAndSaidWithoutDetails() throws Exception {
        GaugeWithCallback.builder()
                .name("broken")
                .help("Broken.")
                .callback(callback -> {
                    throw new IllegalStateException("secret detail");
                })
                .register(live);

        HttpResponse<String> response = get("/metrics");

        assertThat(response.statusCode()).isEqualTo(500);
        assertThat(response.body()).doesNotContain("secret").contains("log");
        assertThat(get("/metrics?name%5B%5D=mlflow_exporter_scrapes_total").body())
                .contains("mlflow_exporter_scrapes_total{outcome=\"failed\"} 1.0\n");
    }

    @Test
    void anIdleOrSlowClientKeepsNobodyOut() throws Exception {
        List<Socket> sockets = new ArrayList<>();
        try {
            for (int i = 0; i < 100; i++) {
                Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
                sockets.add(socket);
                if (i % 2 == 0) {
                    socket.getOutputStream().write("GET /metr".getBytes(StandardCharsets.US_ASCII));
                    socket.getOutputStream().flush();
                }
            }

            // Were there a few threads only, this would wait until each slow one's 10 seconds are over.
            assertThat(client.send(
                                    request("/metrics")
                                            .timeout(Duration.ofSeconds(8))
                                            .build(),
                                    BodyHandlers.ofString())
                            .statusCode())
                    .isEqualTo(200);
        } finally {
            for (Socket socket : sockets) {
                socket.close();
            }
        }
    }

    @Test
    void scrapesSeeOneExpositionEachWhileTheyAreSwapped() throws Exception {
        ExpositionRenderer renderer = renderer();
        exposition.set(render(renderer, 0));
        int scrapers = 4;
        CountDownLatch done = new CountDownLatch(1);
        ExecutorService pool = Executors.newFixedThreadPool(scrapers);
        try {
            List<Future<Integer>> results = new ArrayList<>();
            for (int i = 0; i < scrapers; i++) {
                boolean gzip = i % 2 == 0;
                Callable<Integer> scrapes = () -> {
                    int n = 0;
                    while (done.getCount() > 0 || n == 0) {
                        HttpRequest.Builder request = request("/metrics?name%5B%5D=mlflow_runs");
                        if (gzip) {
                            request.header("Accept-Encoding", "gzip");
                        }
                        byte[] body = client.send(request.build(), BodyHandlers.ofByteArray())
                                .body();
                        if (gzip) {
                            body = new GZIPInputStream(new ByteArrayInputStream(body)).readAllBytes();
                        }
                        assertThat(new String(body, StandardCharsets.UTF_8)
                                        .lines()
                                        .filter(line -> line.startsWith("mlflow_runs{"))
                                        .map(line -> line.substring(line.indexOf('}')))
                                        .distinct())
                                .hasSize(1);
                        n++;
                    }
                    return n;
                };
                results.add(pool.submit(scrapes));
            }
            for (int version = 1; version <= 200; version++) {
                exposition.set(render(renderer, version));
            }
            done.countDown();
            for (Future<Integer> result : results) {
                assertThat(result.get(30, TimeUnit.SECONDS)).isPositive();
            }
        } finally {
            done.countDown();
            pool.shutdownNow();
        }
    }

    @Test
    void aTakenPortIsSaidForPeople() {
        ListenAddress taken = new ListenAddress("127.0.0.1", server.port());

        assertThatThrownBy(() ->
                        new MetricsServer(taken, exposition::get, new PrometheusRegistry(), (InstantSource) now::get))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("cannot serve /metrics on " + taken)
                .hasMessageContaining("metrics_listen");
    }

    @Test
    void closingFreesThePort() throws Exception {
        int port = server.port();
        server.close();

        try (MetricsServer again = new MetricsServer(
                new ListenAddress("127.0.0.1", port), exposition::get, new PrometheusRegistry(), (InstantSource)
                        now::get)) {
            assertThat(again.port()).isEqualTo(port);
        }
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
                .timeout(Duration.ofSeconds(20));
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return client.send(request(path).build(), BodyHandlers.ofString());
    }

    private static ExpositionRenderer renderer() {
        return new ExpositionRenderer(new ExpositionConfig(1000, 100, 20, 200));
    }

    private static Exposition render(double value, Instant expiresAt) {
        return renderer()
                .render(
                        List.of(new SectionInput(
                                "tracking",
                                List.of(new Family(RUNS, List.of(new Value("", List.of("e0"), value)))),
                                expiresAt)),
                        false);
    }

    private static Exposition render(ExpositionRenderer renderer, double value) {
        List<Sample> samples = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            samples.add(new Value("", List.of("e" + i), value));
        }
        return renderer.render(
                List.of(new SectionInput("tracking", List.of(new Family(RUNS, samples)), Instant.MAX)), false);
    }
}
