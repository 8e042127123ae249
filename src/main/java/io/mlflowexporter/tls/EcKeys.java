package io.mlflowexporter.tls;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;

/** EC private keys as OpenSSL writes them by default (SEC 1, RFC 5915), which the JDK reads in PKCS#8 only. */
final class EcKeys {
    private static final byte[] VERSION_0 = {0x02, 0x01, 0x00};
    private static final byte[] ID_EC_PUBLIC_KEY = {0x06, 0x07, 0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 0x02, 0x01};
    private static final int SEQUENCE = 0x30;
    private static final int OCTET_STRING = 0x04;
    /** Which curve: a field of the key in one form, of what is around it in the other. */
    private static final int PARAMETERS = 0xa0;

    private EcKeys() {}

    /** The same key in the other form. */
    static byte[] pkcs8(byte[] sec1) throws IOException {
        byte[] curve = curve(sec1);
        ByteArrayOutputStream algorithm = new ByteArrayOutputStream();
        algorithm.writeBytes(ID_EC_PUBLIC_KEY);
        algorithm.writeBytes(curve);
        ByteArrayOutputStream key = new ByteArrayOutputStream();
        key.writeBytes(VERSION_0);
        key.writeBytes(PemFiles.tagged(SEQUENCE, algorithm.toByteArray()));
        key.writeBytes(PemFiles.tagged(OCTET_STRING, sec1));
        return PemFiles.tagged(SEQUENCE, key.toByteArray());
    }

    private static byte[] curve(byte[] sec1) throws IOException {
        try {
            ByteBuffer outer = ByteBuffer.wrap(sec1);
            if ((outer.get() & 0xff) == SEQUENCE) {
                ByteBuffer fields = content(outer);
                while (fields.hasRemaining()) {
                    int tag = fields.get() & 0xff;
                    ByteBuffer field = content(fields);
                    if (tag == PARAMETERS) {
                        byte[] bytes = new byte[field.remaining()];
                        field.get(bytes);
                        return bytes;
                    }
                }
            }
        } catch (BufferUnderflowException | IllegalArgumentException e) {
            throw new IOException("its EC private key is cut short", e);
        }
        throw new IOException("its EC private key does not name its curve; convert it to PKCS#8");
    }

    /** The content that a length announces, both taken from the buffer. */
    private static ByteBuffer content(ByteBuffer from) {
        int length = from.get() & 0xff;
        if (length >= 0x80) {
            int bytes = length & 0x7f;
            length = 0;
            for (int i = 0; i < bytes; i++) {
                length = (length << 8) | (from.get() & 0xff);
            }
        }
        ByteBuffer content = from.slice().limit(length);
        from.position(from.position() + length);
        return content;
    }
}
