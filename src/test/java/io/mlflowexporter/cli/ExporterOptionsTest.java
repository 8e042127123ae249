package io.mlflowexporter.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.mlflowexporter.testing.Certificates;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ParameterException;

/** Both commands that ask a running exporter reach one with TLS and a password, by the same options. */
final class ExporterOptionsTest {
    @TempDir
    private static Path folder;

    private static HttpsServer server;
    private static String password;
    private static String authority;
    private static String stranger;

    @BeforeAll
    static void start() throws Exception {
        Certificates certificates = new Certificates(folder);
        certificates.authority("ca");
        certificates.authority("stranger");
        certificates.signed("server", "ca", "EC", "-ext", "san=ip:127.0.0.1");
        server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(certificates.server("server")));
        String wanted = "Basic " + Base64.getEncoder().encodeToString("ana:two words".getBytes(StandardCharsets.UTF_8));
        server.createContext("/", exchange -> {
            boolean known = wanted.equals(exchange.getRequestHeaders().getFirst("Authorization"));
            exchange.sendResponseHeaders(known ? 418 : 401, -1);
            exchange.close();
        });
        server.start();
        authority = certificates.pem("ca").toString();
        stranger = certificates.pem("stranger").toString();
        password = Files.writeString(folder.resolve("password"), " two words\r\n\n")
                .toString();
    }

    @AfterAll
    static void stop() {
        server.stop(0);
    }

    private static String address() {
        return "https://127.0.0.1:" + server.getAddress().getPort();
    }

    /** A way to ask. */
    private interface Way {
        Object ask(ExporterOptions exporter, URI address) throws Exception;
    }

    private static final class Holder {
        @Mixin
        private ExporterOptions exporter = new ExporterOptions();
    }

    /** What either command is told. */
    private static String told(String... arguments) {
        Holder holder = CommandLine.populateCommand(new Holder(), arguments);
        URI address = holder.exporter.address().orElseThrow();
        List<String> told = new ArrayList<>();
        for (Way way : List.<Way>of(
                (exporter, uri) -> new ExporterScrapes(exporter, uri, Optional.empty()).take(),
                (exporter, uri) -> new ExporterClient(exporter, uri).ask(Map.of()))) {
            assertThatThrownBy(() -> way.ask(holder.exporter, address))
                    .isInstanceOf(IOException.class)
                    .satisfies(failure -> told.add(
                            failure.getMessage().replace(address(), "SERVER").replaceAll("; is it .*", "")));
        }
        assertThat(told.get(0)).isEqualTo(told.get(1));
        return told.get(0);
    }

    @Test
    void whoKnowsThePasswordAndTheAuthorityIsAnswered() {
        assertThat(told(
                        "--exporter",
                        address(),
                        "--exporter-user",
                        "ana",
                        "--exporter-password-file",
                        password,
                        "--exporter-ca-file",
                        authority))
                .isEqualTo("SERVER answered with HTTP status 418");
    }

    @Test
    void whoDoesNotIsToldWhichOptionIsFor() {
        assertThat(told("--exporter", address(), "--exporter-ca-file", authority))
                .isEqualTo("SERVER cannot be asked: it wants a user name and password: --exporter-user,"
                        + " --exporter-password-file");
        assertThat(told("--exporter", address())).startsWith("SERVER cannot be asked: ");
        assertThat(told("--exporter", address(), "--exporter-ca-file", stranger))
                .startsWith("SERVER cannot be asked: ");
        String nowhere = folder.resolve("nowhere").toString();
        assertThat(told("--exporter", address(), "--exporter-ca-file", nowhere))
                .startsWith("--exporter-ca-file: cannot use the certificates in " + nowhere);
        assertThat(told("--exporter", address(), "--exporter-user", "ana", "--exporter-password-file", nowhere))
                .isEqualTo("--exporter-password-file: " + nowhere + " cannot be read");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--exporter ftp://u:secret@x",
                "--exporter http://u:secret@x",
                "--exporter /metrics",
                "--exporter http://x --exporter-password-file f",
                "--exporter-user ana",
                "--exporter-ca-file f"
            })
    void whatMakesNoSenseIsBadUsage(String arguments) {
        Holder holder = CommandLine.populateCommand(new Holder(), arguments.split(" ", -1));
        assertThatThrownBy(holder.exporter::address)
                .isInstanceOf(ParameterException.class)
                .hasMessageContaining("--exporter")
                .hasMessageNotContaining("secret");
    }
}
