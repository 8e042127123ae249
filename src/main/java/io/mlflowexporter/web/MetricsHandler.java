package io.mlflowexporter.web;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import io.mlflowexporter.exposition.Exposition;
import io.mlflowexporter.exposition.ScrapeBody;
import io.mlflowexporter.exposition.ScrapeRequest;
import io.mlflowexporter.indicators.FamilyDeclaration;
import io.mlflowexporter.indicators.FamilyDeclaration.Fold;
import io.mlflowexporter.indicators.FamilyDeclaration.Stability;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers everything on the metrics listener that has no handler of its own. */
final class MetricsHandler implements HttpHandler {
    private static final Logger LOG = LoggerFactory.getLogger(MetricsHandler.class);

    static final FamilyDeclaration SCRAPES = new FamilyDeclaration(
            "mlflow_exporter_scrapes_total",
            FamilyDeclaration.Type.COUNTER,
            "Scrapes of /metrics: served, failed in the exporter, or aborted by the client.",
            List.of("outcome"),
            Stability.EXPERIMENTAL,
            Fold.NEVER);

    private static final String TEXT = "text/plain; charset=utf-8";
    private static final int OK = 200;
    private static final int BAD_REQUEST = 400;
    private static final int NOT_FOUND = 404;
    private static final int METHOD_NOT_ALLOWED = 405;
    private static final int INTERNAL_ERROR = 500;
    private static final int UNAVAILABLE = 503;
    /** The JDK's server: no body. */
    private static final int NO_BODY = -1;

    private static final int ALL = Integer.MAX_VALUE;

    private static final String LANDING_PAGE = """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>mlflow-exporter</title>
            </head>
            <body>
            <h1>mlflow-exporter</h1>
            <ul>
            <li><a href="%s">Metrics of MLflow and of the exporter</a></li>
            <li><a href="%s">Only the exporter’s own live metrics</a></li>
            <li><a href="/-/healthy">Health of this listener</a></li>
            </ul>
            </body>
            </html>
            """.formatted(MetricsServer.METRICS_PATH, MetricsServer.LIVE_PATH);

    private final Supplier<Exposition> exposition;
    private final PrometheusRegistry live;
    private final InstantSource clock;
    private final Counter scrapes;
    private final Semaphore underWay = new Semaphore(ALL);
    private final AtomicReference<String> lastFailure = new AtomicReference<>("");
    private volatile boolean closing;
    private volatile @Nullable Instant lastServed;

    MetricsHandler(Supplier<Exposition> exposition, PrometheusRegistry live, InstantSource clock) {
        this.exposition = exposition;
        this.live = live;
        this.clock = clock;
        this.scrapes = Counter.builder()
                .name(SCRAPES.name())
                .help(SCRAPES.help())
                .labelNames(SCRAPES.labels().toArray(String[]::new))
                .register(live);
        List.of("served", "failed", "aborted").forEach(scrapes::initLabelValues);
    }

    @Override
    public void handle(HttpExchange exchange) {
        try (exchange) {
            if (closing || !underWay.tryAcquire()) {
                exchange.getResponseHeaders().set("Connection", "close");
                answer(exchange, UNAVAILABLE, TEXT, "the exporter is stopping\n");
                return;
            }
            try {
                route(exchange);
            } finally {
                underWay.release();
            }
        } catch (IOException e) {
            // The client went away; nobody is left to tell.
            scrapes.labelValues("aborted").inc();
            LOG.debug("a client left before its answer was written", e);
        }
    }

    ScrapeCounts counts() {
        return new ScrapeCounts(
                scrapes.labelValues("served").getLongValue(),
                scrapes.labelValues("failed").getLongValue()
                        + scrapes.labelValues("aborted").getLongValue(),
                Optional.ofNullable(lastServed));
    }

    /** Turns new requests away and waits for those under way, the first time it is called. */
    void drain(Duration limit) {
        if (closing) {
            return;
        }
        closing = true;
        try {
            if (!underWay.tryAcquire(ALL, limit.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.warn("stopping while scrapes are still being written, {} after they were asked to end", limit);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void route(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        boolean metrics = MetricsServer.METRICS_PATH.equals(path);
        if (!metrics && !"/".equals(path)) {
            answer(exchange, NOT_FOUND, TEXT, "nothing here; the metrics are at " + MetricsServer.METRICS_PATH + "\n");
        } else if (!List.of("GET", "HEAD").contains(exchange.getRequestMethod())) {
            exchange.getResponseHeaders().set("Allow", "GET, HEAD");
            answer(exchange, METHOD_NOT_ALLOWED, TEXT, "only GET and HEAD\n");
        } else if (metrics) {
            scrape(exchange);
        } else {
            answer(exchange, OK, "text/html; charset=utf-8", LANDING_PAGE);
        }
    }

    private void scrape(HttpExchange exchange) throws IOException {
        ScrapeRequest request;
        try {
            request = RequestHead.scrapeRequest(
                    exchange.getRequestHeaders(), exchange.getRequestURI().getRawQuery());
        } catch (IllegalArgumentException e) {
            answer(exchange, BAD_REQUEST, TEXT, "the query is not valid: a broken % escape\n");
            return;
        }
        ScrapeBody body;
        try {
            body = exposition.get().scrape(request, live, clock.instant());
        } catch (RuntimeException e) {
            scrapes.labelValues("failed").inc();
            // The same failure comes with every scrape: say it once.
            if (!e.toString().equals(lastFailure.getAndSet(e.toString()))) {
                LOG.error("cannot answer scrapes of /metrics: {}", e.toString(), e);
            }
            answer(exchange, INTERNAL_ERROR, TEXT, "the exporter failed to write its metrics; see its log\n");
            return;
        }
        Headers headers = exchange.getResponseHeaders();
        headers.set("Content-Type", body.contentType());
        headers.set("Vary", "Accept, Accept-Encoding");
        if (body.gzip()) {
            headers.set("Content-Encoding", "gzip");
        }
        send(exchange, OK, body.segments(), body.length());
        scrapes.labelValues("served").inc();
        lastServed = clock.instant();
    }

    private static void answer(HttpExchange exchange, int status, String contentType, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", contentType);
        send(exchange, status, List.of(bytes), bytes.length);
    }

    private static void send(HttpExchange exchange, int status, List<byte[]> segments, long length) throws IOException {
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.getResponseHeaders().set("Content-Length", Long.toString(length));
            exchange.sendResponseHeaders(status, NO_BODY);
            return;
        }
        exchange.sendResponseHeaders(status, length == 0 ? NO_BODY : length);
        try (OutputStream out = exchange.getResponseBody()) {
            // One by one: the JDK's server copies what it is given into a buffer twice as large.
            for (byte[] segment : segments) {
                out.write(segment);
            }
        }
    }
}
