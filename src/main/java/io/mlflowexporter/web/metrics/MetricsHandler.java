package io.mlflowexporter.web.metrics;

import io.mlflowexporter.exposition.Exposition;
import io.mlflowexporter.exposition.ScrapeBody;
import io.mlflowexporter.exposition.ScrapeRequest;
import io.mlflowexporter.metric.FamilyDeclaration;
import io.mlflowexporter.metric.FamilyDeclaration.Fold;
import io.mlflowexporter.metric.FamilyDeclaration.Stability;
import io.mlflowexporter.metric.LiveFamilies;
import io.mlflowexporter.web.listener.RequestGuard;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.IteratingNestedCallback;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers everything on the metrics listener. */
final class MetricsHandler extends Handler.Abstract {
    private static final Logger LOG = LoggerFactory.getLogger(MetricsHandler.class);

    static final FamilyDeclaration SCRAPES = new FamilyDeclaration(
            "mlflow_exporter_scrapes_total",
            FamilyDeclaration.Type.COUNTER,
            "Scrapes of /metrics: served, failed in the exporter, or aborted by the client.",
            List.of("outcome"),
            Stability.EXPERIMENTAL,
            Fold.NEVER);

    /** Where the snapshot and the live metrics are. */
    private static final String METRICS_PATH = "/metrics";
    /** Where only the live metrics are. */
    private static final String LIVE_PATH = "/metrics/exporter";

    static final String HEALTH_PATH = "/-/healthy";

    private static final int OK = 200;
    private static final int BAD_REQUEST = 400;
    private static final int NOT_FOUND = 404;
    private static final int METHOD_NOT_ALLOWED = 405;
    private static final int INTERNAL_ERROR = 500;
    private static final int UNAVAILABLE = 503;
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
            <li><a href="%s">Health of this listener</a></li>
            </ul>
            </body>
            </html>
            """.formatted(METRICS_PATH, LIVE_PATH, HEALTH_PATH);

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
        this.scrapes = LiveFamilies.counter(SCRAPES, live);
        List.of("served", "failed", "aborted").forEach(scrapes::initLabelValues);
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        if (closing || !underWay.tryAcquire()) {
            response.getHeaders().put(HttpHeader.CONNECTION, "close");
            RequestGuard.answer(request, response, callback, UNAVAILABLE, "the exporter is stopping");
            return true;
        }
        Request.addCompletionListener(request, failure -> underWay.release());
        route(request, response, callback);
        return true;
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

    private void route(Request request, Response response, Callback callback) {
        String path = String.valueOf(request.getHttpURI().getPath());
        if (!List.of(METRICS_PATH, LIVE_PATH, HEALTH_PATH, "/").contains(path)) {
            RequestGuard.answer(
                    request, response, callback, NOT_FOUND, "nothing here; the metrics are at " + METRICS_PATH);
        } else if (!HttpMethod.GET.is(request.getMethod()) && !HttpMethod.HEAD.is(request.getMethod())) {
            response.getHeaders().put(HttpHeader.ALLOW, "GET, HEAD");
            RequestGuard.answer(request, response, callback, METHOD_NOT_ALLOWED, "only GET and HEAD");
        } else if (path.equals(METRICS_PATH)) {
            scrape(exposition.get(), true, request, response, callback);
        } else if (path.equals(LIVE_PATH)) {
            scrape(Exposition.EMPTY, false, request, response, callback);
        } else if (path.equals(HEALTH_PATH)) {
            RequestGuard.answer(request, response, callback, OK, "Exporter is healthy.");
        } else {
            RequestGuard.answer(request, response, callback, OK, "text/html; charset=utf-8", LANDING_PAGE);
        }
    }

    private void scrape(Exposition served, boolean counted, Request request, Response response, Callback callback) {
        ScrapeRequest wanted;
        try {
            wanted = RequestHead.scrapeRequest(
                    request.getHeaders(), request.getHttpURI().getQuery());
        } catch (IllegalArgumentException e) {
            RequestGuard.answer(request, response, callback, BAD_REQUEST, "the query is not valid: a broken % escape");
            return;
        }
        ScrapeBody body;
        try {
            body = served.scrape(wanted, live, clock.instant());
        } catch (RuntimeException e) {
            scrapes.labelValues("failed").inc();
            // The same failure comes with every scrape: say it once.
            if (!e.toString().equals(lastFailure.getAndSet(e.toString()))) {
                LOG.error("cannot answer scrapes of /metrics: {}", e.toString(), e);
            }
            RequestGuard.answer(
                    request,
                    response,
                    callback,
                    INTERNAL_ERROR,
                    "the exporter failed to write its metrics; see its log");
            return;
        }
        response.setStatus(OK);
        response.getHeaders()
                .put(HttpHeader.CONTENT_TYPE, body.contentType())
                .put(HttpHeader.VARY, "Accept, Accept-Encoding")
                .put(HttpHeader.CONTENT_LENGTH, body.length());
        if (body.gzip()) {
            response.getHeaders().put(HttpHeader.CONTENT_ENCODING, "gzip");
        }
        Callback then = counted ? Callback.from(callback, this::count) : callback;
        if (HttpMethod.HEAD.is(request.getMethod())) {
            response.write(true, BufferUtil.EMPTY_BUFFER, then);
        } else {
            new Writing(response, body.segments(), then).iterate();
        }
    }

    private void count(@Nullable Throwable failure) {
        if (failure != null) {
            // The client went away; nobody is left to tell.
            scrapes.labelValues("aborted").inc();
            LOG.debug("a client left before its answer was written", failure);
            return;
        }
        scrapes.labelValues("served").inc();
        lastServed = clock.instant();
    }

    /** Writes one segment after the other, each when the network has taken the one before. */
    private static final class Writing extends IteratingNestedCallback {
        private final Response response;
        private final Iterator<byte[]> segments;
        private boolean last;

        private Writing(Response response, Iterable<byte[]> segments, Callback callback) {
            super(callback);
            this.response = response;
            this.segments = segments.iterator();
        }

        @Override
        protected Action process() {
            if (last) {
                return Action.SUCCEEDED;
            }
            ByteBuffer segment = segments.hasNext() ? ByteBuffer.wrap(segments.next()) : BufferUtil.EMPTY_BUFFER;
            last = !segments.hasNext();
            response.write(last, segment, this);
            return Action.SCHEDULED;
        }
    }
}
