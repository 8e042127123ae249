package io.mlflowexporter.web.access;

import io.mlflowexporter.settings.Binder;
import io.mlflowexporter.settings.FileChecks;
import io.mlflowexporter.settings.Problems;
import io.mlflowexporter.settings.value.Quoted;
import io.mlflowexporter.tls.KeyMatch;
import io.mlflowexporter.tls.PemFiles;
import io.mlflowexporter.web.access.WebFile.ClientAuth;
import io.mlflowexporter.web.access.WebFile.TlsServer;
import io.mlflowexporter.web.access.WebFile.TlsVersion;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;

/** What must hold between a web configuration file's TLS settings, and what their files must hold. */
final class TlsServerChecks {
    private static final String PATH = "tls_server_config.";
    private static final Pattern UNSAFE = Pattern.compile(".*(_NULL_|_anon_|_EXPORT_|_RC4_|_DES_|_3DES_|_MD5).*");

    private final TlsServer tls;
    private final Binder binder;
    private final Problems problems;

    private TlsServerChecks(TlsServer tls, Binder binder, Problems problems) {
        this.tls = tls;
        this.binder = binder;
        this.problems = problems;
    }

    /** Adds what is wrong, and reads the certificates; empty where there is no TLS, or a problem was added. */
    static Optional<TlsMaterial> check(TlsServer tls, Binder binder, Instant now, Problems problems) {
        return new TlsServerChecks(tls, binder, problems).check(now);
    }

    private Optional<TlsMaterial> check(Instant now) {
        protocol();
        clients();
        boolean cert = one("cert", tls.cert(), "cert_file", tls.certFile());
        boolean key = one("key", tls.key(), "key_file", tls.keyFile());
        one("client_ca", tls.clientCa(), "client_ca_file", tls.clientCaFile());
        if (tls.enabled() && !cert && sound("cert", "cert_file")) {
            problems.error(binder.stand(first()), PATH + "cert_file", "is missing, and so is cert; give one of them");
        }
        if (tls.enabled() && !key && sound("key", "key_file")) {
            problems.error(binder.stand(first()), PATH + "key_file", "is missing, and so is key; give one of them");
        }
        Optional<List<X509Certificate>> chain =
                read("cert", tls.cert(), "cert_file", tls.certFile(), PemFiles::certificates, PemFiles::certificates);
        Optional<PrivateKey> privateKey =
                read("key", tls.key(), "key_file", tls.keyFile(), PemFiles::privateKey, PemFiles::privateKey);
        Optional<List<X509Certificate>> authorities = read(
                "client_ca",
                tls.clientCa(),
                "client_ca_file",
                tls.clientCaFile(),
                PemFiles::certificates,
                PemFiles::certificates);
        if (chain.isEmpty() || privateKey.isEmpty()) {
            return Optional.empty();
        }
        X509Certificate server = chain.get().get(0);
        if (!KeyMatch.belongs(privateKey.get(), server.getPublicKey())) {
            error(tls.keyFile().isPresent() ? "key_file" : "key", "is not the key of the first certificate");
        }
        if (server.getNotAfter().toInstant().isBefore(now)) {
            warn(
                    tls.certFile().isPresent() ? "cert_file" : "cert",
                    "has a certificate that was valid until "
                            + server.getNotAfter().toInstant());
        }
        return Optional.of(new TlsMaterial(chain.get(), privateKey.get(), authorities.orElse(List.of())));
    }

    private void protocol() {
        if (tls.minVersion().compareTo(tls.maxVersion()) > 0) {
            error("min_version", tls.minVersion() + " is newer than max_version " + tls.maxVersion());
        } else if (tls.maxVersion().compareTo(TlsVersion.TLS12) < 0) {
            error("max_version", tls.maxVersion() + " is broken, and Java refuses to speak it; allowed: TLS12, TLS13");
        } else if (tls.minVersion().compareTo(TlsVersion.TLS12) < 0) {
            warn("min_version", tls.minVersion() + " is broken, and Java refuses to speak it: TLS12 is the least");
        }
        Set<String> known = supported();
        for (String suite : tls.cipherSuites()) {
            if (!known.contains(suite)) {
                error(
                        "cipher_suites",
                        Quoted.shown(suite) + " is unknown to this Java or unsafe; allowed: "
                                + known.stream().sorted().collect(Collectors.joining(", ")));
            }
        }
    }

