package io.mlflowexporter.web.listener;

import io.mlflowexporter.settings.value.ListenAddress;
import io.mlflowexporter.web.access.AccessGate;
import java.io.IOException;
import java.net.BindException;
import java.net.UnknownHostException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.concurrent.Executor;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.SelectorManager;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.util.thread.Scheduler;

/** What both listeners have in common: Jetty, within limits that hold before anyone has said who they are. */
public final class Listener {
    /** At most, of one listener; {@code TasksMax} in the systemd unit has room for two of them. */
    static final int THREADS = 40;

    private static final int FEWEST_THREADS = 4;
    private static final Duration THREAD_IDLE = Duration.ofMinutes(1);
    /** Prometheus's own requests have less than 1 KiB, browsers bring cookies of other services of the host. */
    private static final int REQUEST_HEAD_BYTES = 16 * 1024;
    /** Of a connection on which nothing moves. */
    private static final Duration IDLE = Duration.ofSeconds(30);

    /** Connections that wait to be accepted. */
    private static final int BACKLOG = 256;

    private Listener() {}

    public static QueuedThreadPool threads(String name) {
        QueuedThreadPool threads =
                new QueuedThreadPool(THREADS, FEWEST_THREADS, Math.toIntExact(THREAD_IDLE.toMillis()));
        threads.setName(name);
        threads.setDaemon(true);
        return threads;
    }

    public static void limit(HttpConfiguration http) {
        http.setSendServerVersion(false);
        http.setSendDateHeader(true);
        http.setRequestHeaderSize(REQUEST_HEAD_BYTES);
        // Doubled hosts and the like are answered with 400; to log each would let anyone fill the log.
        http.setNotifyForbiddenComplianceViolations(false);
    }

    public static ServerConnector connector(
            Server server, HttpConfiguration http, ListenAddress listen, AccessGate gate, ConnectionTable connections) {
        ConnectionFactory[] factories = gate.context()
                .map(context -> new ConnectionFactory[] {
                    new SslConnectionFactory(tls(context, gate), HttpVersion.HTTP_1_1.asString()),
                    new HttpConnectionFactory(secure(http))
                })
                .orElseGet(() -> new ConnectionFactory[] {new HttpConnectionFactory(http)});
        ServerConnector connector = new LimitedConnector(server, connections, factories);
        connector.setHost(listen.host().isEmpty() ? "0.0.0.0" : listen.host());
        connector.setPort(listen.port());
        connector.setIdleTimeout(IDLE.toMillis());
        connector.setAcceptQueueSize(BACKLOG);
        return connector;
    }

    private static SslContextFactory.Server tls(SSLContext context, AccessGate gate) {
        SslContextFactory.Server tls = new SslContextFactory.Server() {
            @Override
            public void customize(SSLEngine engine) {
                engine.setSSLParameters(gate.parameters());
            }
        };
        tls.setSslContext(context);
        tls.setRenegotiationAllowed(false);
        return tls;
    }

    private static HttpConfiguration secure(HttpConfiguration http) {
        HttpConfiguration https = new HttpConfiguration(http);
        // Clients check the name, and may use another than the certificate's first.
        https.addCustomizer(new SecureRequestCustomizer(false));
        return https;
    }

    /** Asks the table before anything is allocated for a connection. */
    private static final class LimitedConnector extends ServerConnector {
        private final ConnectionTable connections;

        private LimitedConnector(Server server, ConnectionTable connections, ConnectionFactory... factories) {
            super(server, 1, 1, factories);
            this.connections = connections;
        }

        @Override
        protected SelectorManager newSelectorManager(Executor executor, Scheduler scheduler, int selectors) {
            return new ServerConnectorManager(executor, scheduler, selectors) {
                @Override
                public void accept(SelectableChannel channel, Object attachment) {
                    if (admitted(channel)) {
                        super.accept(channel, attachment);
                    }
                }

                @Override
                protected void endPointOpened(EndPoint endPoint) {
                    super.endPointOpened(endPoint);
                    connections.opened(endPoint);
                }

                @Override
                protected void endPointClosed(EndPoint endPoint) {
                    connections.closed(endPoint);
                    super.endPointClosed(endPoint);
                }

                @Override
                protected void onAcceptFailed(SelectableChannel channel, Throwable cause) {
                    connections.remove(channel);
                    super.onAcceptFailed(channel, cause);
                }
            };
        }

        private boolean admitted(SelectableChannel channel) {
            try {
                if (connections.admit(channel)) {
                    return true;
                }
                channel.close();
            } catch (IOException e) {
                // It was gone before it was looked at.
                connections.remove(channel);
            }
            return false;
        }
    }

    /**
     * What a failure to start says to people.
     *
     * @param what is served there
     * @param setting by which another address is chosen
     */
    public static IOException cannotServe(String what, ListenAddress listen, String setting, Exception failure) {
        String lead = "cannot serve " + what + " on " + listen + ": ";
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof UnresolvedAddressException || cause instanceof UnknownHostException) {
                return new IOException(lead + "no such host; check " + setting, failure);
            }
            if (cause instanceof BindException && cause.getMessage() != null) {
                return new IOException(lead + cause.getMessage() + "; choose another " + setting, failure);
            }
        }
        return new IOException(lead + failure.getMessage() + "; choose another " + setting, failure);
    }
}
