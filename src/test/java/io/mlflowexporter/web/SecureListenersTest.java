package io.mlflowexporter.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import at.favre.lib.crypto.bcrypt.BCrypt;
import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.mlflowexporter.config.ConfigLoader;
import io.mlflowexporter.estimate.Estimates;
import io.mlflowexporter.exposition.Exposition;
import io.mlflowexporter.reload.Reloads;
import io.mlflowexporter.settings.SettingsException;
import io.mlflowexporter.settings.value.ListenAddress;
import io.mlflowexporter.testing.Certificates;
import io.mlflowexporter.tls.PemFiles;
import io.mlflowexporter.web.access.AccessGates;
import io.mlflowexporter.web.access.FailureLimit;
import io.mlflowexporter.web.access.WebConfig;
import io.mlflowexporter.web.access.WebFileLoader;
import io.mlflowexporter.web.access.WebFiles;
import io.mlflowexporter.web.listener.RawHttp;
import io.mlflowexporter.web.metrics.MetricsServer;
import io.mlflowexporter.web.metrics.ScrapeCounts;
import io.mlflowexporter.web.pages.WebServer;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** Both listeners behind one web configuration file: they run on different servers and must behave as one. */
@Timeout(120)
final class SecureListenersTest {
    private static final ListenAddress LOOPBACK = ListenAddress.of("127.0.0.1:0");
    private static final String LOCAL = "san=ip:127.0.0.1";
    private static final List<String> HEADERS = List.of(
            "Content-Security-Policy", "X-Content-Type-Options", "X-Frame-Options", "Referrer-Policy", "Cache-Control");

    private static final String TLS = "tls_server_config:\n  cert_file: cert.pem\n  key_file: key.pem\n";
    private static final String CLIENTS =
            "  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: clients.pem\n";
    private static final String USERS =
            "basic_auth_users: {ana: '" + BCrypt.withDefaults().hashToString(4, "right".toCharArray()) + "'}\n";

    @TempDir
    private static Path keys;

    private static Certificates certificates;

    @TempDir
    private Path directory;

    private final PrometheusRegistry live = new PrometheusRegistry();
    private final InstantSource clock = InstantSource.system();
    private final AtomicLong nanos = new AtomicLong(System.nanoTime());
    private Optional<MetricsServer> metrics = Optional.empty();
    private Optional<WebServer> web = Optional.empty();
    private boolean tls;
    private String hosts = "";

    enum Listener {
        METRICS("/metrics/exporter", "/-/healthy"),
        WEB("/style.css", "/healthz");

        private final String path;
        private final String health;

        Listener(String path, String health) {
            this.path = path;
            this.health = health;
        }
    }

    @BeforeAll
    static void makeKeys() throws Exception {
        certificates = new Certificates(keys);
        certificates.authority("ca");
        certificates.authority("stranger");
        certificates.signed("server", "ca", "EC", "-ext", LOCAL);
        certificates.signed("renewed", "ca", "RSA", "-ext", LOCAL);
        certificates.signed("client", "ca", "EC", "-ext", "san=dns:prometheus.example,ip:192.0.2.1");
        certificates.signed("outsider", "stranger", "EC");
    }

    @BeforeEach
    void install() throws Exception {
        install("server");
        Files.copy(certificates.pem("ca"), directory.resolve("clients.pem"));
    }

    private void install(String server) throws Exception {
        Files.writeString(directory.resolve("cert.pem"), Files.readString(certificates.pem(server)));
        Files.writeString(directory.resolve("key.pem"), Files.readString(certificates.keyPem(server)));
    }

    private void write(String yaml) throws IOException {
        Files.writeString(directory.resolve("web.yaml"), yaml);
    }

    private WebConfig people() throws SettingsException {
        return ConfigLoader.load(Optional.empty(), Map.of("MLFLOW_EXPORTER_WEB_HOSTS", hosts), Map.of())
                .config()
                .web();
    }

    private void serve(String yaml) throws IOException, SettingsException {
        write(yaml);
        var file = Optional.of(WebFileLoader.load(directory.resolve("web.yaml"), clock));
        tls = file.get().tls().isPresent();
        AccessGates gates =
                AccessGates.of(new WebFiles(file, file), people(), live, clock, new Reloads(live, clock, nanos::get));
        metrics = Optional.of(new MetricsServer(LOOPBACK, () -> Exposition.EMPTY, live, clock, gates.metrics()));
        web = Optional.of(new WebServer(
                LOOPBACK,
                () -> {
                    throw new AssertionError("not asked for");
                },
                () -> ScrapeCounts.NONE,
                List.of(),
                Optional.empty(),
                new Estimates(
                        Optional::empty,
                        wanted -> {
                            throw new AssertionError("not asked for");
                        },
                        clock),
                () -> {
                    throw new AssertionError("not asked for");
                },
                clock,
                gates.web()));
    }

