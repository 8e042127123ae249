package io.mlflowexporter.web.listener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mlflowexporter.settings.value.ListenAddress;
import io.mlflowexporter.web.access.AccessGate;
import io.mlflowexporter.web.access.AccessMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** An answer has to be read within a time, however few bytes a client reads now and then. */
@Timeout(60)
final class RequestGuardTest {
    /** More than sockets hold. */
    private static final int LARGE = 64 << 20;

    private final CompletableFuture<Void> written = new CompletableFuture<>();
    private final Server server = new Server();
    private ServerConnector connector;

    /** One large answer, and small ones. */
    private final class Answers extends Handler.Abstract.NonBlocking {
        @Override
        public boolean handle(Request request, Response response, Callback callback) {
            if ("/large".equals(request.getHttpURI().getPath())) {
                response.write(
                        true,
                        ByteBuffer.allocate(LARGE),
                        Callback.from(
                                () -> {
                                    written.complete(null);
                                    callback.succeeded();
                                },
                                failure -> {
                                    written.completeExceptionally(failure);
                                    callback.failed(failure);
                                }));
            } else {
                RequestGuard.answer(request, response, callback, 200, "small");
            }
            return true;
        }
    }

    @BeforeEach
    void start() throws Exception {
        AccessGate gate = AccessGate.open("metrics", new AccessMetrics(new PrometheusRegistry()));
        ConnectionTable connections =
                new ConnectionTable(ConnectionTable.MOST, ConnectionTable.MOST_OF_ADDRESS, System::nanoTime);
        connector =
                Listener.connector(server, new HttpConfiguration(), ListenAddress.of("127.0.0.1:0"), gate, connections);
        server.addConnector(connector);
        RequestGuard door = new RequestGuard(gate, Set.of(), connections, false, Duration.ofMillis(500));
        door.setHandler(new Answers());
        server.setHandler(door);
        server.start();
    }

    @AfterEach
    void stop() throws Exception {
        server.stop();
    }

    @Test
    void aSlowReaderIsCutOffAndOthersAreServed() throws Exception {
        URI address = URI.create("http://127.0.0.1:" + connector.getLocalPort());
        try (Socket slow = new Socket(InetAddress.getLoopbackAddress(), connector.getLocalPort())) {
            slow.getOutputStream().write("GET /large HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            assertThat(slow.getInputStream().read()).isEqualTo('H');

            // Before the 30 s after which a connection is closed on which nothing moves.
            assertThatThrownBy(() -> written.get(20, TimeUnit.SECONDS))
                    .isInstanceOf(ExecutionException.class)
                    .rootCause()
                    .isInstanceOf(TimeoutException.class)
                    .hasMessageContaining("an answer took longer than PT0.5S");
            assertThat(RawHttp.ask(address, "GET / HTTP/1.1", "Host: x", "Connection: close"))
                    .startsWith("HTTP/1.1 200 ")
                    .endsWith("small\n");
        }
    }
}
