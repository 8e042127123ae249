package io.mlflowexporter.testing;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.interfaces.ECPrivateKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** Keys and certificates made on the spot with the JDK's own keytool. */
public final class Certificates {
    private static final String PASSWORD = "changeit";

    private final Path directory;

    /** Makes them in a directory. */
    public Certificates(Path directory) {
        this.directory = directory;
    }

    /** Makes an authority of its own, and gives back the PEM file of its certificate. */
    public Path authority(String name) {
        keytool(
                "-genkeypair",
                "-alias",
                name,
                "-keystore",
                store(name),
                "-keyalg",
                "EC",
                "-dname",
                "CN=" + name,
                "-ext",
                "bc:c",
                "-validity",
                "30");
        return export(name);
    }

    /** Makes a key with a certificate of the authority; more arguments go to keytool where it signs. */
    public void signed(String name, String authority, String algorithm, String... signing) {
        keytool(
                "-genkeypair",
                "-alias",
                name,
                "-keystore",
                store(name),
                "-keyalg",
                algorithm,
                algorithm.equals("EC") ? "-groupname" : "-keysize",
                algorithm.equals("EC") ? "secp256r1" : "2048",
                "-dname",
                "CN=" + name);
        Path request = directory.resolve(name + ".csr");
        keytool("-certreq", "-alias", name, "-keystore", store(name), "-file", request.toString());
        List<String> sign = new ArrayList<>(List.of(
                "-gencert",
                "-alias",
                authority,
                "-keystore",
                store(authority),
                "-rfc",
                "-infile",
                request.toString(),
                "-outfile",
                pem(name).toString()));
        sign.addAll(List.of(signing));
        keytool(sign.toArray(new String[0]));
        keytool(
                "-importcert",
                "-noprompt",
                "-alias",
                authority,
                "-keystore",
                store(name),
                "-file",
                pem(authority).toString());
        keytool(
                "-importcert",
                "-noprompt",
                "-alias",
                name,
                "-keystore",
                store(name),
                "-file",
                pem(name).toString());
    }

    /** For a server with this key that trusts the authority's clients. */
    public SSLContext server(String name) throws IOException, GeneralSecurityException {
        KeyStore keys = load(name);
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(keys, PASSWORD.toCharArray());
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(keys);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(factory.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }

    /** The PEM file of a certificate. */
    public Path pem(String name) {
        return directory.resolve(name + ".pem");
    }

    /** The private key of a name that was signed. */
    public PrivateKey key(String name) throws IOException, GeneralSecurityException {
        return (PrivateKey) load(name).getKey(name, PASSWORD.toCharArray());
    }

    /** The PEM file of a private key, PKCS#8; written anew. */
    public Path keyPem(String name) throws IOException, GeneralSecurityException {
        return write(name + "-key.pem", "PRIVATE KEY", key(name).getEncoded());
    }

    /** Writes bytes as a PEM block. */
    public Path write(String file, String type, byte[] der) throws IOException {
        String text = "-----BEGIN " + type + "-----\n"
                + Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII))
                        .encodeToString(der)
                + "\n-----END " + type + "-----\n";
        return Files.writeString(directory.resolve(file), text);
    }

    /** An RSA key as PKCS#1: what the octet string at the end of its PKCS#8 form holds. */
    public static byte[] pkcs1(PrivateKey key) {
        byte[] der = key.getEncoded();
        // Lengths of keys from 2048 bits on take two bytes; the algorithm is always the same 15 bytes.
        int at = 4 + 3 + 15;
        if (der[at] != 0x04 || der[at + 1] != (byte) 0x82) {
            throw new AssertionError("not an RSA key");
        }
        return Arrays.copyOfRange(der, at + 4, der.length);
    }

    /** A key on the curve P-256 as SEC 1, as {@code openssl ecparam -genkey} writes it but for the public key. */
    public static byte[] sec1(PrivateKey key) {
        byte[] number = ((ECPrivateKey) key).getS().toByteArray();
        byte[] scalar = new byte[32];
        int length = Math.min(32, number.length);
        System.arraycopy(number, number.length - length, scalar, 32 - length, length);
        ByteArrayOutputStream der = new ByteArrayOutputStream();
        der.writeBytes(HexFormat.of().parseHex("30310201010420"));
        der.writeBytes(scalar);
        der.writeBytes(HexFormat.of().parseHex("a00a06082a8648ce3d030107"));
        return der.toByteArray();
    }

    private KeyStore load(String name) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(Path.of(store(name)))) {
            store.load(in, PASSWORD.toCharArray());
        }
        return store;
    }

    private Path export(String name) {
        keytool(
                "-exportcert",
                "-rfc",
                "-alias",
                name,
                "-keystore",
                store(name),
                "-file",
                pem(name).toString());
        return pem(name);
    }

    private String store(String name) {
        return directory.resolve(name + ".p12").toString();
    }

    private static void keytool(String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        command.addAll(List.of(arguments));
        // It lives for half a second, of which compiling well would be half.
        command.add("-J-XX:TieredStopAtLevel=1");
        command.addAll(List.of("-storepass", PASSWORD, "-storetype", "PKCS12"));
        Command.Result result = Command.run(Duration.ofMinutes(1), "", command);
        if (result.exit() != 0) {
            throw new AssertionError(command + ":\n" + result.output());
        }
    }
}
