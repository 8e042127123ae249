package io.mlflowexporter.web.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import at.favre.lib.crypto.bcrypt.BCrypt;
import io.mlflowexporter.config.ConfigLoader;
import io.mlflowexporter.config.LoadedConfig;
import io.mlflowexporter.settings.Problem;
import io.mlflowexporter.settings.SettingsException;
import io.mlflowexporter.testing.Certificates;
import io.mlflowexporter.web.access.WebFile.ClientAuth;
import io.mlflowexporter.web.access.WebFile.TlsVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** exporter-toolkit's file, as strictly read as the exporter's own. */
final class WebFileLoaderTest {
    private static final String HASH = BCrypt.withDefaults().hashToString(4, "secret".toCharArray());
    private static final String KEYS = "tls_server_config:\n  cert_file: server.pem\n  key_file: server-key.pem\n";

    @TempDir
    private static Path directory;

    @BeforeAll
    static void makeKeys() throws Exception {
        Certificates certificates = new Certificates(directory);
        certificates.authority("ca");
        certificates.signed("server", "ca", "EC");
        certificates.signed("other", "ca", "EC");
        certificates.keyPem("server");
        certificates.keyPem("other");
        Files.writeString(directory.resolve("junk.pem"), "no certificate");
    }

    private static LoadedWebFile load(String yaml) throws IOException, SettingsException {
        return load(yaml, InstantSource.system());
    }

    private static LoadedWebFile load(String yaml, InstantSource clock) throws IOException, SettingsException {
        return WebFileLoader.load(Files.writeString(directory.resolve("web.yaml"), yaml), clock);
    }

    /** Each problem from the line on. */
    private static List<String> problems(String yaml) {
        SettingsException failure = catchThrowableOfType(SettingsException.class, () -> load(yaml));
        assertThat(failure).as("refused").isNotNull();
        return failure.problems().stream()
                .map(problem -> problem.toString().replace(directory + "/", ""))
                .toList();
    }

    @Test
    void nothingIsAskedForByNothing() throws Exception {
        for (String yaml : List.of("{}", "tls_server_config:\nrate_limit:\nhttp_server_config:\n")) {
            LoadedWebFile loaded = load(yaml);

            assertThat(loaded.tls()).isEmpty();
            assertThat(loaded.config().basicAuthUsers()).isEmpty();
            assertThat(loaded.config().rateLimit().interval()).isZero();
            assertThat(loaded.warnings()).isEmpty();
            assertThat(loaded.summary()).isEqualTo("no TLS, no users");
        }
    }

    @Test
    void everythingThatCanBeSet() throws Exception {
        LoadedWebFile loaded = load(KEYS + """
                  client_auth_type: RequireAndVerifyClientCert
                  client_ca_file: ca.pem
                  client_allowed_sans: [prometheus.example]
                  min_version: TLS13
                  max_version: TLS13
                  cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256]
                  prefer_server_cipher_suites: false
                http_server_config:
                  headers: {X-Frame-Options: sameorigin, Strict-Transport-Security: max-age=60}
                basic_auth_users:
                  ana: '%s'
                rate_limit: {interval: 100ms, burst: 5}
                """.formatted(HASH));

        WebFile.TlsServer tls = loaded.config().tlsServerConfig();
        assertThat(tls.clientAuthType()).isEqualTo(ClientAuth.REQUIRE_AND_VERIFY_CLIENT_CERT);
        assertThat(tls.minVersion()).isEqualTo(TlsVersion.TLS13);
        assertThat(tls.preferServerCipherSuites()).isFalse();
        assertThat(loaded.tls().orElseThrow().clientAuthorities()).hasSize(1);
        assertThat(loaded.config().httpServerConfig().headers()).containsEntry("X-Frame-Options", "sameorigin");
        assertThat(loaded.config().basicAuthUsers()).containsOnlyKeys("ana");
        assertThat(loaded.config().rateLimit()).isEqualTo(new WebFile.RateLimit(Duration.ofMillis(100), 5));
        assertThat(loaded.files())
                .extracting(file -> file.getFileName().toString())
                .containsExactly("web.yaml", "server.pem", "server-key.pem", "ca.pem");
        assertThat(loaded.summary()).isEqualTo("TLS with client certificates, 1 user");
        assertThat(loaded + " " + loaded.config()).doesNotContain(HASH);
    }

