package io.mlflowexporter.tls;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.List;

/** Stores of keys and certificates in memory. */
public final class KeyStores {
    /** Their format. */
    public static final String TYPE = "PKCS12";

    private KeyStores() {}

    /** One with nothing in it. */
    public static KeyStore empty() throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance(TYPE);
        store.load(null, null);
        return store;
    }

    /** One of certificates to trust. */
    public static KeyStore trusting(List<X509Certificate> certificates) throws IOException, GeneralSecurityException {
        KeyStore store = empty();
        for (int i = 0; i < certificates.size(); i++) {
            store.setCertificateEntry("ca" + i, certificates.get(i));
        }
        return store;
    }
}