    private static Set<String> supported() {
        try {
            return Arrays.stream(
                            SSLContext.getDefault().getSupportedSSLParameters().getCipherSuites())
                    .filter(suite -> suite.startsWith("TLS_") && !suite.endsWith("_SCSV"))
                    .filter(suite -> !UNSAFE.matcher(suite).matches())
                    .collect(Collectors.toSet());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java has no TLS", e);
        }
    }

    private void clients() {
        ClientAuth auth = tls.clientAuthType();
        boolean authorities = tls.clientCa().isPresent() || tls.clientCaFile().isPresent();
        if (!sound("client_auth_type", "client_ca", "client_ca_file")) {
            return;
        }
        if (authorities && auth == ClientAuth.NO_CLIENT_CERT) {
            error(
                    tls.clientCaFile().isPresent() ? "client_ca_file" : "client_ca",
                    "is set, but client_auth_type is NoClientCert: no client would be asked for a certificate; most"
                            + " likely RequireAndVerifyClientCert is meant");
        }
        if (auth.verified() && !authorities) {
            error(
                    "client_auth_type",
                    auth.spelling() + " needs client_ca_file: else every public authority's certificates would do");
        }
        if (!tls.clientAllowedSans().isEmpty() && !auth.required()) {
            error(
                    "client_allowed_sans",
                    "needs client_auth_type RequireAndVerifyClientCert: else clients without a certificate get in");
        }
        if (auth.required() && !auth.verified()) {
            warn("client_auth_type", auth.spelling() + " accepts any certificate, and so keeps nobody out");
        }
    }

    private interface Reader<F, T> {
        T read(F from) throws IOException, GeneralSecurityException;
    }

    private <T> Optional<T> read(
            String inlineKey,
            Optional<String> inline,
            String fileKey,
            Optional<Path> file,
            Reader<String, T> ofText,
            Reader<Path, T> ofFile) {
        if (inline.isPresent()) {
            return read(inlineKey, "", () -> ofText.read(inline.get()));
        }
        if (file.isEmpty()) {
            return Optional.empty();
        }
        int before = problems.errorCount();
        FileChecks.required(PATH + fileKey, file, binder.stand(PATH + fileKey), problems);
        return problems.errorCount() > before
                ? Optional.empty()
                : read(fileKey, Quoted.shown(file.get().toString()) + ": ", () -> ofFile.read(file.get()));
    }

    private interface Attempt<T> {
        T run() throws IOException, GeneralSecurityException;
    }

    private <T> Optional<T> read(String key, String lead, Attempt<T> attempt) {
        try {
            return Optional.of(attempt.run());
        } catch (IOException e) {
            error(key, lead + e.getMessage());
        } catch (GeneralSecurityException e) {
            error(key, lead + "cannot be used: " + e.getMessage());
        }
        return Optional.empty();
    }

    /** Whether there is one of the two; both are an error. */
    private boolean one(String inlineKey, Optional<?> inline, String fileKey, Optional<?> file) {
        if (inline.isPresent() && file.isPresent()) {
            error(inlineKey, "is set, and so is " + fileKey + "; give one of the two");
        }
        return inline.isPresent() || file.isPresent();
    }

    /** A key that is set, to blame for what is missing. */
    private String first() {
        return binder.origins().entrySet().stream()
                .filter(entry ->
                        entry.getKey().startsWith(PATH) && entry.getValue().line() > 0)
                .min((a, b) -> Integer.compare(a.getValue().line(), b.getValue().line()))
                .orElseThrow()
                .getKey();
    }

    private boolean sound(String... keys) {
        return Arrays.stream(keys).noneMatch(key -> binder.broken().contains(PATH + key));
    }

    private void error(String key, String message) {
        problems.error(binder.stand(PATH + key), PATH + key, message);
    }

    private void warn(String key, String message) {
        problems.warning(binder.stand(PATH + key), PATH + key, message);
    }
}