    @AfterEach
    void stop() {
        web.ifPresent(WebServer::close);
        metrics.ifPresent(MetricsServer::close);
    }

    private void pass(Duration time) {
        nanos.addAndGet(time.toNanos());
    }

    /** Past the second in which files are not looked at again. */
    private void later() {
        pass(Duration.ofSeconds(2));
    }

    private URI uri(Listener listener, String path) {
        int port = listener == Listener.METRICS
                ? metrics.orElseThrow().port()
                : web.orElseThrow().port();
        return URI.create((tls ? "https" : "http") + "://127.0.0.1:" + port + path);
    }

    /** A new connection of someone with a certificate, who trusts its authority. */
    private static HttpClient client(String name) throws Exception {
        return HttpClient.newBuilder().sslContext(certificates.server(name)).build();
    }

    private static HttpClient anyone() throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {trust()}, null);
        return HttpClient.newBuilder().sslContext(context).build();
    }

    private static TrustManager trust() throws Exception {
        var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        var store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setCertificateEntry(
                "ca", PemFiles.certificates(certificates.pem("ca")).get(0));
        factory.init(store);
        return factory.getTrustManagers()[0];
    }

    private HttpResponse<String> get(HttpClient client, Listener listener, String path, String... headers)
            throws IOException, InterruptedException {
        return send(client, "GET", listener, path, headers);
    }

    private HttpResponse<String> send(
            HttpClient client, String method, Listener listener, String path, String... headers)
            throws IOException, InterruptedException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(uri(listener, path)).method(method, BodyPublishers.noBody());
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.send(request.build(), BodyHandlers.ofString());
    }

    private static String basic(String pair) {
        return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @EnumSource
    void tlsIsSpokenAndNothingElse(Listener listener) throws Exception {
        serve(TLS);

        HttpResponse<String> answer = get(anyone(), listener, listener.path);
        assertThat(answer.statusCode()).isEqualTo(200);
        SSLSession session = answer.sslSession().orElseThrow();
        assertThat(session.getProtocol()).isEqualTo("TLSv1.3");
        assertThat(answer.version()).isEqualTo(HttpClient.Version.HTTP_1_1);
        tls = false;
        assertThatThrownBy(() -> get(HttpClient.newHttpClient(), listener, listener.path))
                .isInstanceOf(IOException.class);
    }

    @ParameterizedTest
    @EnumSource
    void aClientNeedsACertificateOfTheAuthority(Listener listener) throws Exception {
        serve(TLS + CLIENTS + "  client_allowed_sans: [other.example, prometheus.example]\n");

        assertThat(get(client("client"), listener, listener.path).statusCode()).isEqualTo(200);
        HttpClient none = anyone();
        assertThatThrownBy(() -> get(none, listener, listener.path)).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> get(none, listener, listener.health)).isInstanceOf(IOException.class);
        // Of the authority, but with no name that is allowed.
        assertThatThrownBy(() -> get(client("server"), listener, listener.path)).isInstanceOf(IOException.class);
        later();
        write(TLS + CLIENTS + "  client_allowed_sans: ['192.0.2.1']\n");
        assertThat(get(client("client"), listener, listener.path).statusCode()).isEqualTo(200);
    }

    @Test
    void anotherAuthoritysClientsAreRefused() throws Exception {
        Files.writeString(directory.resolve("clients.pem"), Files.readString(certificates.pem("stranger")));
        serve(TLS + CLIENTS);
        for (Listener listener : Listener.values()) {
            assertThatThrownBy(() -> get(client("client"), listener, listener.path))
                    .isInstanceOf(IOException.class);
        }
    }

    @ParameterizedTest
    @EnumSource
    void versionsAndSuitesAreThoseAllowed(Listener listener) throws Exception {
        serve(TLS + "  max_version: TLS12\n  cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384]\n");

        SSLSession session = get(anyone(), listener, listener.path).sslSession().orElseThrow();
        assertThat(session.getProtocol()).isEqualTo("TLSv1.2");
        assertThat(session.getCipherSuite()).isEqualTo("TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384");
        later();
        write(TLS + "  min_version: TLS13\n");
        SSLParameters old = new SSLParameters();
        old.setProtocols(new String[] {"TLSv1.2"});
        HttpClient client = HttpClient.newBuilder()
                .sslContext(certificates.server("client"))
                .sslParameters(old)
                .build();
        assertThatThrownBy(() -> get(client, listener, listener.path)).isInstanceOf(IOException.class);
        assertThat(get(anyone(), listener, listener.path)
                        .sslSession()
                        .orElseThrow()
                        .getProtocol())
                .isEqualTo("TLSv1.3");
    }

    @ParameterizedTest
    @EnumSource
    void aRenewedCertificateIsShownWithoutARestart(Listener listener) throws Exception {
        serve(TLS);
        assertThat(shown(listener)).isEqualTo("CN=server");

        install("renewed");
        assertThat(shown(listener)).as("within a second").isEqualTo("CN=server");
        later();
        assertThat(shown(listener)).isEqualTo("CN=renewed");
        assertThat(reloads("done")).isEqualTo(1);
    }

    private String shown(Listener listener) throws Exception {
        return get(anyone(), listener, listener.path)
                .sslSession()
                .orElseThrow()
                .getPeerPrincipal()
                .getName();
    }

    private double reloads(String outcome) {
        return live.scrape(name -> name.equals("mlflow_exporter_file_reloads")).stream()
                .flatMap(family -> family.getDataPoints().stream())
                .filter(point -> outcome.equals(point.getLabels().get("outcome")))
                .mapToDouble(point -> ((CounterDataPointSnapshot) point).getValue())
                .sum();
    }

    @Test
    void aBrokenChangeLeavesWhatWasInForce() throws Exception {
        serve(TLS + USERS);
        HttpClient client = anyone();

        for (String broken : List.of(
                TLS + "basic_auth_user: {}\n",
                "basic_auth_users: {}\n",
                TLS + CLIENTS.replace("clients", "gone") + USERS)) {
            write(broken);
            later();
            assertThat(get(client, Listener.METRICS, "/metrics", "Authorization", basic("ana:right"))
                            .statusCode())
                    .as(broken)
                    .isEqualTo(200);
            assertThat(get(client, Listener.METRICS, "/metrics").statusCode()).isEqualTo(401);
        }
        assertThat(reloads("failed")).isEqualTo(3);
        // Asked again in vain, it is told once; and taken over when the file that was missing comes.
        pass(Duration.ofSeconds(31));
        get(client, Listener.METRICS, "/metrics");
        assertThat(reloads("failed")).isEqualTo(3);
        Files.copy(certificates.pem("ca"), directory.resolve("gone.pem"));
        pass(Duration.ofSeconds(31));
        get(client, Listener.METRICS, "/metrics");
        assertThat(reloads("done")).isEqualTo(1);
        assertThatThrownBy(() -> get(anyone(), Listener.METRICS, "/metrics")).isInstanceOf(IOException.class);
    }

    @ParameterizedTest
    @EnumSource
    void usersNeedPasswordsButProbesDoNot(Listener listener) throws Exception {
        serve(USERS);
        HttpClient client = HttpClient.newHttpClient();

        assertThat(get(client, listener, listener.path, "Authorization", basic("ana:right"))
                        .statusCode())
                .isEqualTo(200);
        HttpResponse<String> none = get(client, listener, listener.path);
        assertThat(none.statusCode()).isEqualTo(401);
        assertThat(none.headers().firstValue("WWW-Authenticate")).isPresent();
        assertThat(get(client, listener, "/nothing").statusCode()).isEqualTo(401);
        assertThat(get(client, listener, listener.health).statusCode()).isEqualTo(200);
        for (int i = 0; i < FailureLimit.BURST; i++) {
            assertThat(get(client, listener, listener.path, "Authorization", basic("ana:no"))
                            .statusCode())
                    .isEqualTo(401);
        }
        HttpResponse<String> limited = get(client, listener, listener.path, "Authorization", basic("ana:no"));
        assertThat(limited.statusCode()).isEqualTo(429);
        assertThat(limited.headers().firstValue("Retry-After")).contains("30");
        assertThat(get(client, listener, listener.health).statusCode()).isEqualTo(200);
    }

    @ParameterizedTest
    @EnumSource
    void whatAReloadWouldOpenStaysClosed(Listener listener) throws Exception {
        serve(USERS + "rate_limit: {interval: 0s}\n");
        HttpClient client = HttpClient.newHttpClient();

        for (String less :
                List.of("", "{}", "# basic_auth_users\n", "basic_auth_users:\n", "rate_limit: {interval: 0s}\n")) {
            write(less);
            later();
            assertThat(get(client, listener, listener.path).statusCode())
                    .as(less)
                    .isEqualTo(401);
        }
        assertThat(reloads("done")).isZero();
        assertThat(reloads("failed")).isEqualTo(5);
        write(USERS.replace("{ana:", "{eve:"));
        later();
        assertThat(get(client, listener, listener.path, "Authorization", basic("ana:right"))
                        .statusCode())
                .isEqualTo(401);
        assertThat(get(client, listener, listener.path, "Authorization", basic("eve:right"))
                        .statusCode())
                .isEqualTo(200);
    }

    @ParameterizedTest
    @EnumSource
    void clientsStillNeedTheirCertificatesAfterAFileWasCutOff(Listener listener) throws Exception {
        String names = "  client_allowed_sans: [prometheus.example]\n";
        serve(TLS + CLIENTS + names);

        for (String less : List.of(TLS, TLS + CLIENTS, TLS + CLIENTS.replace("RequireAndVerify", "Request") + names)) {
            write(less);
            later();
            assertThatThrownBy(() -> get(anyone(), listener, listener.path)).isInstanceOf(IOException.class);
            assertThatThrownBy(() -> get(client("server"), listener, listener.path))
                    .isInstanceOf(IOException.class);
        }
        assertThat(reloads("done")).isZero();
        assertThat(get(client("client"), listener, listener.path).statusCode()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"min_version: TLS13", "cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384]"})
    void aFileThatWasCutOffAllowsNoOlderTlsAndNoOtherSuites(String lost) throws Exception {
        serve(TLS + "  " + lost + "\n");

        write(TLS);
        later();

        assertThat(get(anyone(), Listener.METRICS, "/metrics").statusCode()).isEqualTo(200);
        assertThat(reloads("done")).isZero();
        assertThat(reloads("failed")).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource
    void everyAnswerHasTheSecurityHeaders(Listener listener) throws Exception {
        serve(USERS + "http_server_config: {headers: {X-Frame-Options: sameorigin, X-XSS-Protection: '0'}}\n");
        HttpClient client = HttpClient.newHttpClient();
        String right = basic("ana:right");

        for (HttpResponse<String> answer : List.of(
                get(client, listener, listener.path, "Authorization", right),
                get(client, listener, "/nothing", "Authorization", right),
                get(client, listener, listener.path),
                get(client, listener, listener.health),
                send(client, "DELETE", listener, "/", "Authorization", right))) {
            assertThat(answer.headers().map()).as(answer.toString()).containsKeys(HEADERS.toArray(String[]::new));
            assertThat(answer.headers().allValues("X-Frame-Options")).containsExactly("sameorigin");
            assertThat(answer.headers().allValues("X-XSS-Protection")).containsExactly("0");
            assertThat(answer.headers().firstValue("Content-Security-Policy").orElseThrow())
                    .contains("default-src 'none'", "frame-ancestors 'none'")
                    .doesNotContain("script-src");
            assertThat(answer.headers().firstValue("Server")).isEmpty();
        }
    }

    /** What a browser sends for a page whose name was given the exporter's address; the JDK's client lets nobody set it. */
    private String named(Listener listener, String path, String host) throws IOException {
        return RawHttp.ask(uri(listener, path), "GET " + path + " HTTP/1.1", "Host: " + host);
    }

    @Test
    void aForeignNameIsRefusedWhereNamesAreConfigured() throws Exception {
        hosts = "exporter.example.com";
        serve("{}");

        assertThat(named(Listener.WEB, "/style.css", "exporter.example.com:9819"))
                .startsWith("HTTP/1.1 200 ");
        assertThat(named(Listener.WEB, "/style.css", "rebound.example:9819"))
                .startsWith("HTTP/1.1 403 ")
                .contains("Content-Security-Policy");
        // Probes ask by address, and so does Prometheus the other listener.
        assertThat(named(Listener.WEB, "/healthz", "10.0.0.7:9819")).startsWith("HTTP/1.1 200 ");
        assertThat(named(Listener.METRICS, "/metrics", "10.0.0.7:9818")).startsWith("HTTP/1.1 200 ");
        assertThat(named(Listener.METRICS, "/metrics", "rebound.example:9818"))
                .startsWith("HTTP/1.1 403 ")
                .contains("Content-Security-Policy");
        assertThat(named(Listener.METRICS, "/-/healthy", "rebound.example:9818"))
                .startsWith("HTTP/1.1 200 ");
    }

    @ParameterizedTest
    @EnumSource
    void requestsThatAreNoHttpAreRefusedQuietlyAndWithTheHeadersOfEveryAnswer(Listener listener) throws Exception {
        serve("{}");
        Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        log.start();
        root.addAppender(log);
        try {
            for (String[] bad : List.of(
                    new String[] {"GET / HTTP/1.1", "Host: a", "Host: b"},
                    new String[] {"GET / HTTP/1.1", "Content-Length: 1", "Transfer-Encoding: chunked", "Host: a"},
                    new String[] {"GET / HTTP/1.1"},
                    new String[] {"GET /%zz HTTP/1.1", "Host: a"},
                    new String[] {"GET /a/%2e%2e/ HTTP/1.1", "Host: a"},
                    new String[] {"nonsense"})) {
                String answer = RawHttp.ask(uri(listener, "/"), bad);
                assertThat(answer).as(String.join("|", bad)).matches("(?s)HTTP/1.1 40[04] .*");
                for (String header : HEADERS) {
                    assertThat(answer).as(String.join("|", bad)).containsIgnoringCase("\n" + header + ": ");
                }
            }
        } finally {
            root.detachAppender(log);
        }
        // The parser's own warnings are taken off by LogSetup.
        assertThat(log.list)
                .noneMatch(event -> event.getLevel().isGreaterOrEqual(Level.WARN)
                        && !event.getLoggerName().equals("org.eclipse.jetty.http.HttpParser"));
    }

    @Test
    void nothingElseThanGetIsAnsweredOnTheMetricsListener() throws Exception {
        serve("{}");
        for (String path : List.of("/", "/metrics", "/metrics/exporter", "/-/healthy")) {
            for (String method : List.of("POST", "PUT", "TRACE", "DELETE", "OPTIONS")) {
                assertThat(send(HttpClient.newHttpClient(), method, Listener.METRICS, path)
                                .statusCode())
                        .as(method + " " + path)
                        .isEqualTo(405);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void onlySuitesWithForwardSecrecyAndAuthenticatedEncryptionAreOffered(Listener listener) throws Exception {
        install("renewed");
        serve(TLS);
        for (String suite : List.of(
                "TLS_RSA_WITH_AES_128_GCM_SHA256",
                "TLS_RSA_WITH_AES_128_CBC_SHA",
                "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256")) {
            assertThatThrownBy(() -> get(speaking("TLSv1.2", suite), listener, listener.path))
                    .as(suite)
                    .isInstanceOf(IOException.class);
        }
        assertThat(get(speaking("TLSv1.2", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"), listener, listener.path)
                        .statusCode())
                .isEqualTo(200);
    }

    private static HttpClient speaking(String version, String suite) throws Exception {
        SSLParameters parameters = new SSLParameters(new String[] {suite}, new String[] {version});
        return HttpClient.newBuilder()
                .sslContext(certificates.server("client"))
                .sslParameters(parameters)
                .build();
    }

    @ParameterizedTest
    @EnumSource
    void aConnectionIsNotNegotiatedAnew(Listener listener) throws Exception {
        serve(TLS + "  max_version: TLS12\n");
        SSLContext context = certificates.server("client");
        URI address = uri(listener, listener.path);
        try (SSLSocket socket =
                (SSLSocket) context.getSocketFactory().createSocket(address.getHost(), address.getPort())) {
            socket.setSoTimeout(20_000);
            socket.startHandshake();
            assertThatThrownBy(() -> {
                        socket.startHandshake();
                        socket.getOutputStream()
                                .write(("GET " + listener.path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                                        .getBytes(StandardCharsets.US_ASCII));
                        if (socket.getInputStream().read() < 0) {
                            throw new IOException("closed");
                        }
                    })
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void nothingCanBeChangedThere() throws Exception {
        serve("{}");
        HttpClient client = HttpClient.newHttpClient();
        for (String method : List.of("POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE")) {
            for (String path : List.of("/", "/api/v1/status", "/healthz", "/readyz", "/style.css")) {
                assertThat(send(client, method, Listener.WEB, path).statusCode())
                        .as(method + " " + path)
                        .isEqualTo(405);
            }
            assertThat(send(client, method, Listener.METRICS, "/metrics").statusCode())
                    .as(method)
                    .isEqualTo(405);
        }
        assertThat(send(client, "POST", Listener.WEB, "/-/reload").statusCode()).isEqualTo(403);
    }
}
