package io.mlflowexporter.cli;

import io.mlflowexporter.config.MlflowConfig.Tls;
import io.mlflowexporter.tls.KeyStores;
import io.mlflowexporter.tls.PemFiles;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import javax.net.ssl.SSLContext;

/**
 * Lets MLflow's own Java client trust what {@code mlflow.tls.ca_file} says. That client has no setting for it and trusts what the
 * JDK does; so the JDK is told, for the rest of this process. All else that this process asks has an {@link SSLContext} of its own
 * or the default one, which is made before and stays as it was.
 */
final class ClientTrust {
    private static final String STORE = "javax.net.ssl.trustStore";
    /** Certificates are no secrets; the format wants a password all the same. */
    private static final String PASSWORD = "certificates";

    private ClientTrust() {}

    /**
     * Tells the JDK, before that client is made.
     *
     * @throws IOException if the file cannot be used, with a line for the user
     */
    static void install(Tls tls) throws IOException {
        if (tls.caFile().isEmpty() || tls.insecure()) {
            return;
        }
        Path authorities = tls.caFile().get();
        try {
            SSLContext.getDefault();
            KeyStore store = KeyStores.trusting(PemFiles.certificates(authorities));
            // Readable and writable by its owner only.
            Path file = Files.createTempFile("mlflow-exporter-ca", ".p12");
            file.toFile().deleteOnExit();
            try (OutputStream out = Files.newOutputStream(file)) {
                store.store(out, PASSWORD.toCharArray());
            }
            System.setProperty(STORE, file.toString());
            System.setProperty(STORE + "Type", KeyStores.TYPE);
            System.setProperty(STORE + "Password", PASSWORD);
        } catch (IOException | GeneralSecurityException e) {
            throw new IOException("mlflow.tls.ca_file: " + authorities + " cannot be used: " + e.getMessage(), e);
        }
    }
}
