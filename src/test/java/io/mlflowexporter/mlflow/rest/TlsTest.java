package io.mlflowexporter.mlflow.rest;

import static io.mlflowexporter.testing.ScriptedServer.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mlflowexporter.mlflow.MlflowException;
import io.mlflowexporter.mlflow.MlflowException.Kind;
import io.mlflowexporter.testing.Certificates;
import io.mlflowexporter.testing.ScriptedServer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who is trusted, and how this client shows who it is. */
final class TlsTest {
    private static final String LOCAL = "san=ip:127.0.0.1";

    @TempDir
    private static Path directory;

    private static Certificates certificates;
    private static Path authority;

    @BeforeAll
    static void makeKeys() {
        certificates = new Certificates(directory);
        authority = certificates.authority("authority");
        certificates.authority("stranger");
        certificates.signed("server", "authority", "EC", "-ext", LOCAL);
        certificates.signed("elsewhere", "authority", "EC", "-ext", "san=dns:mlflow.example");
        certificates.signed("expired", "authority", "EC", "-ext", LOCAL, "-startdate", "-20d", "-validity", "10");
        certificates.signed("rsa", "authority", "RSA");
        certificates.signed("ec", "authority", "EC");
    }

    private static ScriptedServer server(String name, boolean clients) throws Exception {
        return ScriptedServer.start(certificates.server(name), clients).otherwise(request -> json("{}"));
    }

    private static MlflowException refused(ScriptedServer server, String... settings) throws Exception {
        Client client = Client.of(server.uri(), settings);
        MlflowException failure = client.failure();
        assertThat(failure.kind()).isEqualTo(Kind.UNREACHABLE);
        return failure;
    }

    @Test
    void aPrivateAuthorityIsTrustedWhenItIsConfigured() throws Exception {
        try (ScriptedServer server = server("server", false)) {
            Client client = Client.of(server.uri(), "tls.ca_file", authority.toString());

            assertThat(client.experiments()).isEmpty();
        }
    }

    @Test
    void anUnknownAuthorityIsRefusedWithAHint() throws Exception {
        try (ScriptedServer server = server("server", false)) {
            assertThat(refused(server)).hasMessageContaining("put a private CA's certificate into mlflow.tls.ca_file");
            assertThat(refused(
                            server, "tls.ca_file", certificates.pem("stranger").toString()))
                    .hasMessageContaining("not trusted");
        }
    }

    @Test
    void anotherHostsCertificateIsRefused() throws Exception {
        try (ScriptedServer server = server("elsewhere", false)) {
            assertThat(refused(server, "tls.ca_file", authority.toString()))
                    .hasMessageContaining("the server's certificate is for another host name");
        }
    }

    @Test
    void anExpiredCertificateIsRefused() throws Exception {
        try (ScriptedServer server = server("expired", false)) {
            assertThat(refused(server, "tls.ca_file", authority.toString()))
                    .hasMessageContaining("the server's certificate has expired");
        }
    }

    @Test
    void insecureTakesAnyCertificate() throws Exception {
        for (String name : new String[] {"server", "elsewhere", "expired"}) {
            try (ScriptedServer server = server(name, false)) {
                Client client = Client.of(server.uri(), "tls.insecure", "true");

                assertThat(client.experiments()).as(name).isEmpty();
            }
        }
    }

    @Test
    void aTlsFailureIsNotTriedAgain() throws Exception {
        try (ScriptedServer server = server("server", false)) {
            Client client = Client.of(server.uri());

            client.failure();

            assertThat(client.pauses).isEmpty();
        }
    }

    @Test
    void aPlainServerBehindHttpsIsTold() throws Exception {
        try (ScriptedServer server = ScriptedServer.start()) {
            Client client = Client.of("https://127.0.0.1:" + server.port(), "retries", "0");

            assertThat(client.failure().kind()).isEqualTo(Kind.UNREACHABLE);
        }
    }

    @Test
    void aClientCertificateIsShownInEveryFormOfKey() throws Exception {
        Path rsa1 = certificates.write("rsa1.key", "RSA PRIVATE KEY", Certificates.pkcs1(certificates.key("rsa")));
        Path rsa8 = certificates.write(
                "rsa8.key", "PRIVATE KEY", certificates.key("rsa").getEncoded());
        Path ec8 = certificates.write(
                "ec8.key", "PRIVATE KEY", certificates.key("ec").getEncoded());
        Path ec1 = certificates.write("ec1.key", "EC PRIVATE KEY", Certificates.sec1(certificates.key("ec")));
        try (ScriptedServer server = server("server", true)) {
            accepts(server, certificates.pem("ec"), ec1);
            accepts(server, certificates.pem("rsa"), rsa1);
            accepts(server, certificates.pem("rsa"), rsa8);
            accepts(server, certificates.pem("ec"), ec8);
        }
    }

