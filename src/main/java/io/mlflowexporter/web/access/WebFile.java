package io.mlflowexporter.web.access;

import io.mlflowexporter.settings.RetiredSetting;
import io.mlflowexporter.settings.Setting;
import io.mlflowexporter.settings.value.SpelledConstant;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How a listener is secured, in the format that Prometheus's exporter-toolkit defines and its exporters read with
 * {@code --web.config.file}.
 */
public record WebFile(
        @Setting("TLS. Without a certificate the listener speaks plain HTTP.")
        TlsServer tlsServerConfig,

        @Setting("What is said in every answer.") HttpServer httpServerConfig,

        @Setting(
                value = "User names and the bcrypt hashes of their passwords. Unset: nobody has to say who they are.",
                secret = true)
        Map<String, PasswordHash> basicAuthUsers,

        @Setting("How many requests are answered in all.") RateLimit rateLimit) {

    /** Certificates and what of TLS is allowed. */
    @RetiredSetting(
            key = "curve_preferences",
            reason = "Java 17 chooses curves for the whole process; start with"
                    + " -Djdk.tls.namedGroups=x25519,secp256r1 to choose them",
            accepted = true)
    public record TlsServer(
            @Setting("PEM text: the server's certificate, followed by those that lead to its authority.")
            Optional<String> cert,

            @Setting(value = "PEM text: the certificate's unencrypted private key.", secret = true)
            Optional<String> key,

            @Setting("PEM text: the authorities whose client certificates are accepted.")
            Optional<String> clientCa,

            @Setting("PEM file, instead of `cert`.") Optional<Path> certFile,
            @Setting("PEM file, instead of `key`.") Optional<Path> keyFile,

            @Setting(
                    value = "Whether clients need certificates. Only RequireAndVerifyClientCert keeps anyone out:"
                            + " RequestClientCert and RequireAnyClientCert look at none, VerifyClientCertIfGiven asks for"
                            + " none.",
                    byDefault = "NoClientCert")
            ClientAuth clientAuthType,

            @Setting("PEM file, instead of `client_ca`.") Optional<Path> clientCaFile,

            @Setting("Names (DNS, IP, e-mail or URI), one of which a client's certificate must have among its subject"
                    + " alternative names, exactly so.")
            List<String> clientAllowedSans,

            @Setting(value = "Oldest version spoken.", byDefault = "TLS12")
            TlsVersion minVersion,

            @Setting(value = "Newest version spoken.", byDefault = "TLS13")
            TlsVersion maxVersion,

            @Setting("Cipher suites for TLS 1.2 and before, by their IANA names, the preferred first. Unset: Java's."
                    + " Those of TLS 1.3 are always on.")
            List<String> cipherSuites,

            @Setting(
                    value = "Whether the server's order of cipher suites counts and not the client's.",
                    byDefault = "true")
            boolean preferServerCipherSuites) {

        /** Whether any of it is set that makes no sense without TLS; exporter-toolkit's rule. */
        public boolean enabled() {
            return cert.isPresent()
                    || key.isPresent()
                    || certFile.isPresent()
                    || keyFile.isPresent()
                    || clientCa.isPresent()
                    || clientCaFile.isPresent()
                    || clientAuthType != ClientAuth.NO_CLIENT_CERT;
        }
    }

    /** What clients must show; named as in Go's crypto/tls. */
    public enum ClientAuth implements SpelledConstant {
        NO_CLIENT_CERT("NoClientCert"),
        REQUEST_CLIENT_CERT("RequestClientCert"),
        REQUIRE_ANY_CLIENT_CERT("RequireAnyClientCert"),
        /** The older name of the one before. */
        REQUIRE_CLIENT_CERT("RequireClientCert"),
        VERIFY_CLIENT_CERT_IF_GIVEN("VerifyClientCertIfGiven"),
        REQUIRE_AND_VERIFY_CLIENT_CERT("RequireAndVerifyClientCert");

        private final String spelling;

        ClientAuth(String spelling) {
            this.spelling = spelling;
        }

        @Override
        public String spelling() {
            return spelling;
        }

        /** Whether a client without a certificate is turned away. */
        public boolean required() {
            return this == REQUIRE_ANY_CLIENT_CERT
                    || this == REQUIRE_CLIENT_CERT
                    || this == REQUIRE_AND_VERIFY_CLIENT_CERT;
        }

        /** Whether a certificate must be of one of the authorities. */
        public boolean verified() {
            return this == VERIFY_CLIENT_CERT_IF_GIVEN || this == REQUIRE_AND_VERIFY_CLIENT_CERT;
        }
    }

    /** Versions of TLS, oldest first. Java speaks none before TLS 1.2; the older names are the toolkit's. */
    public enum TlsVersion implements SpelledConstant {
        TLS10,
        TLS11,
        TLS12,
        TLS13;

        @Override
        public String spelling() {
            return name();
        }
    }

    /** The listener's HTTP. */
    @RetiredSetting(key = "http2", reason = "the listeners speak HTTP/1.1, which every client can", accepted = true)
    public record HttpServer(
            @Setting("Headers of every answer, instead of the exporter's own: Content-Security-Policy, X-Frame-Options,"
                    + " X-Content-Type-Options, X-XSS-Protection and Strict-Transport-Security.")
            Map<String, String> headers) {}

    /** A token bucket for all clients together. */
    public record RateLimit(
            @Setting(
                    value = "Time in which one more request is allowed; 0s: no limit.",
                    byDefault = "0s",
                    min = "0s",
                    max = "1h")
            Duration interval,

            @Setting(value = "Requests allowed at once after a pause.", byDefault = "0", min = "0", max = "1000000")
            int burst) {}
}
