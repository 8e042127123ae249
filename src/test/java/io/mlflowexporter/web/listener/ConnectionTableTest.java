package io.mlflowexporter.web.listener;

import static org.assertj.core.api.Assertions.assertThat;

import io.mlflowexporter.exposition.Exposition;
import io.mlflowexporter.settings.value.ListenAddress;
import io.mlflowexporter.web.metrics.MetricsServer;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Whoever holds connections open, there is room for a scrape. Linux has all of 127.0.0.0/8 to come from. */
@Timeout(120)
@EnabledOnOs(OS.LINUX)
final class ConnectionTableTest {
    private static final int SCRAPES = 20;

    private final List<Socket> held = new ArrayList<>();
    private MetricsServer server;

    @BeforeEach
    void start() throws IOException {
        server = new MetricsServer(
                ListenAddress.of("0.0.0.0:0"),
                () -> Exposition.EMPTY,
                new PrometheusRegistry(),
                InstantSource.system());
    }

    @AfterEach
    void stop() throws IOException {
        for (Socket socket : held) {
            socket.close();
        }
        server.close();
    }

    private Socket connect(String from) throws IOException {
        Socket socket = new Socket();
        socket.setReuseAddress(true);
        socket.bind(new InetSocketAddress(InetAddress.getByName(from), 0));
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port()), 10_000);
        socket.setSoTimeout(30_000);
        return socket;
    }

    private void hold(String from, String begun) throws IOException {
        Socket socket = connect(from);
        held.add(socket);
        try {
            socket.getOutputStream().write(begun.getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            // It has been closed for a newer one already.
        }
    }

    private String scrape(String from) throws IOException {
        try (Socket socket = connect(from)) {
            socket.getOutputStream()
                    .write("GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
                            .getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private void scrapeWhile(String from) throws IOException {
        for (int i = 0; i < SCRAPES; i++) {
            assertThat(scrape(from)).as("scrape %s", i).startsWith("HTTP/1.1 200 ");
        }
    }

    @Test
    void oneAddressCannotHaveAllConnections() throws Exception {
        for (int i = 0; i < 400; i++) {
            hold("127.0.0.2", "GET /metrics HTTP/1.1\r\nX: ");
        }

        scrapeWhile("127.0.0.1");
        // Behind one address with those who hold them, as behind a NAT.
        scrapeWhile("127.0.0.2");
    }

    @Test
    void norCanManyAddresses() throws Exception {
        for (int i = 0; i < 400; i++) {
            hold("127.0.1." + (1 + i % 200), i % 2 == 0 ? "" : "GET /metr");
        }

        scrapeWhile("127.0.0.1");
    }

    @Test
    void allAddressesOfANetworkOfIpv6HaveOneShare() throws Exception {
        ConnectionTable table = new ConnectionTable(8, 4, System::nanoTime);
        List<ConnectionOfClient> ofOne = new ArrayList<>();
        for (int i = 1; i <= 6; i++) {
            ofOne.add(new ConnectionOfClient("2001:db8:0:1:" + i + "::" + i));
            assertThat(table.admit(ofOne.get(i - 1))).isTrue();
        }
        ConnectionOfClient other = new ConnectionOfClient("2001:db8:0:2::1");
        assertThat(table.admit(other)).isTrue();

        assertThat(ofOne)
                .extracting(ConnectionOfClient::isOpen)
                .as("its oldest are closed, though none has the newcomer's address")
                .containsExactly(false, false, true, true, true, true);
        assertThat(other.isOpen()).isTrue();
    }

    @Test
    void theListenerForgetsWhatWasClosed() throws Exception {
        for (int i = 0; i < 300; i++) {
            scrape("127.0.0.1");
        }
        scrapeWhile("127.0.0.1");
    }

    @Test
    void aHeadThatIsTooLongIsRefusedWithTheHeadersOfEveryAnswer() throws Exception {
        URI address = URI.create("http://127.0.0.1:" + server.port());

        String refused = RawHttp.ask(address, "GET /metrics HTTP/1.1", "Host: x", "Cookie: " + "x".repeat(17_000));

        assertThat(refused)
                .startsWith("HTTP/1.1 431 ")
                .contains("Content-Security-Policy: default-src 'none'")
                .contains("X-Content-Type-Options: nosniff");
    }

    @Test
    void aSlowReaderHoldsNoThread() throws Exception {
        // More than there are threads; each asks for many answers and reads none.
        String many = "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n".repeat(200);
        for (int i = 0; i < 60; i++) {
            hold("127.0.0." + (2 + i), many);
        }

        scrapeWhile("127.0.0.1");
    }
}
