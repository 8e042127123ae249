package io.mlflowexporter.web.metrics;

import io.mlflowexporter.exposition.Exposition;
import io.mlflowexporter.metric.FamilyDeclaration;
import io.mlflowexporter.settings.value.ListenAddress;
import io.mlflowexporter.web.access.AccessGate;
import io.mlflowexporter.web.access.AccessMetrics;
import io.mlflowexporter.web.listener.ConnectionTable;
import io.mlflowexporter.web.listener.Listener;
import io.mlflowexporter.web.listener.Refusals;
import io.mlflowexporter.web.listener.RequestGuard;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The listener for Prometheus: {@code /metrics} is answered from the current {@link Exposition}, {@code /metrics/exporter}
 * from the live registry alone.
 *
 * <p>No client holds a thread while its request arrives or its answer leaves: both go on when the network is ready for
 * more. See {@link Listener} and {@link ConnectionTable} for the limits.
 */
public final class MetricsServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(MetricsServer.class);
    private static final Duration CLOSE_GRACE = Duration.ofSeconds(5);

    private final MetricsHandler handler;
    private final Server server;
    private final ServerConnector connector;

    /**
     * As the other, open to everyone.
     *
     * @throws IOException if the address cannot be bound, with a message for the user
     */
    public MetricsServer(
            ListenAddress listen, Supplier<Exposition> exposition, PrometheusRegistry live, InstantSource clock)
            throws IOException {
        this(listen, exposition, live, clock, AccessGate.open("metrics", new AccessMetrics(live)));
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
            ListenAddress listen,
            Supplier<Exposition> exposition,
            PrometheusRegistry live,
            InstantSource clock,
            AccessGate gate)
            throws IOException {
        handler = new MetricsHandler(exposition, live, clock);
        ConnectionTable connections =
                new ConnectionTable(ConnectionTable.MOST, ConnectionTable.MOST_OF_ADDRESS, System::nanoTime);
        // For load balancers and probes, which have no password; the answer is that the listener answers.
        RequestGuard door =
                new RequestGuard(gate, Set.of(MetricsHandler.HEALTH_PATH), connections, false, RequestGuard.LONGEST);
        door.setHandler(handler);
        server = new Server(Listener.threads("metrics-http"));
        HttpConfiguration http = new HttpConfiguration();
        Listener.limit(http);
        connector = Listener.connector(server, http, listen, gate, connections);
        server.addConnector(connector);
        server.setHandler(door);
        server.setErrorHandler(new Refusals(gate));
        try {
            server.start();
        } catch (Exception e) {
            stop();
            throw Listener.cannotServe("/metrics", listen, "metrics_listen", e);
        }
    }

    /** The live families this listener adds. */
    public static List<FamilyDeclaration> declarations() {
        return List.of(MetricsHandler.SCRAPES);
    }

    /** The port bound. */
    public int port() {
        return connector.getLocalPort();
    }

    /** Scrapes so far. */
    public ScrapeCounts scrapes() {
        return handler.counts();
    }

    /** Stops; scrapes under way have 5 s to end, new ones are turned away. */
    @Override
    public void close() {
        handler.drain(CLOSE_GRACE);
        stop();
    }

    private void stop() {
        try {
            server.stop();
        } catch (Exception e) {
            LOG.debug("stopping the metrics listener", e);
        }
    }
}
