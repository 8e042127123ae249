package io.mlflowexporter.web.listener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mlflowexporter.config.ConfigLoader;
import io.mlflowexporter.reload.Reloads;
import io.mlflowexporter.settings.value.ListenAddress;
import io.mlflowexporter.testing.Certificates;
import io.mlflowexporter.web.access.AccessGate;
import io.mlflowexporter.web.access.AccessGates;
import io.mlflowexporter.web.access.AccessMetrics;
import io.mlflowexporter.web.access.LoadedWebFile;
import io.mlflowexporter.web.access.WebConfig;
import io.mlflowexporter.web.access.WebFileLoader;
import io.mlflowexporter.web.access.WebFiles;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.SocketFactory;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

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

    private void start(AccessGate gate) throws Exception {
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
        start(AccessGate.open("metrics", new AccessMetrics(new PrometheusRegistry())));

        assertSlowOnesAreCutOff(SocketFactory.getDefault());
    }

    @Test
    void aSlowReaderOverTlsIsCutOffToo(@TempDir Path directory) throws Exception {
        Certificates certificates = new Certificates(directory);
        certificates.authority("ca");
        certificates.signed("server", "ca", "EC");
        Path file = Files.writeString(
                directory.resolve("web.yaml"),
                "tls_server_config:\n  cert_file: " + certificates.pem("server") + "\n  key_file: "
                        + certificates.keyPem("server") + "\n");
        InstantSource clock = InstantSource.system();
        Optional<LoadedWebFile> tls = Optional.of(WebFileLoader.load(file, clock));
        WebConfig people =
                ConfigLoader.load(Optional.empty(), Map.of(), Map.of()).config().web();
        start(AccessGates.of(new WebFiles(tls, tls), people, new PrometheusRegistry(), clock, Reloads.uncounted())
                .metrics());

        assertSlowOnesAreCutOff(certificates.server("server").getSocketFactory());
    }

    private void assertSlowOnesAreCutOff(SocketFactory sockets) throws Exception {
        try (Socket slow = sockets.createSocket(InetAddress.getLoopbackAddress(), connector.getLocalPort())) {
            slow.getOutputStream().write("GET /large HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));

            // Before the 30 s after which a connection is closed on which nothing moves.
            assertThatThrownBy(() -> written.get(20, TimeUnit.SECONDS))
                    .isInstanceOf(ExecutionException.class)
                    .rootCause()
                    .as("why it was closed, or that it is, where the write comes upon it first")
                    .satisfiesAnyOf(
                            failure -> assertThat(failure)
                                    .isInstanceOf(TimeoutException.class)
                                    .hasMessageContaining("an answer took longer than PT0.5S"),
                            failure -> assertThat(failure).isInstanceOf(ClosedChannelException.class));
            try (Socket other = sockets.createSocket(InetAddress.getLoopbackAddress(), connector.getLocalPort())) {
                other.getOutputStream()
                        .write("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
                                .getBytes(StandardCharsets.US_ASCII));
                assertThat(new String(other.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
                        .startsWith("HTTP/1.1 200 ")
                        .endsWith("small\n");
            }
        }
    }
}
