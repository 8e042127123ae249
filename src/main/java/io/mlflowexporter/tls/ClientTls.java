package io.mlflowexporter.tls;

import io.mlflowexporter.reload.FileKind;
import io.mlflowexporter.reload.ReloadSource;
import io.mlflowexporter.reload.Reloads;
import io.mlflowexporter.reload.WatchedFile;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;

/** Whom a client trusts and how it shows who it is, by files that are reread when they change. */
public final class ClientTls {
    private static final char[] NO_PASSWORD = {};

    private ClientTls() {}

    /**
     * Where it stands.
     *
     * @param key empty: in the file of the certificate
     * @param insecure accept any certificate and host name
     */
    public record Options(Optional<Path> ca, Optional<Path> cert, Optional<Path> key, boolean insecure) {
        /** Trusts a file's certificates, and no others. */
        public static Options trusting(Path ca) {
            return new Options(Optional.of(ca), Optional.empty(), Optional.empty(), false);
        }

        /** Whether the JDK's own settings do. */
        boolean isDefault() {
            return ca.isEmpty() && cert.isEmpty() && !insecure;
        }
    }

    /**
     * Empty where the JDK's own settings do.
     *
     * @param reloads by which the files are read again
     * @throws IOException if a file cannot be used, with its name and the reason
     */
    public static Optional<SSLContext> context(Options options, Reloads reloads) throws IOException {
        if (options.isDefault()) {
            return Optional.empty();
        }
        TrustManager[] trust = options.insecure()
                ? new TrustManager[] {new TrustAnyone()}
                : options.ca().isPresent()
                        ? new TrustManager[] {new Trust(options.ca().get(), reloads)}
                        : null;
        KeyManager[] keys = options.cert().isPresent()
                ? new KeyManager[] {
                    new Identity(
                            options.cert().get(),
                            options.key().orElse(options.cert().get()),
                            reloads)
                }
                : null;
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys, trust, null);
            // A session that is resumed asks neither: it would outlive the files it began with.
            context.getClientSessionContext().setSessionTimeout(1);
            return Optional.of(context);
        } catch (GeneralSecurityException e) {
            throw failure("TLS cannot be set up", e);
        }
    }

    /** A context that trusts a file's certificates, and no others. */
    public static SSLContext trusting(Path ca, Reloads reloads) throws IOException {
        return context(Options.trusting(ca), reloads).orElseThrow();
    }

    private static IOException failure(String what, Exception e) {
        return new IOException(what + ": " + e.getClass().getSimpleName() + ": " + e.getMessage(), e);
    }

    private static X509ExtendedTrustManager trust(Path file) throws IOException, GeneralSecurityException {
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(KeyStores.trusting(PemFiles.certificates(file)));
        return only(factory.getTrustManagers(), X509ExtendedTrustManager.class);
    }

    private static X509ExtendedKeyManager identity(Path certFile, Path keyFile)
            throws IOException, GeneralSecurityException {
        Certificate[] chain = PemFiles.certificates(certFile).toArray(new Certificate[0]);
        PrivateKey key = PemFiles.privateKey(keyFile);
        // Two files are never replaced at once: in between they do not belong together.
        if (!KeyMatch.belongs(key, chain[0].getPublicKey())) {
            throw new GeneralSecurityException("the key is not the certificate's");
        }
        KeyStore store = KeyStores.empty();
        store.setKeyEntry("client", key, NO_PASSWORD, chain);
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, NO_PASSWORD);
        return only(factory.getKeyManagers(), X509ExtendedKeyManager.class);
    }

    private static <T> T only(Object[] managers, Class<T> kind) throws GeneralSecurityException {
        return Arrays.stream(managers)
                .filter(kind::isInstance)
                .map(kind::cast)
                .findFirst()
                .orElseThrow(() -> new GeneralSecurityException("this Java has no X.509 managers"));
    }

    private static <T> WatchedFile<T> watch(PemSource<T> source, Reloads reloads)
            throws IOException, GeneralSecurityException {
        return new WatchedFile<>(FileKind.CLIENT_CERTIFICATE, source.read(), source, reloads);
    }

    @FunctionalInterface
    private interface Reading<T> {
        T read() throws IOException, GeneralSecurityException;
    }

    private record PemSource<T>(List<Path> paths, Reading<T> reading) implements ReloadSource<T> {
        @Override
        public T read() throws IOException, GeneralSecurityException {
            return reading.read();
        }

        @Override
        public List<Path> files(T read) {
            return paths;
        }

        @Override
        public String summary(T read) {
            return "certificates of a client";
        }
    }

    /** Trusts what the file says at each handshake. */
    private static final class Trust extends X509ExtendedTrustManager {
        private final WatchedFile<X509ExtendedTrustManager> file;

        Trust(Path file, Reloads reloads) throws IOException {
            try {
                this.file = watch(new PemSource<>(List.of(file), () -> trust(file)), reloads);
            } catch (IOException | GeneralSecurityException e) {
                throw failure("cannot use the certificates in " + file, e);
            }
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
                throws CertificateException {
            file.current().checkClientTrusted(chain, authType, socket);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
                throws CertificateException {
            file.current().checkServerTrusted(chain, authType, socket);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
                throws CertificateException {
            file.current().checkClientTrusted(chain, authType, engine);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
                throws CertificateException {
            file.current().checkServerTrusted(chain, authType, engine);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
            file.current().checkClientTrusted(chain, authType);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
            file.current().checkServerTrusted(chain, authType);
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return file.last().getAcceptedIssuers();
        }
    }

    /** Shows what the files say at each handshake: they are looked at when a handshake chooses. */
    private static final class Identity extends X509ExtendedKeyManager {
        private final WatchedFile<X509ExtendedKeyManager> files;

        Identity(Path certFile, Path keyFile, Reloads reloads) throws IOException {
            try {
                this.files =
                        watch(new PemSource<>(List.of(certFile, keyFile), () -> identity(certFile, keyFile)), reloads);
            } catch (IOException | GeneralSecurityException e) {
                throw failure("cannot use the client certificate in " + certFile + " with the key in " + keyFile, e);
            }
        }

        @Override
        public String chooseClientAlias(String[] keyType, Principal[] issuers, Socket socket) {
            return files.current().chooseClientAlias(keyType, issuers, socket);
        }

        @Override
        public String chooseEngineClientAlias(String[] keyType, Principal[] issuers, SSLEngine engine) {
            return files.current().chooseEngineClientAlias(keyType, issuers, engine);
        }

        @Override
        public String[] getClientAliases(String keyType, Principal[] issuers) {
            return files.last().getClientAliases(keyType, issuers);
        }

        @Override
        public String[] getServerAliases(String keyType, Principal[] issuers) {
            return files.last().getServerAliases(keyType, issuers);
        }

        @Override
        public String chooseServerAlias(String keyType, Principal[] issuers, Socket socket) {
            return files.last().chooseServerAlias(keyType, issuers, socket);
        }

        @Override
        public X509Certificate[] getCertificateChain(String alias) {
            return files.last().getCertificateChain(alias);
        }

        @Override
        public PrivateKey getPrivateKey(String alias) {
            return files.last().getPrivateKey(alias);
        }
    }
}
