package io.mlflowexporter.web;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import io.mlflowexporter.config.Listen;
import io.mlflowexporter.exposition.Exposition;
import io.mlflowexporter.indicators.FamilyDeclaration;
import io.prometheus.metrics.config.PrometheusProperties;
import io.prometheus.metrics.exporter.httpserver.HTTPServer;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * The listener for Prometheus: client_java's HTTP server, with {@code /metrics} answered from the current
 * {@link Exposition}. The server's stock handler cannot be taken off it; it serves the live registry alone at
 * {@code /metrics/exporter}.
 *
 * <p>A client holds a thread only from the first byte of its request to the last of the answer, and that is limited, so
 * idle connections hold none; see {@link #limitConnections()}.
 */
public final class MetricsServer implements AutoCloseable {
    /** Where the snapshot and the live metrics are. */
    static final String METRICS_PATH = "/metrics";
    /** Where only the live metrics are. */
    static final String LIVE_PATH = "/metrics/exporter";

    /** So many that each has a thread while its request arrives: a slow client must not keep others waiting. */
    private static final int MOST_CONNECTIONS = 256;

    private static final Duration THREAD_IDLE = Duration.ofMinutes(1);
    private static final Duration CLOSE_GRACE = Duration.ofSeconds(5);

    private final MetricsHandler handler;
    private final HTTPServer server;

    /**
     * As the other, open to everyone.
     *
     * @throws IOException if the address cannot be bound, with a message for the user
     */
    public MetricsServer(Listen listen, Supplier<Exposition> exposition, PrometheusRegistry live, InstantSource clock)
            throws IOException {
        this(listen, exposition, live, clock, Gate.open("metrics", new AccessMetrics(live)));
    }

    /**
     * Binds and starts to serve.
     *
     * @param listen enabled; port 0 takes a free one, see {@link #port()}
     * @param exposition read once by each scrape; never waits
     * @param live metrics of the moment, joined to each scrape; what scrapes come to is registered in it
     * @param clock by which sections are withdrawn
     * @param gate who is let in, and how
     * @throws IOException if the address cannot be bound, with a message for the user
     */
    public MetricsServer(
            Listen listen, Supplier<Exposition> exposition, PrometheusRegistry live, InstantSource clock, Gate gate)
            throws IOException {
        limitConnections();
        handler = new MetricsHandler(exposition, live, clock);
        ExecutorService executor = executor();
        try {
            // Defaults, for client_java's own properties could override the port.
            HTTPServer.Builder builder = HTTPServer.builder(
                            PrometheusProperties.builder().build())
                    .port(listen.port())
                    .executorService(executor)
                    .registry(live)
                    .metricsHandlerPath(LIVE_PATH)
                    .authenticator(new GateAuthenticator(gate))
                    .defaultHandler(handler);
            gate.context()
                    .ifPresent(context -> builder.httpsConfigurator(new HttpsConfigurator(context) {
                        @Override
                        public void configure(HttpsParameters connection) {
                            connection.setSSLParameters(gate.parameters());
                        }
                    }));
            if (!listen.host().isEmpty()) {
                builder.inetAddress(InetAddress.getByName(listen.host()));
            }
            server = builder.buildAndStart();
        } catch (UnknownHostException e) {
            executor.shutdown();
            throw new IOException("cannot serve /metrics on " + listen + ": no such host; check metrics_listen", e);
        } catch (IOException e) {
            executor.shutdown();
            throw new IOException(
                    "cannot serve /metrics on " + listen + ": " + e.getMessage() + "; choose another metrics_listen",
                    e);
        }
    }

    /** The live families this listener adds. */
    public static List<FamilyDeclaration> declarations() {
        return List.of(MetricsHandler.SCRAPES);
    }

    /**
     * Limits what slow clients can take of the JDK's HTTP server, where the command line has not set the same
     * properties: a request may take 10 s to arrive, its answer 60 s to leave, and there are 256 connections at most.
     * Holds for every such server of the process, and only if called before the first is made.
     */
    public static void limitConnections() {
        setIfAbsent("sun.net.httpserver.maxReqTime", "10");
        setIfAbsent("sun.net.httpserver.maxRspTime", "60");
        setIfAbsent("jdk.httpserver.maxConnections", Integer.toString(MOST_CONNECTIONS));
        // Head and body are separate writes: the body would wait for the head's acknowledgement, 40 ms on Linux.
        setIfAbsent("sun.net.httpserver.nodelay", "true");
    }

    private static void setIfAbsent(String property, String value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, value);
        }
    }

    private static ExecutorService executor() {
        AtomicInteger number = new AtomicInteger();
        // No bound of its own, as the server would leak a connection it cannot hand over: connections are bounded.
        return new ThreadPoolExecutor(
                0, Integer.MAX_VALUE, THREAD_IDLE.toSeconds(), TimeUnit.SECONDS, new SynchronousQueue<>(), task -> {
                    Thread thread = new Thread(task, "metrics-http-" + number.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                });
    }

    /** The port bound. */
    public int port() {
        return server.getPort();
    }

    /** Scrapes so far. */
    public ScrapeCounts scrapes() {
        return handler.counts();
    }

    /** Stops; scrapes under way have 5 s to end, new ones are turned away. */
    @Override
    public void close() {
        handler.drain(CLOSE_GRACE);
        server.close();
    }
}