    @Test
    void certificatesMayStandInTheFile() throws Exception {
        String yaml = "tls_server_config:\n  client_auth_type: VerifyClientCertIfGiven\n" + inline("cert", "server.pem")
                + inline("key", "server-key.pem") + inline("client_ca", "ca.pem");

        assertThat(load(yaml).tls()).isPresent();
        assertThat(load(yaml).files()).hasSize(1);
        assertThat(problems(yaml + "  cert_file: server.pem\n  key_file: server-key.pem\n  client_ca_file: ca.pem\n"))
                .extracting(problem -> problem.replaceFirst("^web.yaml:[0-9]+: ", ""))
                .containsExactly(
                        "tls_server_config.cert: is set, and so is cert_file; give one of the two",
                        "tls_server_config.key: is set, and so is key_file; give one of the two",
                        "tls_server_config.client_ca: is set, and so is client_ca_file; give one of the two");
    }

    private static String inline(String key, String file) throws IOException {
        return "  " + key + ": |\n" + Files.readString(directory.resolve(file)).indent(4);
    }

    @Test
    void allProblemsAtOnceEachWithItsLine() {
        assertThat(problems("""
                        tls_server_config:
                          cert_file: gone.pem
                          key_file: junk.pem
                          client_auth_type: Always
                          min_version: SSL3
                          cipher_suite: []
                        http_server_config:
                          headers:
                            X-Frame-Options: never
                            Server: me
                        basic_auth_users:
                          ana: secret
                          bob: '$2y$31$DjfukRWlBfkwFnq0SUI.o.uwHpMNzmGPXezmWVwJ1Hbv/mQkJTMPK'
                        rate_limit:
                          interval: 1s
                        """))
                .satisfiesExactly(
                        p -> assertThat(p).startsWith("web.yaml:2: tls_server_config.cert_file: \"gone.pem\": no such"),
                        p -> assertThat(p)
                                .startsWith("web.yaml:3: tls_server_config.key_file: \"junk.pem\": no unencrypted"),
                        p -> assertThat(p)
                                .startsWith("web.yaml:4: tls_server_config.client_auth_type: \"Always\" is unknown;"
                                        + " allowed: NoClientCert, RequestClientCert, "),
                        p -> assertThat(p).endsWith("\"SSL3\" is unknown; allowed: TLS10, TLS11, TLS12, TLS13"),
                        p -> assertThat(p).contains("unknown key; did you mean cipher_suites?"),
                        p -> assertThat(p)
                                .isEqualTo("web.yaml:9: http_server_config.headers.X-Frame-Options: \"never\" is"
                                        + " unknown; allowed: deny, sameorigin"),
                        p -> assertThat(p)
                                .startsWith("web.yaml:10: http_server_config.headers.Server: cannot be configured;"),
                        p -> assertThat(p)
                                .startsWith("web.yaml:12: basic_auth_users.ana: is not a bcrypt hash;")
                                .doesNotContain("secret"),
                        p -> assertThat(p).endsWith("bob: is a bcrypt hash of cost 31; allowed: 4 to 18"),
                        p -> assertThat(p).startsWith("web.yaml:15: rate_limit.burst: is 0 or missing"));
    }

    @Test
    void aCertificateNeedsItsKey() {
        assertThat(problems("tls_server_config:\n  cert_file: server.pem\n  key_file: other-key.pem\n"))
                .containsExactly("web.yaml:3: tls_server_config.key_file: is not the key of the first certificate");
        assertThat(problems("tls_server_config:\n  cert_file: server.pem\n"))
                .containsExactly("web.yaml:2: tls_server_config.key_file: is missing, and so is key; give one of them");
        assertThat(problems("tls_server_config:\n  client_auth_type: RequireAnyClientCert\n"))
                .hasSize(2)
                .allMatch(problem -> problem.contains("is missing, and so is"));
    }

    @Test
    void whatKeepsNobodyOutIsRefused() throws Exception {
        assertThat(problems(KEYS + "  client_ca_file: ca.pem\n"))
                .singleElement()
                .asString()
                .contains(":4: tls_server_config.client_ca_file: is set, but client_auth_type is NoClientCert");
        assertThat(problems(KEYS + "  client_auth_type: RequireAndVerifyClientCert\n"))
                .singleElement()
                .asString()
                .contains("needs client_ca_file");
        assertThat(problems(KEYS + "  client_allowed_sans: [a]\n"))
                .singleElement()
                .asString()
                .contains("client_allowed_sans: needs client_auth_type");
        assertThat(load(KEYS + "  client_auth_type: RequireAnyClientCert\n").warnings())
                .singleElement()
                .asString()
                .contains("RequireAnyClientCert accepts any certificate");
    }

