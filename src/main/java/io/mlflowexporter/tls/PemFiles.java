package io.mlflowexporter.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads certificates and private keys from PEM text (RFC 7468). */
public final class PemFiles {
    private static final int LARGEST_BYTES = 1 << 20;

    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\\s]+)-----END \\1-----");

    /** SEQUENCE { INTEGER 0, AlgorithmIdentifier rsaEncryption } of a PKCS#8 key, without the outer header. */
    private static final byte[] RSA_PREFIX = {
        0x02,
        0x01,
        0x00,
        0x30,
        0x0d,
        0x06,
        0x09,
        0x2a,
        (byte) 0x86,
        0x48,
        (byte) 0x86,
        (byte) 0xf7,
        0x0d,
        0x01,
        0x01,
        0x01,
        0x05,
        0x00
    };

    private PemFiles() {}

    /**
     * All certificates of a file, at least one.
     *
     * @throws IOException if it cannot be read or holds none; the message goes on from the file's name
     */
    public static List<X509Certificate> certificates(Path file) throws IOException, GeneralSecurityException {
        return certificates(text(file));
    }

    /** As {@link #certificates(Path)}, of a text. */
    public static List<X509Certificate> certificates(String pem) throws IOException, GeneralSecurityException {
        List<X509Certificate> found = new ArrayList<>();
        Matcher blocks = BLOCK.matcher(pem);
        CertificateFactory factory = CertificateFactory.getInstance("X.509");
        while (blocks.find()) {
            if (blocks.group(1).endsWith("CERTIFICATE")) {
                found.add(
                        (X509Certificate) factory.generateCertificate(new ByteArrayInputStream(der(blocks.group(2)))));
            }
        }
        if (found.isEmpty()) {
            throw new IOException("no PEM certificate in it");
        }
        return found;
    }

    /** The first private key of a file. */
    public static PrivateKey privateKey(Path file) throws IOException, GeneralSecurityException {
        return privateKey(text(file));
    }

    /** The first private key of a text. */
    public static PrivateKey privateKey(String pem) throws IOException, GeneralSecurityException {
        Matcher blocks = BLOCK.matcher(pem);
        while (blocks.find()) {
            switch (blocks.group(1)) {
                case "PRIVATE KEY" -> {
                    return fromPkcs8(der(blocks.group(2)));
                }
                case "RSA PRIVATE KEY" -> {
                    return fromPkcs8(wrapped(der(blocks.group(2))));
                }
                case "EC PRIVATE KEY" -> {
                    return fromPkcs8(EcKeys.pkcs8(der(blocks.group(2))));
                }
                case "ENCRYPTED PRIVATE KEY" -> throw new IOException("its private key is encrypted");
                default -> {
                    // Certificates and parameters may stand beside the key.
                }
            }
        }
        throw new IOException("no unencrypted PKCS#8, PKCS#1 or SEC 1 private key in it");
    }

    private static String text(Path file) throws IOException {
        return new String(SmallFiles.read(file, LARGEST_BYTES), StandardCharsets.ISO_8859_1);
    }

    private static byte[] der(String base64) throws IOException {
        try {
            return Base64.getMimeDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            throw new IOException("a PEM block in it is not valid base64", e);
        }
    }

    private static PrivateKey fromPkcs8(byte[] der) throws GeneralSecurityException {
        for (String algorithm : List.of("RSA", "EC", "Ed25519")) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
            } catch (InvalidKeySpecException e) {
                // Another algorithm's key: the next is tried.
            }
        }
        throw new InvalidKeySpecException("neither an RSA, an EC nor an Ed25519 key");
    }

    private static byte[] wrapped(byte[] pkcs1) {
        byte[] octets = tagged(0x04, pkcs1);
        byte[] body = new byte[RSA_PREFIX.length + octets.length];
        System.arraycopy(RSA_PREFIX, 0, body, 0, RSA_PREFIX.length);
        System.arraycopy(octets, 0, body, RSA_PREFIX.length, octets.length);
        return tagged(0x30, body);
    }

    static byte[] tagged(int tag, byte[] content) {
        int n = content.length;
        byte[] header = n < 0x80
                ? new byte[] {(byte) tag, (byte) n}
                : n < 0x100
                        ? new byte[] {(byte) tag, (byte) 0x81, (byte) n}
                        : new byte[] {(byte) tag, (byte) 0x82, (byte) (n >> 8), (byte) n};
        byte[] all = new byte[header.length + n];
        System.arraycopy(header, 0, all, 0, header.length);
        System.arraycopy(content, 0, all, header.length, n);
        return all;
    }
}
