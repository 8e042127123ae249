package io.mlflowexporter.mlflow.rest;

import io.mlflowexporter.config.MlflowConfig.Tls;
import io.mlflowexporter.mlflow.MlflowException;
import io.mlflowexporter.tls.KeyStores;
import io.mlflowexporter.tls.PemFiles;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/** Trust and client identity from the configuration. */
final class TlsContexts {
    private static final char[] NO_PASSWORD = {};

    private TlsContexts() {}

    /**
     * Empty where the JDK's own settings do.
     *
     * @throws MlflowException if a file cannot be read, with a line for the user
     */
    static Optional<SSLContext> of(Tls tls) throws MlflowException {
        if (tls.caFile().isEmpty() && tls.certFile().isEmpty() && !tls.insecure()) {
            return Optional.empty();
        }
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys(tls), trust(tls), null);
            return Optional.of(context);
        } catch (GeneralSecurityException e) {
            throw failure("TLS cannot be set up", e);
        }
    }

    private static KeyManager @Nullable [] keys(Tls tls) throws MlflowException {
        if (tls.certFile().isEmpty()) {
            return null;
        }
        Path certFile = tls.certFile().get();
        Path keyFile = tls.keyFile().orElse(certFile);
        try {
            Certificate[] chain = PemFiles.certificates(certFile).toArray(new Certificate[0]);
            KeyStore store = KeyStores.empty();
            store.setKeyEntry("client", PemFiles.privateKey(keyFile), NO_PASSWORD, chain);
            KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            factory.init(store, NO_PASSWORD);
            return factory.getKeyManagers();
        } catch (IOException | GeneralSecurityException e) {
            throw failure("cannot use the client certificate in " + certFile + " with the key in " + keyFile, e);
        }
    }

    private static TrustManager @Nullable [] trust(Tls tls) throws MlflowException {
        if (tls.insecure()) {
            return new TrustManager[] {new TrustAll()};
        }
        if (tls.caFile().isEmpty()) {
            return null;
        }
        Path file = tls.caFile().get();
        try {
            TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(KeyStores.trusting(PemFiles.certificates(file)));
            return factory.getTrustManagers();
        } catch (IOException | GeneralSecurityException e) {
            throw failure("cannot use the certificates in " + file, e);
        }
    }

    private static MlflowException failure(String what, Exception e) {
        return new MlflowException(
                MlflowException.Kind.UNREACHABLE,
                what + ": " + e.getClass().getSimpleName() + ": " + OneLine.of(String.valueOf(e.getMessage()))
                        + "; check mlflow.tls",
                e);
    }

    /** Asked for by {@code mlflow.tls.insecure}; extended, for then no host name is compared either. */
    private static final class TrustAll extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
