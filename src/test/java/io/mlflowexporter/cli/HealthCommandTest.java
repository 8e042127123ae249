package io.mlflowexporter.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.mlflowexporter.testing.Command;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** What {@code health} says of listeners that are well, unwell, or not there. */
final class HealthCommandTest {
    private static final char[] PASSWORD = "changeit".toCharArray();

    @CommandLine.Command(name = "mlflow-exporter")
    private static final class Commands {}

    private record Seen(int exit, String out, String err) {}

    private static Seen health(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        List<String> all = new ArrayList<>(List.of("health"));
        all.addAll(List.of(arguments));
        CommandLine commands = new CommandLine(new Commands()).addSubcommand(new HealthCommand(Map.of()));
        commands.setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        int exit = Main.run(commands, all.toArray(String[]::new));
        return new Seen(exit, out.toString(), err.toString());
    }

    private static InetSocketAddress anyPort() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    private static int answering(HttpServer server, String path, int status) {
        server.createContext(path, exchange -> {
            exchange.sendResponseHeaders(status, -1);
            exchange.close();
        });
        server.start();
        return server.getAddress().getPort();
    }

    @ParameterizedTest
    @CsvSource({"200, 0", "401, 0", "503, 1"})
    void theListenerForPeopleIsAsked(int status, int exit) throws IOException {
        HttpServer server = HttpServer.create(anyPort(), 0);
        try {
            int port = answering(server, "/healthz", status);

            Seen seen = health("--web-listen", "0.0.0.0:" + port);

            assertThat(seen.exit()).isEqualTo(exit);
            String asked = "127.0.0.1:" + port + "/healthz";
            assertThat(seen.out()).isEqualTo(exit == 0 ? asked + " answers" + System.lineSeparator() : "");
            assertThat(seen.err()).isEqualTo(exit == 0 ? "" : asked + ": it answered 503" + System.lineSeparator());
        } finally {
            server.stop(0);
        }
    }

    @Test
    void whatWasMistypedSinceTheStartIsNoReasonNotToAsk(@TempDir Path directory) throws IOException {
        Files.writeString(directory.resolve("prices.yaml"), "resourcez: []\n");
        HttpServer server = HttpServer.create(anyPort(), 0);
        try {
            int port = answering(server, "/healthz", 200);
            Path config = Files.writeString(
                    directory.resolve("config.yaml"),
                    "cost: {file: prices.yaml}\nkpi: {file: gone.yaml}\nweb: {web_listen: '127.0.0.1:" + port
                            + "', config_file: gone.yaml}\nrefresh: {intervall: 1m}\n");

            assertThat(health("--config", config.toString()).exit()).isZero();

            Files.writeString(config, "web: {web_listen: nonsense}\n");
            assertThat(health("--config", config.toString()).err()).contains("web.web_listen");
        } finally {
            server.stop(0);
        }
    }

    @Test
    void withoutItTheListenerForPrometheusIsAsked() throws IOException {
        HttpServer server = HttpServer.create(anyPort(), 0);
        try {
            int port = answering(server, "/-/healthy", 200);

            assertThat(health("--web-listen", "off", "--metrics-listen", "127.0.0.1:" + port)
                            .exit())
                    .isZero();
        } finally {
            server.stop(0);
        }
    }

    @Test
    void tlsIsSpokenWhereItIsWanted(@TempDir Path directory) throws IOException, GeneralSecurityException {
        HttpsServer server = HttpsServer.create(anyPort(), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(selfSigned(directory.resolve("key.p12"))));
        try {
            int port = answering(server, "/healthz", 200);

            Seen seen = health("--web-listen", "127.0.0.1:" + port);

            assertThat(seen)
                    .isEqualTo(new Seen(0, "127.0.0.1:" + port + "/healthz answers" + System.lineSeparator(), ""));
        } finally {
            server.stop(0);
        }
    }

    @Test
    void nobodyThereIsUnwell() throws IOException {
        int port;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }

        Seen seen = health("--web-listen", "127.0.0.1:" + port);

        assertThat(seen.exit()).isEqualTo(1);
        assertThat(seen.err()).startsWith("127.0.0.1:" + port + "/healthz: Connection refused");
    }

    @Test
    void aPortNobodyKnowsCannotBeAsked() {
        Seen seen = health("--web-listen", "127.0.0.1:0");

        assertThat(seen.exit()).isEqualTo(1);
        assertThat(seen.err()).startsWith("port 0 stands for any free one");
    }

    private static SSLContext selfSigned(Path store) throws IOException, GeneralSecurityException {
        Command.Result made = Command.run(
                Duration.ofMinutes(1),
                "",
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "key",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=elsewhere.example",
                        "-keystore",
                        store.toString(),
                        "-storepass",
                        new String(PASSWORD)));
        assertThat(made.exit()).as(made.output()).isZero();
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, PASSWORD);
        }
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(keys, PASSWORD);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(factory.getKeyManagers(), null, null);
        return context;
    }
}
