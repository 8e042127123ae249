package io.mlflowexporter.otlp;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.mlflowexporter.config.ConfigLoader;
import io.mlflowexporter.exposition.Exposition;
import io.mlflowexporter.exposition.ExpositionConfig;
import io.mlflowexporter.exposition.ExpositionRenderer;
import io.mlflowexporter.exposition.ScrapeRequest;
import io.mlflowexporter.exposition.SectionInput;
import io.mlflowexporter.metric.DurationHistogram;
import io.mlflowexporter.metric.Family;
import io.mlflowexporter.metric.Family.Distribution;
import io.mlflowexporter.metric.Family.Value;
import io.mlflowexporter.metric.FamilyDeclaration;
import io.mlflowexporter.metric.FamilyDeclaration.Fold;
import io.mlflowexporter.metric.FamilyDeclaration.Stability;
import io.mlflowexporter.otlp.OtlpConfig.Histograms;
import io.mlflowexporter.reload.Reloads;
import io.mlflowexporter.testing.OtlpReceiver;
import io.mlflowexporter.testing.OtlpReceiver.Received;
import io.mlflowexporter.testing.ScriptedServer;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.AggregationTemporality;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.resource.v1.Resource;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.core.metrics.Summary;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** What a receiver that keeps to the protocol gets is what a scrape shows. */
final class OtlpPushTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

    @TempDir
    private Path directory;

    private final PrometheusRegistry live = new PrometheusRegistry();
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private final Logger logger = (Logger) LoggerFactory.getLogger(OtlpPush.class);
    private Exposition exposition = Exposition.EMPTY;
    private Instant now = NOW;
    private OtlpReceiver receiver;

    @BeforeEach
    void start() throws Exception {
        receiver = new OtlpReceiver();
        log.start();
        logger.addAppender(log);
    }

    @AfterEach
    void stop() {
        logger.detachAppender(log);
        receiver.close();
    }

    private static FamilyDeclaration family(String name, FamilyDeclaration.Type type, Fold fold) {
        return new FamilyDeclaration(name, type, "Help of it.", List.of("experiment"), Stability.STABLE, fold);
    }

    private static List<Family> families() {
        DurationHistogram histogram = new DurationHistogram();
        for (double seconds : new double[] {0, 0.3, 7, 7, 4_000, 9e6}) {
            histogram.observe(seconds, "run" + (int) seconds, NOW.toEpochMilli());
        }
        List<Family.Sample> runs = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            runs.add(new Value("", List.of(i == 0 ? "naïve \"\\\n" : "e" + i), i + 0.5));
        }
        return List.of(
                new Family(family("mlflow_runs", FamilyDeclaration.Type.GAUGE, Fold.sum("experiment")), runs),
                new Family(
                        family("mlflow_runs_started_total", FamilyDeclaration.Type.COUNTER, Fold.NEVER),
                        List.of(new Value("shop", List.of("a"), 1e12))),
                new Family(
                        family("mlflow_kind_info", FamilyDeclaration.Type.INFO, Fold.NEVER),
                        List.of(new Value("", List.of("a"), 1))),
                new Family(
                        family("mlflow_run_duration_seconds", FamilyDeclaration.Type.HISTOGRAM, Fold.NEVER),
                        List.of(new Distribution("", List.of("a"), histogram))),
                new Family(family("mlflow_none", FamilyDeclaration.Type.GAUGE, Fold.NEVER), List.of()));
    }

    /** With a budget of ten series per family. */
    private void publish(Instant expiresAt) {
        exposition = new ExpositionRenderer(new ExpositionConfig(10, 10, 10, 200))
                .render(List.of(new SectionInput("all", families(), expiresAt)), true);
    }

    private OtlpPush push(String... settings) throws Exception {
        Map<String, String> all =
                new HashMap<>(Map.of("otlp.endpoint", receiver.uri().toString()));
        for (int i = 0; i < settings.length; i += 2) {
            all.put("otlp." + settings[i], settings[i + 1]);
        }
        OtlpConfig config =
                ConfigLoader.load(Optional.empty(), Map.of(), all).config().otlp();
        return new OtlpPush(config, () -> exposition, live, () -> now, "1.2.3", "0", Reloads.uncounted());
    }

    private String scrape() {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        exposition
                .scrape(new ScrapeRequest("", false, Set.of()), live, now)
                .segments()
                .forEach(body::writeBytes);
        return body.toString(StandardCharsets.UTF_8);
    }

    private String said() {
        return log.list.stream().map(ILoggingEvent::getFormattedMessage).collect(Collectors.joining("\n"));
    }

    private Metric metric(String name) {
        return OtlpReceiver.metrics(receiver.received()).stream()
                .filter(metric -> metric.getName().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void everyValueIsTheScrapes() throws Exception {
        publish(Instant.MAX);
        Counter.builder()
                .name("live_total")
                .help("Live.")
                .labelNames("a")
                .register(live)
                .labelValues("x")
                .inc(3);
        Summary.builder().name("took_seconds").help("Took.").register(live).observe(1.5);
        Histogram.builder()
                .name("lasted_seconds")
                .help("Lasted.")
                .register(live)
                .observe(0.7);
        OtlpPush push = push();

        push.push();

        // Counted after it was sent, so the scrape of now is one ahead.
        Map<String, Double> scraped = OtlpReceiver.samples(scrape());
        assertThat(scraped.remove("mlflow_exporter_otlp_pushes_total{outcome=accepted}"))
                .isEqualTo(1);
        Map<String, Double> pushed = OtlpReceiver.samples(receiver.received());
        assertThat(pushed.remove("mlflow_exporter_otlp_pushes_total{outcome=accepted}"))
                .isZero();
        assertThat(pushed).hasSizeGreaterThan(50).isEqualTo(scraped);
        assertThat(pushed)
                .containsKey("mlflow_runs{experiment=_other}")
                .containsKey("mlflow_exporter_series_dropped{family=mlflow_runs}");
    }

    @Test
    void kindsAreThoseOfTheFamilies() throws Exception {
        publish(Instant.MAX);
        push().push();
        Metric counter = metric("mlflow_runs_started_total");
        assertThat(counter.getSum().getIsMonotonic()).isTrue();
        assertThat(counter.getSum().getAggregationTemporality())
                .isEqualTo(AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE);
        assertThat(counter.getSum().getDataPoints(0).getTimeUnixNano()).isEqualTo(NOW.getEpochSecond() * 1_000_000_000);
        assertThat(counter.getSum().getDataPoints(0).getStartTimeUnixNano()).isZero();
        assertThat(counter.getDescription()).isEqualTo("Help of it.");
        assertThat(counter.getUnit()).isEmpty();
        assertThat(metric("mlflow_runs").hasGauge()).isTrue();
        assertThat(metric("mlflow_kind_info").getGauge().getDataPoints(0).getAsDouble())
                .isEqualTo(1);
        Metric histogram = metric("mlflow_run_duration_seconds");
        assertThat(histogram.getHistogram().getDataPoints(0).getExemplarsList()).isNotEmpty();
        assertThat(histogram
                        .getHistogram()
                        .getDataPoints(0)
                        .getExemplars(0)
                        .getFilteredAttributes(0)
                        .getKey())
                .isEqualTo("run_id");
    }

    @Test
    void theResourceSaysWhoPushes() throws Exception {
        publish(Instant.MAX);
        Path file = Files.writeString(
                directory.resolve("c.yaml"),
                "otlp:\n  endpoint: " + receiver.uri()
                        + "/\n  resource_attributes: {deployment.environment: prod, service.name: costs}\n");
        OtlpConfig config = ConfigLoader.load(Optional.of(file), Map.of(), Map.of())
                .config()
                .otlp();
        new OtlpPush(config, () -> exposition, live, () -> now, "1.2.3", "4", Reloads.uncounted()).push();

        Resource resource =
                receiver.received().get(0).request().getResourceMetrics(0).getResource();
        Map<String, String> attributes = resource.getAttributesList().stream()
                .collect(Collectors.toMap(KeyValue::getKey, a -> a.getValue().getStringValue()));
        assertThat(attributes)
                .containsEntry("service.name", "costs")
                .containsEntry("service.version", "1.2.3")
                .containsEntry("deployment.environment", "prod");
        assertThat(attributes.get("service.instance.id")).endsWith("/4");
    }

    @Test
    void nativeHistogramsAreExponentialOnes() throws Exception {
        publish(Instant.MAX);
        push("histograms", "exponential").push();

        ExponentialHistogramDataPoint point =
                metric("mlflow_run_duration_seconds").getExponentialHistogram().getDataPoints(0);
        assertThat(point.getScale()).isEqualTo(DurationHistogram.NATIVE_SCHEMA);
        assertThat(point.getCount()).isEqualTo(6);
        assertThat(point.getZeroCount()).isEqualTo(1);
        assertThat(point.getZeroThreshold()).isEqualTo(DurationHistogram.ZERO_THRESHOLD);
        assertThat(point.getSum()).isEqualTo(0.3 + 7 + 7 + 4_000 + 9e6);
        // Each value lies in the bucket that counts it: from base^index, that one left out, to base^(index+1).
        double base = Math.pow(2, Math.pow(2, -point.getScale()));
        List<Double> left = new ArrayList<>(List.of(0.3, 7.0, 7.0, 4_000.0, 9e6));
        for (int i = 0; i < point.getPositive().getBucketCountsCount(); i++) {
            int index = point.getPositive().getOffset() + i;
            for (long n = point.getPositive().getBucketCounts(i); n > 0; n--) {
                double value = left.remove(0);
                assertThat(value).isGreaterThan(Math.pow(base, index)).isLessThanOrEqualTo(Math.pow(base, index + 1));
            }
        }
        assertThat(left).isEmpty();
    }

    @Test
    void whatWasWithdrawnIsNotPushed() throws Exception {
        publish(NOW.plusSeconds(1));
        OtlpPush push = push();
        now = NOW.plusSeconds(2);
        push.push();

        assertThat(OtlpReceiver.metrics(receiver.received()))
                .extracting(Metric::getName)
                .contains("mlflow_exporter_otlp_pushes_total")
                .noneMatch(name -> name.startsWith("mlflow_runs"));
        assertThat(OtlpReceiver.samples(receiver.received()).keySet())
                .isEqualTo(OtlpReceiver.samples(scrape()).keySet());
    }

    @Test
    void manySeriesGoInSeveralRequests() {
        publish(Instant.MAX);
        List<MetricSnapshot> all = exposition.snapshots(live, now);

        List<byte[]> one = OtlpRequests.of(all, Map.of("a", "b"), Histograms.EXPLICIT, now, OtlpRequests.LARGEST_BYTES);
        List<byte[]> many = OtlpRequests.of(all, Map.of("a", "b"), Histograms.EXPLICIT, now, 300);

        assertThat(one).hasSize(1);
        assertThat(many).hasSizeGreaterThan(3).allMatch(request -> request.length < 1_500);
        assertThat(OtlpReceiver.samples(parsed(many))).isEqualTo(OtlpReceiver.samples(parsed(one)));
        assertThat(OtlpRequests.of(List.of(), Map.of(), Histograms.EXPLICIT, now, 1))
                .isEmpty();
    }

    private static List<Received> parsed(List<byte[]> requests) {
        return requests.stream()
                .map(bytes -> {
                    try {
                        return new Received(Map.of(), ExportMetricsServiceRequest.parseFrom(bytes));
                    } catch (IOException e) {
                        throw new AssertionError(e);
                    }
                })
                .toList();
    }

    @Test
    void headersComeFromTheSettingsAndFromAFileReadAnew() throws Exception {
        Path file = Files.writeString(directory.resolve("headers"), "# token\nAuthorization=Bearer one\n\n");
        OtlpPush push = push("headers", "X-Tenant=ml, X-Other=a=b", "headers_file", file.toString());
        push.push();
        Files.writeString(file, "Authorization=Bearer two\n");
        push.push();

        assertThat(receiver.received().get(0).headers())
                .containsEntry("x-tenant", "ml")
                .containsEntry("x-other", "a=b")
                .containsEntry("authorization", "Bearer one");
        assertThat(receiver.received().get(1).headers()).containsEntry("authorization", "Bearer two");
    }

    @Test
    void failuresAreCountedAndLoggedOnceWithoutSecrets() throws Exception {
        Path file = Files.writeString(directory.resolve("headers"), "Authorization=s3cr3t\u0007\n");
        OtlpPush push = push("headers_file", file.toString());
        push.push();
        Files.writeString(file, "s3cr3t\n");
        push.push();
        Files.delete(file);
        push.push();
        push.push();
        assertThat(said().lines()).hasSize(3);
        assertThat(said()).contains("the header Authorization cannot be sent").doesNotContain("s3cr3t");

        Files.writeString(file, "");
        receiver.answer(503, 0);
        push.push();
        receiver.answer(200, 7);
        push.push();
        receiver.answer(200, 0);
        push.push();
        assertThat(said())
                .contains("it answered 503")
                .contains("the receiver refused samples")
                .endsWith("works again");
        assertThat(scrape())
                .contains("mlflow_exporter_otlp_pushes_total{outcome=\"failed\"} 5.0\n")
                .contains("mlflow_exporter_otlp_pushes_total{outcome=\"partial\"} 1.0\n")
                .contains("mlflow_exporter_otlp_pushes_total{outcome=\"accepted\"} 1.0\n");
    }

    @Test
    void aReceiverThatIsGoneIsTold() throws Exception {
        OtlpPush push = push();
        receiver.close();
        push.push();
        assertThat(said()).contains("Cannot push all to http://127.0.0.1:").contains("ConnectException");
    }

    @Test
    void answersThatAreNoneCountAsAccepted() {
        assertThat(OtlpPush.rejected(new byte[0])).isZero();
        assertThat(OtlpPush.rejected("<html>".getBytes(StandardCharsets.US_ASCII)))
                .isZero();
        assertThat(OtlpPush.rejected(new byte[] {0x0a, 0x7f, 1})).isZero();
        assertThat(OtlpPush.rejected(new byte[] {0x0a, 4, 0x12, 0, 0x08, 5})).isEqualTo(5);
    }

    @Test
    @Timeout(30)
    void anAnswerWithALengthThatLeadsBackIsReadOnce() {
        byte[] back = {0x12, (byte) 0xf5, -1, -1, -1, -1, -1, -1, -1, -1, 1};
        assertThat(OtlpPush.rejected(back)).isZero();
        byte[] within = {0x0a, 11, 0x12, (byte) 0xf5, -1, -1, -1, -1, -1, -1, -1, -1, 1};
        assertThat(OtlpPush.rejected(within)).isZero();
    }

    @Test
    @Timeout(60)
    void answersWithoutAnEndAreFailuresThatAreCounted() throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        try (ScriptedServer server = ScriptedServer.start()) {
            OtlpPush push = push("endpoint", server.uri().toString(), "timeout", "1s");
            server.then(
                    out -> {
                        out.write(ScriptedServer.head(200, 10));
                        out.flush();
                        wait(end);
                    },
                    out -> {
                        out.write(ScriptedServer.head(200, 1L << 40));
                        byte[] more = new byte[1 << 16];
                        while (end.getCount() > 0) {
                            out.write(more);
                        }
                    },
                    ScriptedServer.status(307, "", "Location: " + receiver.uri() + "/v1/metrics"));
            push.push();
            assertThat(said()).contains("no whole answer within 1.0 s");
            push.push();
            assertThat(said()).contains("longer than 65536 bytes");
            push.push();
            assertThat(said()).contains("it answered 307");
            assertThat(receiver.received()).isEmpty();
            assertThat(scrape()).contains("mlflow_exporter_otlp_pushes_total{outcome=\"failed\"} 3.0\n");
        } finally {
            end.countDown();
        }
    }

    private static void wait(CountDownLatch end) {
        try {
            end.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void theLastNumbersArePushedAtTheEnd() throws Exception {
        publish(Instant.MAX);
        OtlpPush push = push();
        push.start();
        push.close();
        assertThat(receiver.received()).hasSize(1);
    }
}