    @Test
    void oldProtocolsAndUnsafeSuitesAreRefused() throws Exception {
        assertThat(problems(KEYS + "  min_version: TLS13\n  max_version: TLS12\n"))
                .containsExactly("web.yaml:4: tls_server_config.min_version: TLS13 is newer than max_version TLS12");
        assertThat(problems(KEYS + "  min_version: TLS10\n  max_version: TLS11\n"))
                .singleElement()
                .asString()
                .contains("TLS11 is broken");
        assertThat(load(KEYS + "  min_version: TLS10\n").warnings())
                .singleElement()
                .asString()
                .contains("TLS10 is broken");
        for (String suite : List.of("TLS_RSA_WITH_NULL_SHA256", "SSL_RSA_WITH_RC4_128_MD5", "TLS_INVENTED")) {
            assertThat(problems(KEYS + "  cipher_suites: [" + suite + "]\n"))
                    .singleElement()
                    .asString()
                    .contains("\"" + suite + "\" is unknown to this Java or unsafe");
        }
    }

    @Test
    void whatHasNoEffectIsAcceptedAndTold() throws Exception {
        assertThat(load(KEYS + "  curve_preferences: [X25519, CurveP256]\nhttp_server_config:\n  http2: true\n")
                        .warnings())
                .satisfiesExactly(
                        w -> assertThat(w)
                                .asString()
                                .contains("web.yaml:4: tls_server_config.curve_preferences: has no effect: ")
                                .contains("-Djdk.tls.namedGroups"),
                        w -> assertThat(w)
                                .asString()
                                .contains("web.yaml:6: http_server_config.http2: has no effect: "));
    }

    @Test
    void whatIsDoubtfulIsTold() throws Exception {
        assertThat(load("basic_auth_users: {ana: '" + HASH + "'}\n").warnings())
                .extracting(Problem::message)
                .containsExactlyInAnyOrder(
                        "is set without tls_server_config: passwords are sent in the clear",
                        "has a bcrypt hash of cost 4, which is fast to guess; 10 suits most");
        assertThat(load(KEYS, InstantSource.fixed(Instant.now().plus(Duration.ofDays(400))))
                        .warnings())
                .singleElement()
                .asString()
                .contains("has a certificate that was valid until");
        assertThat(load("http_server_config: {headers: {Strict-Transport-Security: max-age=1}}\n")
                        .warnings())
                .singleElement()
                .asString()
                .contains("browsers ignore it");
    }

    @Test
    void theConfigurationNamesOneForBothOrOneForEach() throws Exception {
        Files.writeString(directory.resolve("both.yaml"), "{}");
        Files.writeString(directory.resolve("people.yaml"), "basic_auth_users: {ana: '" + HASH + "', bob: wrong}\n");
        Path file = Files.writeString(
                directory.resolve("config.yaml"), "web:\n  config_file: both.yaml\n  web_config_file: people.yaml\n");

        SettingsException failure = catchThrowableOfType(
                SettingsException.class, () -> ConfigLoader.load(Optional.of(file), Map.of(), Map.of()));
        assertThat(failure.problems()).singleElement().asString().contains("people.yaml:1: basic_auth_users.bob");

        Files.writeString(directory.resolve("people.yaml"), "basic_auth_users: {ana: '" + HASH + "'}\n");
        LoadedConfig loaded = ConfigLoader.load(Optional.of(file), Map.of(), Map.of());
        assertThat(loaded.webFiles().metrics().orElseThrow().file()).hasFileName("both.yaml");
        assertThat(loaded.webFiles().web().orElseThrow().summary()).isEqualTo("no TLS, 1 user");
        assertThat(loaded.warnings()).hasSize(2);

        LoadedConfig flag = ConfigLoader.load(
                Optional.empty(),
                Map.of(),
                Map.of("web.config_file", directory.resolve("both.yaml").toString()));
        assertThat(flag.webFiles().all()).hasSize(1);
    }

    @Test
    void anEmptyFileIsWhatAFullDiskLeavesAndIsRefused() {
        for (String yaml : List.of("", "\n", "# basic_auth_users:\n")) {
            assertThat(problems(yaml)).singleElement().asString().contains("is empty, which would open the listeners");
        }
    }

    @Test
    void theExampleIsValid() throws Exception {
        Path copy = directory.resolve("example.yaml");
        Files.writeString(copy, Files.readString(Path.of("docs/web-config.example.yaml")));
        Path certs = Files.createDirectories(directory.resolve("certs"));
        Files.copy(directory.resolve("server.pem"), certs.resolve("server.pem"));
        Files.copy(directory.resolve("server-key.pem"), certs.resolve("server-key.pem"));
        Files.copy(directory.resolve("ca.pem"), certs.resolve("clients-ca.pem"));

        LoadedWebFile loaded = WebFileLoader.load(copy, InstantSource.system());
        assertThat(loaded.warnings()).isEmpty();
        assertThat(loaded.summary()).isEqualTo("TLS with client certificates, 1 user");
    }
}
