package io.mlflowexporter.web.access;

import io.mlflowexporter.tls.KeyStores;
import io.mlflowexporter.web.access.WebFile.ClientAuth;
import io.mlflowexporter.web.access.WebFile.TlsServer;
import io.mlflowexporter.web.access.WebFile.TlsVersion;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/** Makes Java's TLS objects out of a web configuration file. */
final class ServerContexts {
    private static final char[] NO_PASSWORD = {};
    private static final Map<TlsVersion, String> VERSIONS =
            Map.of(TlsVersion.TLS12, "TLSv1.2", TlsVersion.TLS13, "TLSv1.3");
    /** The exporter-toolkit's list of suites is for older versions, and cannot switch these off. */
    private static final List<String> TLS13_SUITES =
            List.of("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256");

    private ServerContexts() {}

    static SSLContext context(LoadedWebFile file) throws IOException, GeneralSecurityException {
        SSLContext context = SSLContext.getInstance("TLS");
        TlsMaterial tls = file.tls().orElseThrow();
        context.init(keys(tls), trust(tls, file.config().tlsServerConfig()), null);
        return context;
    }

    /** What is asked of each connection. */
    static SSLParameters parameters(SSLContext context, TlsServer tls) {
        SSLParameters parameters = context.getDefaultSSLParameters();
        parameters.setProtocols(VERSIONS.entrySet().stream()
                .filter(version -> version.getKey().compareTo(tls.minVersion()) >= 0
                        && version.getKey().compareTo(tls.maxVersion()) <= 0)
                .map(Map.Entry::getValue)
                .toArray(String[]::new));
        if (!tls.cipherSuites().isEmpty()) {
            parameters.setCipherSuites(Stream.concat(TLS13_SUITES.stream(), tls.cipherSuites().stream())
                    .distinct()
                    .toArray(String[]::new));
        } else {
            parameters.setCipherSuites(Arrays.stream(parameters.getCipherSuites())
                    .filter(ServerContexts::modern)
                    .toArray(String[]::new));
        }
        parameters.setUseCipherSuitesOrder(tls.preferServerCipherSuites());
        if (tls.clientAuthType().required()) {
            parameters.setNeedClientAuth(true);
        } else if (tls.clientAuthType() != ClientAuth.NO_CLIENT_CERT) {
            parameters.setWantClientAuth(true);
        }
        return parameters;
    }

    /** With forward secrecy and authenticated encryption; Java's own list has others for the sake of old peers. */
    private static boolean modern(String suite) {
        return TLS13_SUITES.contains(suite)
                || (suite.startsWith("TLS_ECDHE_") && (suite.contains("_GCM_") || suite.contains("_CHACHA20_")));
    }

    private static KeyManager[] keys(TlsMaterial tls) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStores.empty();
        store.setKeyEntry("server", tls.key(), NO_PASSWORD, tls.chain().toArray(X509Certificate[]::new));
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, NO_PASSWORD);
        return factory.getKeyManagers();
    }

    private static TrustManager[] trust(TlsMaterial tls, TlsServer config)
            throws IOException, GeneralSecurityException {
        if (!config.clientAuthType().verified()) {
            return new TrustManager[] {new ClientTrust(null, config.clientAllowedSans())};
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(KeyStores.trusting(tls.clientAuthorities()));
        for (TrustManager manager : factory.getTrustManagers()) {
            if (manager instanceof X509ExtendedTrustManager x509) {
                return new TrustManager[] {new ClientTrust(x509, config.clientAllowedSans())};
            }
        }
        throw new GeneralSecurityException("this Java checks no X.509 certificates");
    }
}
