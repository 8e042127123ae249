package io.mlflowexporter.tls;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;

/** Whether a private key belongs to a certificate. */
public final class KeyMatch {
    private static final byte[] ANYTHING = "mlflow-exporter".getBytes(StandardCharsets.US_ASCII);

    private KeyMatch() {}

    /** Signs something with the one and verifies it with the other. */
    public static boolean belongs(PrivateKey key, PublicKey certified) {
        String scheme = switch (key.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            default -> "EdDSA";
        };
        try {
            Signature signature = Signature.getInstance(scheme);
            signature.initSign(key);
            signature.update(ANYTHING);
            byte[] signed = signature.sign();
            signature.initVerify(certified);
            signature.update(ANYTHING);
            return signature.verify(signed);
        } catch (GeneralSecurityException e) {
            // A key of another algorithm, or on another curve.
            return false;
        }
    }
}