    private static void accepts(ScriptedServer server, Path certificate, Path key) throws Exception {
        Client separate = Client.of(
                server.uri(),
                "tls.ca_file",
                authority.toString(),
                "tls.cert_file",
                certificate.toString(),
                "tls.key_file",
                key.toString());
        assertThat(separate.experiments()).isEmpty();

        Path both =
                Files.writeString(directory.resolve("both.pem"), Files.readString(key) + Files.readString(certificate));
        Client joined = Client.of(server.uri(), "tls.ca_file", authority.toString(), "tls.cert_file", both.toString());
        assertThat(joined.experiments()).isEmpty();
    }

    @Test
    void aMissingOrUnknownClientCertificateIsRefused() throws Exception {
        Path key = certificates.write(
                "stranger.key", "PRIVATE KEY", certificates.key("stranger").getEncoded());
        try (ScriptedServer server = server("server", true)) {
            refused(server, "retries", "0", "tls.ca_file", authority.toString());
            refused(
                    server,
                    "retries",
                    "0",
                    "tls.ca_file",
                    authority.toString(),
                    "tls.cert_file",
                    certificates.pem("stranger").toString(),
                    "tls.key_file",
                    key.toString());
        }
    }

    @Test
    void filesThatHoldNoKeyOrCertificateAreNamed() throws Exception {
        Path torn = Files.writeString(
                directory.resolve("torn.key"), "-----BEGIN PRIVATE KEY-----\nabc=d\n-----END PRIVATE KEY-----\n");
        Path cut = certificates.write("cut.key", "EC PRIVATE KEY", new byte[] {0x30, 0x50, 0x02, 0x01, 0x01});
        Path encrypted = certificates.write("encrypted.key", "ENCRYPTED PRIVATE KEY", new byte[8]);
        Path none = Files.writeString(directory.resolve("none.key"), "hello");
        for (Path key : new Path[] {torn, cut, encrypted, none}) {
            assertThatThrownBy(() -> Client.of(
                            "https://127.0.0.1:1",
                            "tls.cert_file",
                            certificates.pem("ec").toString(),
                            "tls.key_file",
                            key.toString()))
                    .isInstanceOf(MlflowException.class)
                    .hasMessageContaining("cannot use the client certificate")
                    .hasMessageContaining(key.toString());
        }
        assertThatThrownBy(() -> Client.of("https://127.0.0.1:1", "tls.ca_file", none.toString()))
                .hasMessageContaining("cannot use the certificates in " + none);
    }

    @Test
    void filesAreRereadWhenTheyChange() throws Exception {
        Path ca = Files.copy(certificates.pem("stranger"), directory.resolve("rotating-ca.pem"));
        Path chain = Files.copy(certificates.pem("rsa"), directory.resolve("rotating.pem"));
        Path key = certificates.write(
                "rotating.key", "PRIVATE KEY", certificates.key("rsa").getEncoded());
        try (ScriptedServer server = server("server", true)) {
            Client client = Client.of(
                    server.uri(),
                    "tls.ca_file",
                    ca.toString(),
                    "tls.cert_file",
                    chain.toString(),
                    "tls.key_file",
                    key.toString());
            assertThat(client.failure()).hasMessageContaining("not trusted");

            Files.writeString(ca, Files.readString(authority));
            assertThat(client.experiments()).isEmpty();

            // One of the two files is new: what belonged together stays in force.
            Files.writeString(chain, Files.readString(certificates.pem("ec")));
            Files.writeString(ca, "no certificate");
            assertThat(client.experiments()).isEmpty();

            certificates.write(
                    "rotating.key", "PRIVATE KEY", certificates.key("ec").getEncoded());
            // Within a second the session of before may be resumed.
            for (int i = 0; i < 1_000 && !server.peer().equals("CN=ec"); i++) {
                assertThat(client.experiments()).isEmpty();
            }
            assertThat(server.peer()).isEqualTo("CN=ec");
        }
    }

    @Test
    void aKeyOfAnotherCertificateIsToldAtOnce() {
        assertThatThrownBy(() -> Client.of(
                        "https://127.0.0.1:1",
                        "tls.cert_file",
                        certificates.pem("rsa").toString(),
                        "tls.key_file",
                        certificates
                                .write(
                                        "other.key",
                                        "PRIVATE KEY",
                                        certificates.key("ec").getEncoded())
                                .toString()))
                .hasMessageContaining("the key is not the certificate's; check mlflow.tls");
    }
}
