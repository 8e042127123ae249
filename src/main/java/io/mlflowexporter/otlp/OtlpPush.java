package io.mlflowexporter.otlp;

import com.google.protobuf.InvalidProtocolBufferException;
import io.mlflowexporter.exposition.Exposition;
import io.mlflowexporter.http.BoundedExchange;
import io.mlflowexporter.reload.Reloads;
import io.mlflowexporter.tls.ClientTls;
import io.mlflowexporter.tls.SmallFiles;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceResponse;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.zip.GZIPOutputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Pushes what a scrape at the same moment would be answered with: the same budget, and nothing that was withdrawn.
 * Nothing is sent twice: all is cumulative, and the next push makes a lost one good. Has a thread of its own.
 */
public final class OtlpPush implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(OtlpPush.class);
    private static final String PATH = "/v1/metrics";
    private static final int OK = 200;
    /** It holds a number and a message. */
    private static final int LONGEST_ANSWER = 64 * 1024;

    private static final int LARGEST_HEADERS = 64 << 10;
    private static final int LAST_PUSH_SECONDS = 5;

    private final OtlpConfig config;
    private final URI endpoint;
    private final Supplier<Exposition> exposition;
    private final PrometheusRegistry live;
    private final InstantSource clock;
    private final OtlpMetrics metrics;
    private final HttpClient client;
    private final Map<String, String> resource = new LinkedHashMap<>();
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread made = new Thread(task, "otlp");
        made.setDaemon(true);
        return made;
    });
    private String lastFailure = "";

    /**
     * Sets out to push; see {@link #start}.
     *
     * @param config with an endpoint
     * @param version the exporter's
     * @param shard which of several exporters on one host this may be
     * @param reloads by which the certificates to trust are read again
     * @throws IOException if the certificates to trust cannot be read, with a line for the user
     */
    public OtlpPush(
            OtlpConfig config,
            Supplier<Exposition> exposition,
            PrometheusRegistry live,
            InstantSource clock,
            String version,
            String shard,
            Reloads reloads)
            throws IOException {
        this.config = config;
        this.endpoint = endpoint(config.endpoint().orElseThrow().uri());
        this.exposition = exposition;
        this.live = live;
        this.clock = clock;
        this.metrics = new OtlpMetrics(live);
        HttpClient.Builder builder = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(config.timeout());
        if (config.caFile().isPresent()) {
            try {
                builder.sslContext(ClientTls.trusting(config.caFile().get(), reloads));
            } catch (IOException e) {
                throw new IOException(e.getMessage() + "; check otlp.ca_file", e);
            }
        }
        client = builder.build();
        resource.put("service.name", "mlflow-exporter");
        resource.put("service.version", version);
        resource.put("service.instance.id", host() + "/" + shard);
        resource.putAll(config.resourceAttributes());
    }

    private static URI endpoint(URI configured) {
        String path = configured.getRawPath();
        return path == null || path.isEmpty() || path.equals("/") ? configured.resolve(PATH) : configured;
    }

    private static String host() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "unknown";
        }
    }

    /** Pushes from now on, at every interval. */
    public void start() {
        long millis = config.interval().toMillis();
        // Never looked at: a push that fails says so itself.
        ScheduledFuture<?> unused = thread.scheduleAtFixedRate(this::push, millis, millis, TimeUnit.MILLISECONDS);
        LOG.info("Pushing to {} every {} s", endpoint, config.interval().toSeconds());
    }

    /** Pushes now; what goes wrong is counted, and logged once. */
    void push() {
        String failure = "";
        String outcome = "failed";
        try {
            long rejected = send();
            outcome = rejected == 0 ? "accepted" : "partial";
            failure = rejected == 0 ? "" : "the receiver refused samples";
        } catch (IOException | RuntimeException e) {
            failure = e.getClass().getSimpleName() + ": " + e.getMessage();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            failure = "interrupted";
        }
        metrics.pushed(outcome);
        if (!failure.equals(lastFailure)) {
            if (failure.isEmpty()) {
                LOG.info("Pushing to {} works again", endpoint);
            } else {
                LOG.warn("Cannot push all to {}: {}", endpoint, failure);
            }
        }
        lastFailure = failure;
    }

    private long send() throws IOException, InterruptedException {
        Instant now = clock.instant();
        List<byte[]> requests = OtlpRequests.of(
                exposition.get().snapshots(live, now), resource, config.histograms(), now, OtlpRequests.LARGEST_BYTES);
        Map<String, String> headers = headers();
        long rejected = 0;
        for (byte[] body : requests) {
            HttpRequest.Builder request = HttpRequest.newBuilder(endpoint)
                    .timeout(config.timeout())
                    .header("Content-Type", "application/x-protobuf")
                    .header("Content-Encoding", "gzip")
                    .header("User-Agent", "mlflow-exporter/" + resource.get("service.version"));
            headers.forEach((name, value) -> set(request, name, value));
            HttpResponse<byte[]> answer = BoundedExchange.send(
                    client,
                    request.POST(BodyPublishers.ofByteArray(gzip(body))).build(),
                    LONGEST_ANSWER,
                    config.timeout());
            if (answer.statusCode() != OK) {
                throw new IOException("it answered " + answer.statusCode());
            }
            rejected += rejected(answer.body());
        }
        return rejected;
    }

    /** How many data points were rejected. What is not the protocol's says nothing: the status was, and counts. */
    static long rejected(byte[] answer) {
        try {
            return ExportMetricsServiceResponse.parseFrom(answer)
                    .getPartialSuccess()
                    .getRejectedDataPoints();
        } catch (InvalidProtocolBufferException e) {
            return 0;
        }
    }

    private Map<String, String> headers() throws IOException {
        Map<String, String> headers = new LinkedHashMap<>();
        config.headers().forEach(line -> header(line, headers));
        if (config.headersFile().isPresent()) {
            Path file = config.headersFile().get();
            try {
                new String(SmallFiles.read(file, LARGEST_HEADERS), StandardCharsets.UTF_8)
                        .lines()
                        .map(String::strip)
                        .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                        .forEach(line -> header(line, headers));
            } catch (IOException e) {
                throw new IOException(
                        "cannot read " + file + ": " + e.getClass().getSimpleName(), e);
            }
        }
        return headers;
    }

    private static void header(String line, Map<String, String> headers) {
        int equals = line.indexOf('=');
        if (equals <= 0) {
            // Not the line itself, which holds a secret.
            throw new IllegalArgumentException("a header is not NAME=VALUE");
        }
        headers.put(
                line.substring(0, equals).strip(), line.substring(equals + 1).strip());
    }

    /** What the JDK says of a value it refuses holds the value. */
    private static void set(HttpRequest.Builder request, String name, String value) {
        try {
            request.setHeader(name, value);
        } catch (IllegalArgumentException withTheValue) {
            throw new IllegalArgumentException("the header " + name + " cannot be sent");
        }
    }

    private static byte[] gzip(byte[] body) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream(body.length / 4);
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(body);
        }
        return out.toByteArray();
    }

    /** Pushes once more, so that the last numbers arrive, and stops. */
    @Override
    public void close() {
        thread.execute(this::push);
        thread.shutdown();
        try {
            if (!thread.awaitTermination(LAST_PUSH_SECONDS, TimeUnit.SECONDS)) {
                thread.shutdownNow();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            thread.shutdownNow();
        }
    }
}
