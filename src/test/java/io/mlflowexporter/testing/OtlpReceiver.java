package io.mlflowexporter.testing;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsPartialSuccess;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceResponse;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.metrics.v1.SummaryDataPoint;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;

/** Receives OTLP over HTTP as the protocol says, read with OpenTelemetry's own classes. */
public final class OtlpReceiver implements AutoCloseable {
    /**
     * A request.
     *
     * @param headers by lower-case names
     */
    public record Received(Map<String, String> headers, ExportMetricsServiceRequest request) {}

    private final HttpServer server;
    private final List<Received> received = new CopyOnWriteArrayList<>();
    private final AtomicLong rejecting = new AtomicLong();
    private volatile int status = 200;

    /** Starts on a free port of loopback. */
    public OtlpReceiver() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::handle);
        server.start();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            if (!exchange.getRequestURI().getPath().equals("/v1/metrics")
                    || !exchange.getRequestMethod().equals("POST")
                    || !"application/x-protobuf"
                            .equals(exchange.getRequestHeaders().getFirst("Content-Type"))) {
                exchange.sendResponseHeaders(404, -1);
                return;
            }
            ExportMetricsServiceRequest request =
                    ExportMetricsServiceRequest.parseFrom(new GZIPInputStream(exchange.getRequestBody()));
            Map<String, String> headers = new TreeMap<>();
            exchange.getRequestHeaders()
                    .forEach((name, values) -> headers.put(name.toLowerCase(Locale.ROOT), String.join(",", values)));
            received.add(new Received(headers, request));
            ExportMetricsServiceResponse.Builder answer = ExportMetricsServiceResponse.newBuilder();
            if (rejecting.get() > 0) {
                answer.setPartialSuccess(ExportMetricsPartialSuccess.newBuilder()
                        .setErrorMessage("too many")
                        .setRejectedDataPoints(rejecting.get()));
            }
            byte[] body = answer.build().toByteArray();
            exchange.sendResponseHeaders(status, status == 200 && body.length > 0 ? body.length : -1);
            if (status == 200 && body.length > 0) {
                exchange.getResponseBody().write(body);
            }
        }
    }

    /** Its address, without the path. */
    public URI uri() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    /** What all later requests are answered with. */
    public void answer(int code, long rejected) {
        status = code;
        rejecting.set(rejected);
    }

    /** All requests so far. */
    public List<Received> received() {
        return received;
    }

    /** The metrics of some requests. */
    public static List<Metric> metrics(List<Received> requests) {
        return requests.stream()
                .flatMap(one -> one.request().getResourceMetricsList().stream())
                .flatMap(resource -> resource.getScopeMetricsList().stream())
                .flatMap(scope -> scope.getMetricsList().stream())
                .toList();
    }

    /** Their samples as Prometheus's text format has them. */
    public static Map<String, Double> samples(List<Received> requests) {
        Map<String, Double> samples = new TreeMap<>();
        for (Metric metric : metrics(requests)) {
            String name = metric.getName();
            for (NumberDataPoint point : metric.hasSum()
                    ? metric.getSum().getDataPointsList()
                    : metric.getGauge().getDataPointsList()) {
                put(samples, name, labels(point.getAttributesList()), point.getAsDouble());
            }
            for (HistogramDataPoint point : metric.getHistogram().getDataPointsList()) {
                Map<String, String> labels = labels(point.getAttributesList());
                put(samples, name + "_sum", labels, point.getSum());
                put(samples, name + "_count", labels, (double) point.getCount());
                double cumulated = 0;
                for (int i = 0; i < point.getBucketCountsCount(); i++) {
                    cumulated += point.getBucketCounts(i);
                    Map<String, String> withBound = new TreeMap<>(labels);
                    withBound.put(
                            "le",
                            i < point.getExplicitBoundsCount() ? Double.toString(point.getExplicitBounds(i)) : "+Inf");
                    put(samples, name + "_bucket", withBound, cumulated);
                }
            }
            for (SummaryDataPoint point : metric.getSummary().getDataPointsList()) {
                Map<String, String> labels = labels(point.getAttributesList());
                put(samples, name + "_sum", labels, point.getSum());
                put(samples, name + "_count", labels, (double) point.getCount());
            }
        }
        return samples;
    }

    /** The same of a scrape. */
    public static Map<String, Double> samples(String scrape) {
        Map<String, Double> samples = new TreeMap<>();
        for (Exposed sample : Exposed.parse(scrape)) {
            put(samples, sample.name(), sample.labels(), number(sample.value()));
        }
        return samples;
    }

    private static double number(String text) {
        return text.equals("+Inf") ? Double.POSITIVE_INFINITY : Double.parseDouble(text);
    }

    private static void put(Map<String, Double> samples, String name, Map<String, String> labels, double value) {
        String key = name + new TreeMap<>(labels);
        if (samples.put(key, value) != null) {
            throw new AssertionError(key + " is there twice");
        }
    }

    private static Map<String, String> labels(List<KeyValue> attributes) {
        return attributes.stream()
                .collect(Collectors.toMap(KeyValue::getKey, a -> a.getValue().getStringValue()));
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
